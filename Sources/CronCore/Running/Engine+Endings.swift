// How attempts and runs end.

extension Engine {
    /// `.attemptFinished`. An attempt that was cancelled meanwhile is nobody's.
    mutating func finish(
        _ key: AttemptKey, _ result: TransferResult, at now: Moment, into effects: inout [Effect]
    ) {
        guard let index = runs.index(of: RunKey(key)), runs[index].phase == .inFlight else { return }
        let slot = runs[index].job
        let started = runs[index].startedAt
        let ended = min(max(result.finishedAt, started.boot), max(now.boot, started.boot))
        conclude(
            index,
            Ending(
                response: result.response, startedAt: started.wall, finishedAt: now.wall - (now.boot - ended),
                duration: ended - started.boot, fate: fate(of: index, after: result, at: now),
                location: result.location),
            at: now, into: &effects)
        fillPlaces(at: now, into: &effects)
        advanceQueue(of: slot, at: now, into: &effects)
        vacate(slot)
    }

    private mutating func fate(of index: Int32, after result: TransferResult, at now: Moment) -> Ending.Fate {
        guard let failure = result.response.failure else { return .over(counts: true) }
        let slot = Int(runs[index].job)
        let job = slots[slot].job
        let began = runs[index].definition ?? job
        let isAtMostOnce = job.delivery == .atMostOnce || began.delivery == .atMostOnce
        if isAtMostOnce && failure.requestMayHaveLeft { return .over(counts: true) }
        let delay = job.retry.wait(
            after: failure, status: result.response.httpStatus, attempt: Int(runs[index].attempt),
            retryAfter: result.retryAfter, at: now.wall, random: &random)
        guard let delay else { return .over(counts: true) }
        return mayBegin(slot) ? .retry(after: delay) : .dropped
    }

    /// Records how an attempt ended and lets its run go on or end. The run leaves its place.
    ///
    /// A triggered run is put on record before the execution that triggers it, and begins after that is on the disk.
    /// So a crash cannot lose it; and if it kept the one and lost the other, the triggering run is still open in the
    /// record, by which the next start knows the orphan and drops it (see `isOrphan`).
    mutating func conclude(_ index: Int32, _ ending: Ending, at now: Moment, into effects: inout [Effect]) {
        leaveHost(index)
        let state = runs[index]
        let slot = Int(state.job)
        recordUnrecorded(of: state.job, at: now, into: &effects)
        let job = slots[slot].job
        let before = slots[slot].account.failuresInARow
        let after = ending.failures(after: before)
        let change = HealthChange(from: before, to: after, threshold: job.failureThreshold)
        let triggered = trigger(change, by: state.run, state.execution, of: state.job, at: now, into: &effects)

        slots[slot].account.failuresInARow = after
        var nextAttemptAt: Timestamp?
        if case .retry(let delay) = ending.fate {
            nextAttemptAt = now.wall + delay
            backOff(index, by: delay, at: now)
        } else {
            forget(index)
        }
        let response = ending.response.recorded((state.definition ?? job).retention.recordBody)
        var execution = Execution(
            header: RecordHeader(sequence: 0, job: job.id, recordedAt: now.wall, account: slots[slot].account),
            run: state.run, id: state.execution, attempt: Int(state.attempt), maxAttempts: job.maxAttempts,
            startedAt: ending.startedAt, finishedAt: ending.finishedAt, duration: ending.duration,
            nextAttemptAt: nextAttemptAt, response: response)
        let sequence = append(for: state.job, at: now, into: &effects) { header in
            execution.header = header
            return .execution(execution)
        }
        let recorded = RecordedExecution(execution)
        if nextAttemptAt != nil { runs[index].lastFailure = recorded }
        if case .dropped = ending.fate { noteDropped(state.run, of: state.job, at: now, into: &effects) }
        announce(
            .attempt(
                AttemptReport(
                    execution: recorded, lateness: ending.startedAt - state.dueAt, goesOn: nextAttemptAt != nil,
                    change: change, failuresInARow: after, location: ending.location)),
            after: sequence, into: &effects)
        if let triggered { release(triggered, cause: recorded, after: sequence, at: now, into: &effects) }
    }

    /// Lets the run wait for its next attempt, by the boot clock.
    private mutating func backOff(_ index: Int32, by delay: TimeSpan, at now: Moment) {
        move(index, to: .backingOff)
        runs[index].attempt += 1
        runs[index].startSequence = 0
        runs[index].definition = nil
        runs[index].dueAt = now.wall + delay
        alarms.set(index, to: now.boot + delay)
    }

    private mutating func noteDropped(_ run: Run, of slot: Int32, at now: Moment, into effects: inout [Effect]) {
        let (reason, detail) = noteForStopping(slot)
        note(
            reason, from: run.scheduledAt, to: run.scheduledAt, run: run.id, detail: detail, for: slot, at: now,
            into: &effects)
    }

    /// Ends the runs of a job that only wait for a retry, because its next occurrence has come due. Each has failed.
    mutating func supersede(in slot: Int32, at now: Moment, into effects: inout [Effect]) {
        guard slots[Int(slot)].retrying > 0 else { return }
        var index = slots[Int(slot)].firstRun
        while index != none {
            let next = runs[index].next
            if runs[index].onlyWaitsForRetry { supersede(index, at: now, into: &effects) }
            index = next
        }
    }

    private mutating func supersede(_ index: Int32, at now: Moment, into effects: inout [Effect]) {
        let state = runs[index]
        let slot = Int(state.job)
        recordUnrecorded(of: state.job, at: now, into: &effects)
        let before = slots[slot].account.failuresInARow
        let after = before == .max ? before : before + 1
        let change = HealthChange(from: before, to: after, threshold: slots[slot].job.failureThreshold)
        var triggered: Int32?
        if let last = state.lastFailure {
            triggered = trigger(
                change, by: state.run, last.execution.id, of: state.job, at: now, into: &effects)
        }
        slots[slot].account.failuresInARow = after
        end(index, noting: .superseded, at: now, into: &effects)
        guard let last = state.lastFailure else { return }
        let sequence = nextSequence - 1
        if change == .failing { announce(.failing(last, failuresInARow: after), after: sequence, into: &effects) }
        if let triggered { release(triggered, cause: last, after: sequence, at: now, into: &effects) }
    }
}

extension JobSlot.Standing {
    /// Why a run of such a job is dropped.
    var wordsForDropping: String {
        switch self {
        case .removed, .vacant: "job file removed"
        case .disabled: "job disabled"
        case .arriving, .enabled: ""
        }
    }
}
