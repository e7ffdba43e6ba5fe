/// What happened, told to the engine by the shell.
package enum Event: Sendable {
    /// Once, before anything else: what the history knows.
    case restored(RestoredHistory)
    /// The settings were read. What is in flight beyond a limit that was lowered goes on.
    case settings(EngineSettings)
    /// A job file was read: a new job, or a new definition of one (possibly equal to the old one).
    case jobLoaded(Job)
    /// A job file went away.
    case jobRemoved(JobID)
    /// The file of a loaded job is in error: its last good version stays, its retries wait.
    case jobInError(JobID)
    /// Every job file of a start or a reload has been told. A start makes nothing due before this.
    case jobsComplete
    /// The moment that the engine asked for has come, on either clock.
    case timer
    /// The attempt ended, or could not be sent.
    case attemptFinished(AttemptKey, TransferResult)
    /// Every record up to this one has been handed to the kernel.
    case written(SequenceNumber)
    /// Every record up to this one is on the disk.
    case synced(SequenceNumber)
    /// The disk refuses records (true), or takes them again (false).
    case diskRefuses(Bool)
    /// The wall clock was set.
    case clockStepped
    /// The history has grown to one of its bounds: it is to be compacted before its time.
    case historyTooLarge
    /// The compaction that was asked for is over, or could not be carried out. The next one comes at its time.
    case compacted
    /// Somebody asks for something; `.answer` with the same token follows, once what came of it is on the disk.
    case control(ControlRequest, ControlToken)
    /// Stop starting; let what is in flight end.
    case drain
    /// Cancel what is in flight: the drain took too long, or was asked for twice.
    case drainNow
}

/// What a start learns from the history, job by job.
package struct RestoredHistory: Sendable {
    package var historyID: HistoryID
    /// The next record's sequence number.
    package var nextSequence: SequenceNumber
    /// When the last good batch was written; nil for a new history.
    package var lastWrittenAt: Timestamp?
    /// When the history was last compacted; nil: never.
    package var compactedAt: Timestamp?
    package var jobs: [JobID: RestoredJob]

    package init(
        historyID: HistoryID, nextSequence: SequenceNumber, lastWrittenAt: Timestamp?, compactedAt: Timestamp? = nil,
        jobs: [JobID: RestoredJob]
    ) {
        self.historyID = historyID
        self.nextSequence = nextSequence
        self.lastWrittenAt = lastWrittenAt
        self.compactedAt = compactedAt
        self.jobs = jobs
    }
}

/// What the history says of one job.
package struct RestoredJob: Equatable, Sendable {
    package var account: Account
    /// Runs that have not ended, oldest first.
    package var open: [OpenRun]
    /// Why it is paused, if it is and the record still says so.
    package var pause: Pause?

    package init(account: Account, open: [OpenRun], pause: Pause? = nil) {
        self.account = account
        self.open = open
        self.pause = pause
    }
}

/// A run that the record leaves unfinished.
package enum OpenRun: Equatable, Sendable {
    /// A start without its execution: the daemon died under it.
    case interrupted(Start, failed: Execution?)
    /// A failed execution whose next attempt has not begun.
    case retry(Execution, failed: Execution?)
    /// A run that had not begun, or was cut short by a stop.
    case pending(PendingRun, failed: Execution?)
}
