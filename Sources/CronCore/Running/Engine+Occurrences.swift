// Occurrences that come due: late, missed, caught up, overlapping.

extension Engine {
    /// The job in `slot` is due. Everything up to now is accounted for at once: the newest occurrence runs if it is
    /// only late, or if it was missed and may be caught up; the rest is noted.
    mutating func comeDue(_ slot: Int32, at now: Moment, into effects: inout [Effect]) {
        guard let due = occurrences.key(of: slot) else { return }
        guard !slots[Int(slot)].account.isPaused else {
            let id = slots[Int(slot)].job.id
            endPause(of: slot, by: "", at: now, into: &effects)
            return effects.append(.log(.resumed(id, by: "")))
        }
        let job = slots[Int(slot)].job
        let offset = slots[Int(slot)].offset
        let limit = now.wall - offset
        let first = due - offset
        var following = job.schedule.next(after: first)
        var newest = first
        if let next = following, next <= limit {
            newest = job.schedule.latest(atOrBefore: limit, after: next) ?? next
            following = job.schedule.next(after: newest)
        }
        let age = now.wall - (newest + offset)
        let isLate = age <= latenessLimit
        let runs = isLate || (job.catchUp == .once && age <= job.catchUpWindow)
        noteMissed(from: first, before: newest, includingIt: !runs, of: slot, at: now, into: &effects)
        if let following { occurrences.set(slot, to: following + offset) } else { occurrences.remove(slot) }
        guard runs else { return }
        startRun(
            at: newest, dueAt: newest + offset, trigger: isLate ? .schedule : .catchUp, of: slot, at: now,
            into: &effects)
    }

    /// Accounts for every occurrence that was due up to `end` and has not been accounted for, with one note and no run.
    mutating func notePassed(
        _ reason: NoteReason, of slot: Int32, through end: Timestamp, at now: Moment, into effects: inout [Effect]
    ) {
        let state = slots[Int(slot)]
        let passed = state.job.schedule.occurrences(
            after: state.account.cursor, through: end - state.offset, limit: countLimit)
        guard let passed else { return }
        moveCursor(of: slot, to: passed.last, at: now, into: &effects)
        note(
            reason, count: passed.count, from: passed.first, to: passed.last,
            detail: passed.isCapped ? "and more, not counted" : "", for: slot, at: now, into: &effects)
    }

    /// Notes the occurrences from `first` on that nobody will carry out, if there are any.
    private mutating func noteMissed(
        from first: Timestamp, before newest: Timestamp, includingIt: Bool, of slot: Int32, at now: Moment,
        into effects: inout [Effect]
    ) {
        let tick = TimeSpan(microseconds: 1)
        let missed = slots[Int(slot)].job.schedule.occurrences(
            after: first - tick, through: includingIt ? newest : newest - tick, limit: countLimit)
        guard let missed else { return }
        moveCursor(of: slot, to: missed.last, at: now, into: &effects)
        note(
            .missed, count: missed.count, from: missed.first, to: missed.last,
            detail: missed.isCapped ? "and more, not counted" : "", for: slot, at: now, into: &effects)
    }

    /// Makes the run of an occurrence, as `Overlap=` allows. A run that only waits for a retry ends.
    private mutating func startRun(
        at occurrence: Timestamp, dueAt: Timestamp, trigger: Trigger, of slot: Int32, at now: Moment,
        into effects: inout [Effect]
    ) {
        if slots[Int(slot)].retrying > 0 {
            supersede(in: slot, at: now, into: &effects)
            advanceQueue(of: slot, at: now, into: &effects)
        }
        let state = slots[Int(slot)]
        let isFree = state.underWay == 0
        moveCursor(of: slot, to: occurrence, at: now, into: &effects)
        switch state.job.overlap {
        case .allow:
            guard state.underWay + state.queued < openRunsLimit else {
                return note(.overflow, from: occurrence, to: occurrence, for: slot, at: now, into: &effects)
            }
        case .queue where !hasQueuedOccurrence(slot): break
        case .skip, .queue:
            guard isFree else {
                return note(.skippedOverlap, from: occurrence, to: occurrence, for: slot, at: now, into: &effects)
            }
        }
        let id = RunID(history: history, job: state.job.id, occurrence: occurrence, epoch: state.account.epoch)
        let run = Run(id: id, trigger: trigger, scheduledAt: occurrence)
        let index = addRun(RunState(run: run, phase: .queued, job: slot, dueAt: dueAt))
        slots[Int(slot)].unrecorded = index
        if isFree || state.job.overlap == .allow { begin(index, at: now, into: &effects) }
    }

    /// Accounts for everything up to `cursor`: what the caller does next with it, in the same event, is on record under
    /// that cursor or waits as the job's unrecorded run. The run that waited so far belongs under the old cursor.
    private mutating func moveCursor(
        of slot: Int32, to cursor: Timestamp, at now: Moment, into effects: inout [Effect]
    ) {
        recordUnrecorded(of: slot, at: now, into: &effects)
        slots[Int(slot)].account.cursor = cursor
    }

    func hasQueuedOccurrence(_ slot: Int32) -> Bool {
        slots[Int(slot)].queued > slots[Int(slot)].triggered
    }
}

/// An occurrence noticed this long after it was due is late, not missed.
private let latenessLimit = TimeSpan.seconds(60)

/// Missed cron occurrences that are counted one by one: a year of minutes would hold up the loop.
private let countLimit = 1_000
