// The stop: nothing starts any more, what is in flight ends or is cut short, and the record says what is left.

extension Engine {
    /// `.drain`: what was due and is unsent is put on record, as pending, and starts first after the next start.
    /// Retries that wait are on record already.
    mutating func beginDrain(at now: Moment, into effects: inout [Effect]) {
        guard stage != .draining, stage != .drained else { return }
        stage = .draining
        for slot in slots.indices where slots[slot].firstRun != none {
            let slot = Int32(truncatingIfNeeded: slot)
            recordUnrecorded(of: slot, at: now, into: &effects)
            shelveParked(of: slot, at: now, into: &effects)
        }
    }

    /// An at-most-once run whose start is on record but whose request never left: without this it would look as if it
    /// had been cut short by a crash.
    private mutating func shelveParked(of slot: Int32, at now: Moment, into effects: inout [Effect]) {
        var index = slots[Int(slot)].firstRun
        while index != none {
            let next = runs[index].next
            if runs[index].phase == .parked, runs[index].startSequence != 0 {
                cutShort(index, at: now, into: &effects)
            }
            index = next
        }
    }

    /// `.drainNow`: cancels what is in flight.
    mutating func cutShort(at now: Moment, into effects: inout [Effect]) {
        beginDrain(at: now, into: &effects)
        guard stage == .draining else { return }
        for slot in slots.indices {
            var index = slots[slot].firstRun
            while index != none {
                let next = runs[index].next
                if runs[index].holdsPlace { cutShort(index, at: now, into: &effects) }
                index = next
            }
        }
    }

    /// Ends an attempt because the daemon stops. Its run is pending, unless it is at-most-once and may have reached the
    /// server. That is neither a failed run nor a reason to trigger anything.
    mutating func cutShort(_ index: Int32, at now: Moment, into effects: inout [Effect]) {
        let state = runs[index]
        let job = slots[Int(state.job)].job
        let wasSent = state.phase == .inFlight
        if wasSent { effects.append(.cancel(runs.key(of: index).attemptKey)) }
        let isEnabled = mayBegin(Int(state.job))
        let goesOn =
            isEnabled && Int(state.attempt) <= job.maxAttempts && (job.delivery == .atLeastOnce || !wasSent)
        conclude(
            index,
            Ending(
                response: .interrupted("shutdown", requestMayHaveLeft: wasSent),
                startedAt: wasSent ? state.startedAt.wall : now.wall, finishedAt: now.wall,
                duration: wasSent ? now.boot - state.startedAt.boot : .zero,
                fate: goesOn ? .retry(after: .zero) : .over(counts: false)),
            at: now, into: &effects)
        if goesOn { recordPending(index, at: now, into: &effects) }
    }

    /// Tells when the drain is complete: nothing is in flight, and every record is on the disk, or cannot be.
    mutating func endDrain(into effects: inout [Effect]) {
        guard limits.inFlight == 0, diskRefuses || synced >= nextSequence - 1 else { return }
        stage = .drained
        effects.append(.drained)
    }
}
