/// What may show outside only once a record is on the disk: acknowledged means synced.
struct Announcement {
    enum Subject {
        /// The lines about an attempt.
        case attempt(AttemptReport)
        /// A job changed to failing because its run was superseded.
        case failing(RecordedExecution, failuresInARow: UInt32)
        /// A triggered run may begin.
        case release(RunKey)
        /// What somebody asked for is on record.
        case control(ControlToken, ControlAnswer, LogEntry)
    }

    var sequence: SequenceNumber
    var subject: Subject
}

/// What there is to say of an attempt that ended: one line.
struct AttemptReport {
    var execution: RecordedExecution
    /// Start minus due.
    var lateness: TimeSpan
    /// The run will be tried again.
    var goesOn: Bool
    var change: HealthChange?
    var failuresInARow: UInt32
    /// Where a redirect pointed that was not followed.
    var location: String?

    /// `recorded`: the execution is on the disk.
    func entry(recorded: Bool) -> LogEntry {
        let execution = execution.execution
        switch change {
        case .failing: return .failing(execution, failuresInARow: Int(failuresInARow), recorded: recorded)
        case .recovered: return .recovered(execution, recorded: recorded)
        case nil: break
        }
        if execution.succeeded { return .succeeded(execution, lateness: lateness, recorded: recorded) }
        return goesOn ? .willRetry(execution, recorded: recorded) : .runFailed(execution, recorded: recorded)
    }
}

/// A start record that a request waits for.
struct AwaitedStart {
    var sequence: SequenceNumber
    var run: RunKey
}
