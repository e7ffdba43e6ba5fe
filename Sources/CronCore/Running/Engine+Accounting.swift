// Which occurrences of a job are accounted for: its cursor, and how that begins, ends, and follows the clock.

extension Engine {
    /// Lets a job that was told take part, after the start. For the start itself, see `begin`, which does each step
    /// for all jobs, so that a trigger finds its target.
    mutating func arrive(_ slot: Int32, at now: Moment, into effects: inout [Effect]) {
        let open = adoptAccount(slot, at: now, into: &effects)
        dropOrphans(among: open, in: slot, at: now, into: &effects)
        takeUp(open, in: slot, at: now, into: &effects)
        takePart(slot, at: now, into: &effects)
    }

    /// Takes up the job's account from the history, or from before its absence. Gives the runs that the history leaves
    /// open. It may count more than it has: a power cut can take a record that was not synced and leave a later one. The
    /// occurrence is accounted for all the same, so a note says what became of it.
    mutating func adoptAccount(_ slot: Int32, at now: Moment, into effects: inout [Effect]) -> [OpenRun] {
        let job = slots[Int(slot)].job
        let known = restored.removeValue(forKey: job.id)
        awaited.remove(job.id)
        slots[Int(slot)].standing = job.isEnabled ? .enabled : .disabled
        slots[Int(slot)].offset = job.offset(in: history)
        guard let account = known?.account ?? absent.removeValue(forKey: job.id) else { return [] }
        slots[Int(slot)].account = account
        slots[Int(slot)].account.openRuns = UInt32(clamping: known?.open.count ?? 0)
        slots[Int(slot)].wasRecorded = true
        let open = known?.open ?? []
        if known != nil, Int(account.openRuns) > open.count {
            note(
                .lost, count: UInt64(Int(account.openRuns) - open.count), from: account.cursor, to: account.cursor,
                detail: "not recorded", for: slot, at: now, into: &effects)
        }
        return open
    }

    /// Begins or goes on with the job's accounting, and puts it under its next occurrence.
    mutating func takePart(_ slot: Int32, at now: Moment, into effects: inout [Effect]) {
        let job = slots[Int(slot)].job
        if !job.isEnabled {
            endAccounting(slot, at: now, into: &effects)
        } else if slots[Int(slot)].account.schedule != job.schedule.fingerprint {
            beginAccounting(slot, at: now, into: &effects)
        } else {
            if slots[Int(slot)].account.cursor > now.wall { settle(slot, at: now, into: &effects) }
        }
        scheduleNext(slot)
    }

    /// Begins the accounting at this moment: nothing that was due before it was missed. But an `At=` that has passed is
    /// considered, unless it is the very instant that is done.
    mutating func beginAccounting(_ slot: Int32, at now: Moment, into effects: inout [Effect]) {
        recordUnrecorded(of: slot, at: now, into: &effects)
        recordPauseAgain(of: slot, at: now, into: &effects)
        let job = slots[Int(slot)].job
        var account = slots[Int(slot)].account
        var cursor = now.wall - slots[Int(slot)].offset
        if case .at(let instant) = job.schedule {
            if slots[Int(slot)].wasRecorded && account.cursor == instant {
                cursor = instant
            } else if instant <= now.wall {
                cursor = instant - TimeSpan(microseconds: 1)
            }
        }
        // Occurrences that were accounted for once lie ahead again: their runs must not share an identity.
        if slots[Int(slot)].wasRecorded && cursor < account.cursor { account.epoch &+= 1 }
        account.cursor = cursor
        account.schedule = job.schedule.fingerprint
        slots[Int(slot)].account = account
        slots[Int(slot)].wasRecorded = true
        recordState(.accountingBegan, for: slot, at: now, into: &effects)
    }

    /// Ends the accounting of a job that is gone or disabled, and drops what waits.
    mutating func endAccounting(_ slot: Int32, at now: Moment, into effects: inout [Effect]) {
        occurrences.remove(slot)
        dropWaiting(of: slot, at: now, into: &effects)
        guard slots[Int(slot)].account.isAccounted else { return }
        slots[Int(slot)].account.schedule = 0
        recordState(.absent, for: slot, at: now, into: &effects)
    }

    /// Puts the job under its next occurrence, or under none.
    mutating func scheduleNext(_ slot: Int32) {
        let state = slots[Int(slot)]
        if state.account.isPaused {
            // The end of the pause, if it has one, stands where its next occurrence would.
            let until = state.standing == .enabled ? pauses[state.job.id]?.until : nil
            if let until { occurrences.set(slot, to: until) } else { occurrences.remove(slot) }
        } else if state.standing == .enabled, let next = state.job.schedule.next(after: state.account.cursor) {
            occurrences.set(slot, to: next + state.offset)
        } else {
            occurrences.remove(slot)
        }
    }

    /// Looks whether the job's cursor lies ahead of the clock, because the clock was set back, and what follows.
    ///
    /// After Debian's cron: what follows elapsed time goes on from the new now; what has a fixed time waits for the
    /// clock to pass its last occurrence, unless that lies more than 3 h ahead: then the clock had been wrong before,
    /// and the job is moved to now. A step that brings no accounted occurrence ahead again changes nothing, so the last
    /// one is never repeated. Whether the clock was set back is for the caller to know: at a start, an occurrence ahead
    /// of the clock proves it; one that is merely not due yet may have got a larger offset. An `At=` that is done stays
    /// done. Gives whether the job was moved.
    @discardableResult
    mutating func settle(_ slot: Int32, at now: Moment, into effects: inout [Effect]) -> Bool {
        let state = slots[Int(slot)]
        let cursor = state.account.cursor
        let here = now.wall - state.offset
        guard state.standing == .enabled, cursor > here, let next = state.job.schedule.next(after: here),
            next < cursor
        else { return false }
        if case .at = state.job.schedule { return false }
        let followsElapsedTime = state.job.schedule.followsElapsedTime
        guard followsElapsedTime || cursor - here > correctionThreshold else { return false }
        if !followsElapsedTime { effects.append(.log(.clockCorrected(state.job.id, cursor: cursor))) }
        // Recorded under the old cursor what belongs to it, then moved.
        recordUnrecorded(of: slot, at: now, into: &effects)
        slots[Int(slot)].account.cursor = here
        slots[Int(slot)].account.epoch &+= 1
        recordState(.clockCorrected, for: slot, at: now, into: &effects)
        if !followsElapsedTime { note(.clock, from: here, to: cursor, for: slot, at: now, into: &effects) }
        return true
    }

    /// Puts the run on record, as pending, that no record knows yet.
    mutating func recordUnrecorded(of slot: Int32, at now: Moment, into effects: inout [Effect]) {
        let unrecorded = slots[Int(slot)].unrecorded
        guard unrecorded != none else { return }
        slots[Int(slot)].unrecorded = none
        slots[Int(slot)].account.openRuns += 1
        recordPending(unrecorded, at: now, into: &effects)
    }
}

/// Debian's cron takes a difference of three hours or more for a correction of the clock (cron(8)).
private let correctionThreshold = TimeSpan.hours(3)
