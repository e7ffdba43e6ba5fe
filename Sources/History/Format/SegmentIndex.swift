package import CronCore

/// What a footer says of one job in one segment.
package struct SegmentEntry: Equatable, Sendable {
    package var job: JobID
    package var hash: UInt64
    /// Offsets of records; 0: none.
    package var newest: UInt64
    package var oldest: UInt64
    package var newestExecution: UInt64 = 0
    package var newestSuccess: UInt64 = 0
    package var newestSequence: SequenceNumber
    package var recordCount: UInt32 = 0
    package var executionCount: UInt32 = 0
    package var successCount: UInt32 = 0
    /// The newest record's.
    package var account: Account
    package var newestFinishedAt = Timestamp(microseconds: 0)
    package var newestSucceeded = false
    /// Notes, states and records of unknown kinds; nil: not counted by who wrote the footer.
    package var otherCount: UInt32? = 0
}

/// What the index needs to know of a record.
struct RecordFacts {
    var sequence: SequenceNumber
    var account: Account
    /// For an execution: when it finished, and how.
    var execution: (finishedAt: Timestamp, succeeded: Bool)?
    /// Neither a start nor an execution.
    var isOther: Bool

    init(_ record: Record, _ header: RecordHeader) {
        sequence = header.sequence
        account = header.account
        switch record {
        case .start: isOther = false
        case .execution(let execution):
            isOther = false
            self.execution = (execution.finishedAt, execution.succeeded)
        case .note, .state: isOther = true
        }
    }

    init(_ view: RecordView) {
        self.init(view, view.traits)
    }

    init(_ view: RecordView, _ traits: RecordTraits) {
        sequence = view.sequence
        account = view.account
        isOther = traits.kind != .execution && traits.kind != .start
        if traits.kind == .execution { execution = (traits.at, !traits.hasFailed) }
    }
}

/// What is in a segment, job by job: gathered while it is written, or while one without a footer is read.
struct SegmentIndex {
    private(set) var entries: [SegmentEntry] = []
    private var slots: [JobID: Int] = [:]
    private(set) var recordCount: UInt64 = 0
    private(set) var firstSequence: SequenceNumber = 0
    private(set) var lastSequence: SequenceNumber = 0
    /// When the last batch of records was written.
    var lastWrittenAt = Timestamp(microseconds: 0)

    /// The job's place in `entries`; made if this is its first record here.
    mutating func slot(of job: JobID) -> Int {
        if let slot = slots[job] { return slot }
        slots[job] = entries.count
        return newSlot(of: job)
    }

    /// A place for a job that has none, and will not be asked for by its name.
    mutating func newSlot(of job: JobID) -> Int {
        entries.append(
            SegmentEntry(
                job: job, hash: job.hash64, newest: 0, oldest: 0, newestSequence: 0,
                account: Account(
                    cursor: Timestamp(microseconds: 0), epoch: 0, failuresInARow: 0, openRuns: 0, schedule: 0)))
        return entries.count - 1
    }

    func entry(of job: JobID) -> SegmentEntry? {
        slots[job].map { entries[$0] }
    }

    /// Where the newest record of the job in `slot` lies.
    func newest(in slot: Int) -> UInt64 { entries[slot].newest }

    /// Takes in the job's next record, which lies at `offset`.
    mutating func add(_ facts: RecordFacts, slot: Int, offset: UInt64) {
        if recordCount == 0 { firstSequence = facts.sequence }
        recordCount &+= 1
        lastSequence = max(lastSequence, facts.sequence)
        firstSequence = min(firstSequence, facts.sequence)
        if entries[slot].oldest == 0 { entries[slot].oldest = offset }
        entries[slot].newest = offset
        entries[slot].newestSequence = facts.sequence
        entries[slot].account = facts.account
        entries[slot].recordCount &+= 1
        if facts.isOther { entries[slot].otherCount = entries[slot].otherCount.map { $0 &+ 1 } }
        guard let execution = facts.execution else { return }
        entries[slot].newestExecution = offset
        entries[slot].executionCount &+= 1
        entries[slot].newestFinishedAt = execution.finishedAt
        entries[slot].newestSucceeded = execution.succeeded
        if execution.succeeded {
            entries[slot].newestSuccess = offset
            entries[slot].successCount &+= 1
        }
    }

    /// A cover's range of `seq` is that of the segments it stands for, whatever was kept of it.
    mutating func widen(from first: SequenceNumber, through last: SequenceNumber) {
        (firstSequence, lastSequence) = (first, last)
    }

    /// The account of a newest record that damage took, as a footer had it.
    mutating func carry(_ account: Account, slot: Int) {
        entries[slot].account = account
    }

    /// The entries in the order of a footer.
    var sorted: [SegmentEntry] {
        let isBefore = { (left: SegmentEntry, right: SegmentEntry) in
            left.hash != right.hash ? left.hash < right.hash : left.job < right.job
        }
        // A cover's are in order already, and may be very many.
        let isSorted = entries.indices.dropFirst().allSatisfy { isBefore(entries[$0 - 1], entries[$0]) }
        return isSorted ? entries : entries.sorted(by: isBefore)
    }
}
