internal import CronCore

/// Puts what a merge keeps into the cover.
final class CoverSink: MergeSink {
    private let cover: CoverWriter
    /// Expendable records before it go.
    private let cutoff: SequenceNumber
    private var job: JobID?
    private var account = Account(
        cursor: Timestamp(microseconds: 0), epoch: 0, failuresInARow: 0, openRuns: 0, schedule: 0)
    private var slot = -1

    init(_ cover: CoverWriter, cutoff: SequenceNumber) {
        self.cover = cover
        self.cutoff = cutoff
    }

    func begin(_ job: JobID, account: Account) {
        (self.job, self.account) = (job, account)
        slot = -1
    }

    func take(_ view: RecordView, isExpendable: Bool) throws(CompactionFault) {
        guard let job, !(isExpendable && view.sequence < cutoff) else { return }
        if slot < 0 { slot = cover.builder.newSlot(of: job) }
        try cover.add(view, slot: slot)
    }

    func end() {
        guard slot >= 0 else { return }
        cover.builder.amend { $0.carry(account, slot: slot) }
    }
}

/// Adds up how long a cover would be, and what of it could go, by `seq`.
final class SizeSink: MergeSink {
    private static let buckets = 4_096
    private let first: SequenceNumber
    /// How many numbers share a bucket.
    private let width: UInt64
    private var expendable = [UInt64](repeating: 0, count: buckets)
    private var fixed = SegmentFormat.firstBatchOffset + 1_024
    private var job: JobID?
    private var records: UInt64 = 0

    init(from first: SequenceNumber, through last: SequenceNumber) {
        self.first = first
        width = (max(last, first) - first) / UInt64(Self.buckets) + 1
    }

    func begin(_ job: JobID, account: Account) {
        fixed += UInt64(SegmentFormat.entryLength + job.text.utf8.count)
    }

    func take(_ view: RecordView, isExpendable: Bool) {
        guard isExpendable, view.sequence >= first else {
            fixed += UInt64(view.length)
            return
        }
        let bucket = Int(min((view.sequence - first) / width, UInt64(Self.buckets - 1)))
        expendable[bucket] += UInt64(view.length)
    }

    func end() {}

    /// From which `seq` on expendable records fit into `room` bytes with the rest.
    func cutoff(for room: UInt64) -> SequenceNumber {
        var total = fixed
        for bucket in (0..<Self.buckets).reversed() {
            total += expendable[bucket] + expendable[bucket] >> 13
            if total > room {
                let (span, overflow) = UInt64(bucket + 1).multipliedReportingOverflow(by: width)
                return overflow || span > .max - first ? .max : first + span
            }
        }
        return 0
    }
}
