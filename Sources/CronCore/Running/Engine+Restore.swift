// A start: what the history knows, what it leaves open, and what becomes of that.

extension Engine {
    /// `.restored`: remembers what the history says until every job file has been told.
    mutating func restore(_ known: RestoredHistory) {
        history = known.historyID
        nextSequence = max(1, known.nextSequence)
        written = nextSequence - 1
        synced = written
        lastWrittenAt = known.lastWrittenAt
        restored = known.jobs
        for (id, job) in known.jobs where job.account.isPaused {
            pauses[id] = job.pause ?? Pause(since: known.lastWrittenAt ?? Timestamp(microseconds: 0))
        }
        compaction.lastAt = known.compactedAt
    }

    /// `.jobsComplete`: after the start's, work begins, unless the clock must first be waited for.
    mutating func completeJobs(at now: Moment, into effects: inout [Effect]) {
        guard stage == .loading else { return }
        if clockIsBehind(now) {
            hold(at: now, into: &effects)
        } else {
            begin(at: now, into: &effects)
        }
    }

    /// Begins work: accounts first, then what was left open, then the schedules; last, what belongs to no job any more.
    mutating func begin(at now: Moment, into effects: inout [Effect]) {
        holdUntil = nil
        stage = .running
        findOrphans()
        occurrences.reserve(slots.count)
        var open: [(slot: Int32, runs: [OpenRun])] = []
        for slot in slots.indices where slots[slot].standing == .arriving {
            let slot = Int32(truncatingIfNeeded: slot)
            let left = adoptAccount(slot, at: now, into: &effects)
            if !left.isEmpty { open.append((slot, left)) }
        }
        for (slot, left) in open { dropOrphans(among: left, in: slot, at: now, into: &effects) }
        for (slot, left) in open { takeUp(left, in: slot, at: now, into: &effects) }
        for slot in slots.indices where slots[slot].standing == .enabled || slots[slot].standing == .disabled {
            takePart(Int32(truncatingIfNeeded: slot), at: now, into: &effects)
        }
        for id in restored.keys.sorted() where !awaited.contains(id) {
            if let known = restored.removeValue(forKey: id) { dismiss(id, known, at: now, into: &effects) }
        }
        planCompaction(at: now)
    }

    /// A run is triggered in the record before the end that triggers it. Where a crash kept only the first, the
    /// triggering run is still open: it goes on, and triggers again if it still has reason to. So what it triggered is
    /// dropped, before anything else happens.
    private mutating func findOrphans() {
        let unfinished = Set(restored.values.lazy.flatMap(\.open).compactMap(\.executionThatLeavesItOpen))
        guard !unfinished.isEmpty else { return }
        for case .pending(let pending, _) in restored.values.lazy.flatMap(\.open) {
            if let cause = pending.run.cause, unfinished.contains(cause.execution) { orphans.insert(pending.run.id) }
        }
    }

    mutating func dropOrphans(
        among open: [OpenRun], in slot: Int32, at now: Moment, into effects: inout [Effect]
    ) {
        guard !orphans.isEmpty else { return }
        for run in open.lazy.map(\.openRun) where orphans.contains(run.id) {
            slots[Int(slot)].account.openRuns -= min(1, slots[Int(slot)].account.openRuns)
            note(
                .dropped, from: run.scheduledAt, to: run.scheduledAt, run: run.id,
                detail: "its trigger was not recorded", for: slot, at: now, into: &effects)
        }
    }

    /// Takes up the runs that the history leaves open, each kind oldest first: those that wait for a retry, since all others
    /// have to stand behind them; those that were under way; and those that had still to begin.
    mutating func takeUp(
        _ open: [OpenRun], in slot: Int32, at now: Moment, into effects: inout [Effect]
    ) {
        for case .retry(let execution, let failed) in open {
            takeUp(execution, failed: failed, in: slot, at: now, into: &effects)
        }
        for case .interrupted(let start, let failed) in open {
            takeUp(start, failed: failed, in: slot, at: now, into: &effects)
        }
        for case .pending(let pending, let failed) in open where orphans.remove(pending.run.id) == nil {
            takeUp(pending, failed: failed, in: slot, at: now, into: &effects)
        }
        advanceQueue(of: slot, at: now, into: &effects)
    }

    /// The daemon died under an attempt. It has failed; an at-least-once run is repeated at once, and once more even
    /// where its retries are used up: one attempt beyond them, so that a daemon that dies again and again does not
    /// repeat it for ever.
    private mutating func takeUp(
        _ start: Start, failed: Execution?, in slot: Int32, at now: Moment, into effects: inout [Effect]
    ) {
        let job = slots[Int(slot)].job
        var state = RunState(run: start.run, phase: .queued, job: slot, dueAt: start.startedAt)
        state.attempt = Int32(clamping: start.attempt)
        state.execution = start.execution
        state.cause = failed.map(RecordedExecution.init)
        let index = addRun(state)
        let repeats = job.delivery == .atLeastOnce && start.attempt <= job.maxAttempts
        let isEnabled = mayBegin(Int(slot))
        let finishedAt = max(start.startedAt, lastWrittenAt ?? start.startedAt)
        conclude(
            index,
            Ending(
                response: .interrupted("crash", requestMayHaveLeft: true), startedAt: start.startedAt,
                finishedAt: finishedAt, duration: finishedAt - start.startedAt,
                fate: !repeats ? .over(counts: true) : isEnabled ? .retry(after: .zero) : .dropped),
            at: now, into: &effects)
        if repeats && isEnabled {
            alarms.remove(index)
            beginOrQueue(index, at: now, into: &effects)
        }
    }

    /// A retry waits on, by what its record says of the wall clock; but never longer than `MaxBackoff=`.
    private mutating func takeUp(
        _ execution: Execution, failed: Execution?, in slot: Int32, at now: Moment, into effects: inout [Effect]
    ) {
        let job = slots[Int(slot)].job
        let due = execution.nextAttemptAt ?? now.wall
        let wait = min(max(due - now.wall, .zero), max(job.retry.maxDelay, .zero))
        var state = RunState(run: execution.run, phase: .backingOff, job: slot, dueAt: due)
        state.attempt = Int32(clamping: execution.attempt) &+ 1
        state.cause = failed.map(RecordedExecution.init)
        state.lastFailure = RecordedExecution(execution)
        alarms.set(addRun(state), to: now.boot + wait)
    }

    /// A run that had still to begin, or was cut short by a stop, begins first of all, whatever `CatchUp=` says.
    private mutating func takeUp(
        _ pending: PendingRun, failed: Execution?, in slot: Int32, at now: Moment, into effects: inout [Effect]
    ) {
        var state = RunState(run: pending.run, phase: .queued, job: slot, dueAt: pending.dueAt)
        state.attempt = Int32(clamping: max(1, pending.attempt))
        state.cause = failed.map(RecordedExecution.init)
        let index = addRun(state)
        if now.wall - pending.dueAt > slots[Int(slot)].job.catchUpWindow {
            end(index, noting: .dropped, detail: "older than CatchUpWindow=", at: now, into: &effects)
        } else if slots[Int(slot)].account.isPaused {
            end(index, noting: .paused, at: now, into: &effects)
        } else if slots[Int(slot)].standing == .enabled {
            beginOrQueue(index, at: now, into: &effects)
        }
    }

    private mutating func beginOrQueue(_ index: Int32, at now: Moment, into effects: inout [Effect]) {
        if !runs[index].isQueued { move(index, to: .queued) }
        let slot = Int(runs[index].job)
        if slots[slot].underWay == 0 || slots[slot].job.overlap == .allow { begin(index, at: now, into: &effects) }
    }

    /// Ends what the history leaves open of a job that has no file any more, and its accounting. What is not in the
    /// record as absent yet is put there.
    mutating func dismiss(_ id: JobID, _ known: RestoredJob, at now: Moment, into effects: inout [Effect]) {
        var account = known.account
        account.openRuns = UInt32(clamping: known.open.count)
        for run in known.open {
            account.openRuns -= min(1, account.openRuns)
            if case .interrupted(let start, _) = run {
                account.failuresInARow += account.failuresInARow == .max ? 0 : 1
                recordInterruption(start, id, account, at: now, into: &effects)
            }
            var noted: Note?
            append(job: id, account, at: now, into: &effects) { header in
                let note = Note(
                    header: header, reason: .dropped, count: 1, first: run.openRun.scheduledAt,
                    last: run.openRun.scheduledAt, run: run.openRun.id, detail: "job file removed")
                noted = note
                return .note(note)
            }
            if let noted { effects.append(.log(.noted(noted))) }
        }
        if account.isAccounted {
            account.schedule = 0
            append(job: id, account, at: now, into: &effects) { .state(StateChange(header: $0, kind: .absent)) }
        }
        absent[id] = account
    }

    private mutating func recordInterruption(
        _ start: Start, _ id: JobID, _ account: Account, at now: Moment, into effects: inout [Effect]
    ) {
        let finishedAt = max(start.startedAt, lastWrittenAt ?? start.startedAt)
        append(job: id, account, at: now, into: &effects) { header in
            .execution(
                Execution(
                    header: header, run: start.run, id: start.execution, attempt: start.attempt,
                    maxAttempts: start.attempt, startedAt: start.startedAt, finishedAt: finishedAt,
                    duration: finishedAt - start.startedAt, nextAttemptAt: nil,
                    response: .interrupted("crash", requestMayHaveLeft: true)))
        }
    }
}

extension OpenRun {
    var openRun: Run {
        switch self {
        case .interrupted(let start, _): start.run
        case .retry(let execution, _): execution.run
        case .pending(let pending, _): pending.run
        }
    }

    /// The attempt that keeps the run from having ended.
    var executionThatLeavesItOpen: ExecutionID? {
        switch self {
        case .interrupted(let start, _): start.execution
        case .retry(let execution, _): execution.id
        case .pending: nil
        }
    }
}
