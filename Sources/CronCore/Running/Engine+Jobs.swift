// Job files that come, change, break and go.

extension Engine {
    /// `.jobLoaded`. An unchanged job keeps its place in the heap, its call in flight and its pending retry.
    mutating func load(_ job: Job, at now: Moment, into effects: inout [Effect]) {
        guard stage != .draining, stage != .drained else { return }
        guard let slot = slotOf[job.id] else {
            let slot = occupySlot(job)
            if stage == .running { arrive(slot, at: now, into: &effects) }
            return
        }
        let wasStale = slots[Int(slot)].isStale
        slots[Int(slot)].isStale = false
        if slots[Int(slot)].standing == .arriving {
            replace(slot, with: job)
        } else if slots[Int(slot)].standing == .removed || job != slots[Int(slot)].job {
            change(slot, to: job, at: now, into: &effects)
        }
        if wasStale { resumeHeld(of: slot, at: now, into: &effects) }
    }

    private mutating func occupySlot(_ job: Job) -> Int32 {
        let state = JobSlot(
            job: job,
            account: Account(
                cursor: Timestamp(microseconds: 0), epoch: 0, failuresInARow: 0, openRuns: 0, schedule: 0),
            offset: .zero, host: limits.acquire(job.request.hostKey), standing: .arriving)
        let slot: Int32
        if let vacant = vacantSlots.popLast() {
            slot = vacant
            slots[Int(slot)] = state
        } else {
            slot = Int32(truncatingIfNeeded: slots.count)
            slots.append(state)
        }
        slotOf[job.id] = slot
        return slot
    }

    private mutating func replace(_ slot: Int32, with job: Job) {
        let host = limits.acquire(job.request.hostKey)
        limits.release(slots[Int(slot)].host)
        slots[Int(slot)].host = host
        slots[Int(slot)].job = job
        slots[Int(slot)].offset = job.offset(in: history)
    }

    /// A new definition of a known job, or the return of one that is going.
    private mutating func change(_ slot: Int32, to job: Job, at now: Moment, into effects: inout [Effect]) {
        let offset = slots[Int(slot)].offset
        if !job.isEnabled || slots[Int(slot)].account.schedule != job.schedule.fingerprint {
            notePausedSoFar(of: slot, at: now, into: &effects)
        }
        replace(slot, with: job)
        let isSameOffset = slots[Int(slot)].offset == offset
        slots[Int(slot)].standing = job.isEnabled ? .enabled : .disabled
        if job.isEnabled {
            let before = occurrences.key(of: slot)
            let isSameSchedule = slots[Int(slot)].account.schedule == job.schedule.fingerprint
            if !isSameSchedule { beginAccounting(slot, at: now, into: &effects) }
            scheduleNext(slot)
            let after = occurrences.key(of: slot)
            if isSameSchedule && isSameOffset && before != after {
                effects.append(.log(.nextMoved(job.id, from: before, to: after)))
            }
        } else {
            endAccounting(slot, at: now, into: &effects)
        }
    }

    /// `.jobRemoved`: a call in flight may end, all else of the job is dropped.
    mutating func remove(_ id: JobID, at now: Moment, into effects: inout [Effect]) {
        awaited.remove(id)
        guard stage != .draining, stage != .drained else { return }
        guard let slot = slotOf[id] else {
            if stage == .running, let known = restored.removeValue(forKey: id) {
                dismiss(id, known, at: now, into: &effects)
            }
            return
        }
        let isArriving = slots[Int(slot)].standing == .arriving
        if !isArriving { notePausedSoFar(of: slot, at: now, into: &effects) }
        slots[Int(slot)].standing = .removed
        if !isArriving { recordAbsence(of: slot, at: now, into: &effects) }
        vacate(slot)
    }

    /// `KeepRemoved=` counts from this record; so there is one also where the job was disabled before it went.
    private mutating func recordAbsence(of slot: Int32, at now: Moment, into effects: inout [Effect]) {
        let wasDisabled = slots[Int(slot)].wasRecorded && !slots[Int(slot)].account.isAccounted
        endAccounting(slot, at: now, into: &effects)
        guard wasDisabled else { return }
        recordState(.absent, for: slot, at: now, into: &effects)
        recordPauseAgain(of: slot, at: now, into: &effects)
    }

    /// `.jobInError`: the last good version stays; its retries wait. At a start there is none, so what the history
    /// knows of the job waits.
    mutating func markInError(_ id: JobID) {
        if let slot = slotOf[id] {
            slots[Int(slot)].isStale = true
        } else {
            awaited.insert(id)
        }
    }

    /// Frees the slot of a removed job once its last run has ended, and keeps its account in case it returns.
    mutating func vacate(_ slot: Int32) {
        guard slots[Int(slot)].standing == .removed, slots[Int(slot)].firstRun == none else { return }
        let id = slots[Int(slot)].job.id
        if slots[Int(slot)].wasRecorded { absent[id] = slots[Int(slot)].account }
        occurrences.remove(slot)
        limits.release(slots[Int(slot)].host)
        slotOf[id] = nil
        slots[Int(slot)].standing = .vacant
        vacantSlots.append(slot)
    }

    /// The file is good again: retries that came due meanwhile go on.
    private mutating func resumeHeld(of slot: Int32, at now: Moment, into effects: inout [Effect]) {
        guard stage == .running else { return }
        var index = slots[Int(slot)].firstRun
        while index != none {
            let next = runs[index].next
            if runs[index].phase == .held { retry(index, at: now, into: &effects) }
            index = next
        }
    }

    /// Drops the runs of a job that have no request under way, each with a note.
    mutating func dropWaiting(of slot: Int32, at now: Moment, into effects: inout [Effect]) {
        let words = slots[Int(slot)].standing.wordsForDropping
        endWaiting(of: slot, noting: .dropped, detail: words, at: now, into: &effects)
    }
}
