// The wall clock: steps, and what they change.

extension Engine {
    /// Wall clock minus boot clock: constant but for steps, and what NTP slews.
    func difference(at now: Moment) -> TimeSpan {
        TimeSpan(microseconds: now.wall.microseconds) - TimeSpan(microseconds: now.boot.microseconds)
    }

    /// `.clockStepped`. A step forward needs nothing here: what it makes due is late or missed like anything else. A
    /// step backward may bring accounted occurrences ahead again.
    mutating func followClock(at now: Moment, into effects: inout [Effect]) {
        let step = difference(at: now) - (clockDifference ?? difference(at: now))
        effects.append(.log(.clockStepped(by: step)))
        switch stage {
        case .holding:
            if !clockIsBehind(now) { endHold(at: now, into: &effects) }
        case .running:
            for slot in slots.indices where slots[slot].standing == .enabled {
                let slot = Int32(truncatingIfNeeded: slot)
                if settle(slot, at: now, into: &effects) { scheduleNext(slot) }
            }
            rearmCompaction(at: now)
        case .loading, .draining, .drained:
            break
        }
    }

    /// No clock that is right is behind the record, or behind the build of this program.
    func clockIsBehind(_ now: Moment) -> Bool {
        now.wall < latestKnown(now)
    }

    /// The latest moment that is known to have been.
    private func latestKnown(_ now: Moment) -> Timestamp {
        max(lastWrittenAt ?? now.wall, programBuiltAt ?? now.wall)
    }

    /// Lets scheduled starts wait for a step, for a while; or until the clock has got there by itself, which after a
    /// small correction backward is soon.
    mutating func hold(at now: Moment, into effects: inout [Effect]) {
        stage = .holding
        let until = now.boot + min(holdLimit, latestKnown(now) - now.wall)
        holdUntil = until
        effects.append(.log(.holdingForClock(until: until)))
    }

    /// The clock was stepped, or the wait is over: work begins by whatever the clock says.
    mutating func endHold(at now: Moment, into effects: inout [Effect]) {
        effects.append(.log(.holdEnded(clockIsBehind: clockIsBehind(now))))
        begin(at: now, into: &effects)
    }
}

/// How long scheduled starts wait for a clock that is behind.
private let holdLimit = TimeSpan.minutes(2)
