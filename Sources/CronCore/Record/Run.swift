/// Why a run exists. The raw values are on disk.
package enum Trigger: UInt8, Sendable, CaseIterable {
    case schedule = 1
    case catchUp = 2
    case manual = 3
    case failure = 4
    case recovery = 5

    /// The word of the record and the API.
    package var word: String {
        switch self {
        case .schedule: "schedule"
        case .catchUp: "catch-up"
        case .manual: "manual"
        case .failure: "failure"
        case .recovery: "recovery"
        }
    }
}

/// What identifies a run, the same in each of its records.
package struct Run: Hashable, Sendable {
    package var id: RunID
    package var trigger: Trigger
    /// The nominal occurrence; for a triggered run, the moment of its trigger.
    package var scheduledAt: Timestamp
    /// For a run that another job's failure or recovery triggered: which execution did.
    package var cause: Cause?

    package init(id: RunID, trigger: Trigger, scheduledAt: Timestamp, cause: Cause? = nil) {
        self.id = id
        self.trigger = trigger
        self.scheduledAt = scheduledAt
        self.cause = cause
    }
}

/// The execution that triggered a run of another job.
package struct Cause: Hashable, Sendable {
    package var job: JobID
    package var execution: ExecutionID

    package init(job: JobID, execution: ExecutionID) {
        self.job = job
        self.execution = execution
    }
}

/// Written before the first byte of the request leaves, so that a killed daemon finds the attempt again.
package struct Start: Equatable, Sendable {
    package var header: RecordHeader
    package var run: Run
    package var attempt: Int
    package var execution: ExecutionID
    package var startedAt: Timestamp

    package init(header: RecordHeader, run: Run, attempt: Int, execution: ExecutionID, startedAt: Timestamp) {
        self.header = header
        self.run = run
        self.attempt = attempt
        self.execution = execution
        self.startedAt = startedAt
    }
}
