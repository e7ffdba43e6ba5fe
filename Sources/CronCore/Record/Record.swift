/// Place of a record in the history: global, one more each, kept by compaction; the order of the record for ever.
package typealias SequenceNumber = UInt64

/// What the history holds: one entry about one job.
package enum Record: Equatable, Sendable {
    case start(Start)
    case execution(Execution)
    case note(Note)
    case state(StateChange)

    package var header: RecordHeader {
        switch self {
        case .start(let start): start.header
        case .execution(let execution): execution.header
        case .note(let note): note.header
        case .state(let state): state.header
        }
    }
}

/// What every record begins with.
package struct RecordHeader: Hashable, Sendable {
    package var sequence: SequenceNumber
    package var job: JobID
    /// When the record was made.
    package var recordedAt: Timestamp
    /// How the job stood once this record had happened. Because each record carries it, the newest record of a job says
    /// all that a start must know, and damage elsewhere cannot falsify it.
    package var account: Account

    package init(sequence: SequenceNumber, job: JobID, recordedAt: Timestamp, account: Account) {
        self.sequence = sequence
        self.job = job
        self.recordedAt = recordedAt
        self.account = account
    }
}

/// A job's standing: what is accounted for, and what is still open.
package struct Account: Hashable, Sendable {
    /// The last occurrence accounted for; none at or before it will be considered again.
    package var cursor: Timestamp
    /// Clock corrections so far; part of each run id.
    package var epoch: UInt32
    /// Failed runs in a row up to now.
    package var failuresInARow: UInt32
    /// Runs that have begun or are pending and have not ended.
    package var openRuns: UInt32
    /// Fingerprint of the schedule that the cursor belongs to; 0 while the job is absent.
    package var schedule: UInt64
    /// Nothing of the job starts until it is resumed; the newest ``StateChange/Kind/paused(_:)`` says why.
    package var isPaused: Bool

    /// Whether the job's occurrences are accounted for; else it is absent.
    package var isAccounted: Bool { schedule != 0 }

    package init(
        cursor: Timestamp, epoch: UInt32, failuresInARow: UInt32, openRuns: UInt32, schedule: UInt64,
        isPaused: Bool = false
    ) {
        self.isPaused = isPaused
        self.cursor = cursor
        self.epoch = epoch
        self.failuresInARow = failuresInARow
        self.openRuns = openRuns
        self.schedule = schedule
    }
}
