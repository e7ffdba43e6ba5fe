// `OnFailure=` and `OnRecovery=`.

extension Engine {
    /// Puts the run that a change of health triggers on record, as pending, and in its job's queue. It waits there for
    /// its cause to be on the disk; see ``release(_:cause:after:at:into:)``.
    ///
    /// Gives nil where nothing is triggered: the job names none, or the run was itself triggered.
    mutating func trigger(
        _ change: HealthChange?, by run: Run, _ execution: ExecutionID, of slot: Int32, at now: Moment,
        into effects: inout [Effect]
    ) -> Int32? {
        guard let change, run.trigger != .failure, run.trigger != .recovery else { return nil }
        let source = slots[Int(slot)]
        let trigger: Trigger = change == .failing ? .failure : .recovery
        guard source.standing == .enabled,
            let target = change == .failing ? source.job.onFailure : source.job.onRecovery
        else { return nil }
        guard let targetSlot = slotOf[target], slots[Int(targetSlot)].standing == .enabled else {
            effects.append(.log(.triggerTargetMissing(source.job.id, target: target)))
            return nil
        }
        let id = RunID(history: history, job: target, triggeredBy: run.id, trigger: trigger)
        guard !slots[Int(targetSlot)].account.isPaused else {
            note(.paused, from: now.wall, to: now.wall, run: id, for: targetSlot, at: now, into: &effects)
            return nil
        }
        let triggered = Run(
            id: id, trigger: trigger, scheduledAt: now.wall, cause: Cause(job: source.job.id, execution: execution))
        guard slots[Int(targetSlot)].triggered < openRunsLimit else {
            note(.overflow, from: now.wall, to: now.wall, run: id, for: targetSlot, at: now, into: &effects)
            return nil
        }
        recordUnrecorded(of: targetSlot, at: now, into: &effects)
        let index = addRun(RunState(run: triggered, phase: .awaitingCause, job: targetSlot, dueAt: now.wall))
        slots[Int(targetSlot)].account.openRuns += 1
        recordPending(index, at: now, into: &effects)
        return index
    }

    /// Lets a triggered run begin once the record that triggered it is on the disk, or at once while the disk refuses.
    mutating func release(
        _ index: Int32, cause: RecordedExecution, after sequence: SequenceNumber, at now: Moment,
        into effects: inout [Effect]
    ) {
        runs[index].cause = cause
        let key = runs.key(of: index)
        if diskRefuses {
            releaseTriggered(key, at: now, into: &effects)
        } else {
            announcements.append(Announcement(sequence: sequence, subject: .release(key)))
        }
    }

    mutating func releaseTriggered(_ key: RunKey, at now: Moment, into effects: inout [Effect]) {
        guard let index = runs.index(of: key), runs[index].phase == .awaitingCause else { return }
        move(index, to: .queued)
        advanceQueue(of: runs[index].job, at: now, into: &effects)
    }
}
