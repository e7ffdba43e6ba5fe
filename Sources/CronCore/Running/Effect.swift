/// What the engine wants done. Carried out in the order given.
package enum Effect: Sendable {
    /// Add to the history.
    case append(Record)
    /// Sync what has been appended, though it be starts alone: an at-most-once request waits for it.
    case sync
    /// Render the request and send it. Its start record has been written, or synced where that is asked for.
    case send(Attempt)
    /// Drop the attempt's transfer; no `attemptFinished` follows.
    case cancel(AttemptKey)
    case log(LogEntry)
    /// An attempt has ended, and may be shown outside: for the metrics. `lateness`: from when it was due.
    case attempted(Execution, lateness: TimeSpan)
    /// Tell who asked.
    case answer(ControlToken, ControlAnswer)
    /// Compact the history. `.compacted` follows, however that goes.
    case compact(CompactionCause)
    /// The drain is complete: nothing is in flight, and everything that will be recorded has been appended.
    case drained
}

/// One line for the operator. Which words and fields it becomes is the shell's business.
package enum LogEntry: Sendable {
    /// An attempt succeeded. `recorded`: its record is on the disk.
    case succeeded(Execution, lateness: TimeSpan, recorded: Bool)
    /// An attempt failed and will be tried again at `execution.nextAttemptAt`.
    case willRetry(Execution, recorded: Bool)
    /// A run failed for good.
    case runFailed(Execution, recorded: Bool)
    /// The job changed to failing.
    case failing(Execution, failuresInARow: Int, recorded: Bool)
    /// The job succeeded after it had been failing.
    case recovered(Execution, recorded: Bool)
    /// A 3xx that was not followed: the line names the Location and the key.
    case redirectNotFollowed(JobID, location: String)
    /// An occurrence that gave no run, or a run that ended without an execution.
    case noted(Note)
    /// The wall clock was set by this much.
    case clockStepped(by: TimeSpan)
    /// A job waited longer than its clock allows and was moved to now.
    case clockCorrected(JobID, cursor: Timestamp)
    /// `OnFailure=` or `OnRecovery=` names a job that is not loaded.
    case triggerTargetMissing(JobID, target: JobID)
    /// Scheduled starts wait for the clock, which is behind the record.
    case holdingForClock(until: Instant)
    /// They wait no longer: the clock was stepped, or (`clockIsBehind`) two minutes have passed without that.
    case holdEnded(clockIsBehind: Bool)
    /// Somebody wants a run now.
    case runRequested(JobID, RunID, by: String)
    /// Nothing of the job starts any more.
    case paused(JobID, Pause)
    /// It goes on. `by`: empty where its time had come.
    case resumed(JobID, by: String)
    /// New zone data moved the job's next occurrence; nil: there is none any more, or was none.
    case nextMoved(JobID, from: Timestamp?, to: Timestamp?)
}
