/// Why an occurrence did not become a run, or why a run ended without an execution. The raw values are on disk.
package enum NoteReason: UInt8, Sendable, CaseIterable {
    /// We were not there: stopped, suspended, or the clock jumped past it.
    case missed = 1
    /// The last run still had a request in flight (`Overlap=skip`).
    case skippedOverlap = 2
    /// The run was waiting for a retry when the next occurrence came due.
    case superseded = 3
    case paused = 4
    /// The job was removed or disabled, or its pending run was older than `CatchUpWindow=`.
    case dropped = 5
    /// An at-most-once run could not be recorded beforehand.
    case disk = 6
    /// Records that the disk refused for too long; or (`not recorded`) runs that the record counts and a power cut took.
    case lost = 7
    /// The clock was corrected.
    case clock = 8
    /// Too many triggered runs were queued already.
    case overflow = 9

    /// The words of the human output and of jsonl.
    package var words: String {
        switch self {
        case .missed: "missed"
        case .skippedOverlap: "skipped: overlap"
        case .superseded: "superseded"
        case .paused: "paused"
        case .dropped: "dropped"
        case .disk: "disk"
        case .lost: "lost"
        case .clock: "clock"
        case .overflow: "skipped: queue full"
        }
    }
}

/// An account of occurrences that gave no execution.
package struct Note: Equatable, Sendable {
    package var header: RecordHeader
    package var reason: NoteReason
    /// Occurrences, runs or records that this note stands for.
    package var count: UInt64
    /// The range of `scheduled_at` that it covers, both ends included.
    package var first: Timestamp
    package var last: Timestamp
    /// The run that ended with this note, if one had begun or was pending.
    package var run: RunID?
    /// More, in words: `job file removed`, `not recorded`… May be empty.
    package var detail: String

    package init(
        header: RecordHeader, reason: NoteReason, count: UInt64, first: Timestamp, last: Timestamp, run: RunID? = nil,
        detail: String = ""
    ) {
        self.header = header
        self.reason = reason
        self.count = count
        self.first = first
        self.last = last
        self.run = run
        self.detail = detail
    }
}
