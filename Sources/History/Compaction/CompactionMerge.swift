internal import CronCore

/// The merge of a compaction: job by job in the order of a footer, each job's records chosen newest first and handed on
/// oldest first. Of the chosen records one chunk at a time is in memory.
final class CompactionMerge {
    private struct Mark {
        var place: JobWalk.Place
        var selector: RetentionSelector
    }

    private let inputs: [CompactionInput]
    private let order: CompactionOrder
    private let now: Timestamp
    private let meter: IOMeter
    private let walk: JobWalk
    /// Executions that triggered an open run, by their jobs.
    private let causes: [JobID: Set<ExecutionID>]
    private var chunk = RecordChunk()
    private(set) var recordsRead: UInt64 = 0

    init(
        _ inputs: [CompactionInput], order: CompactionOrder, now: Timestamp, meter: IOMeter
    ) throws(CompactionFault) {
        self.inputs = inputs
        self.order = order
        self.now = now
        self.meter = meter
        walk = JobWalk(inputs, meter: meter)
        causes = try OpenCauses.find(inputs, walk, meter)
    }

    /// Tells each record that is kept. `expendable`: it need not be, if the history is larger than it may be.
    func run(_ sink: some MergeSink) throws(CompactionFault) {
        recordsRead = 0
        var merge = try FooterMerge(inputs)
        var pieces: [FooterMerge.Piece] = []
        while true {
            try merge.next(into: &pieces)
            guard let newest = pieces.last else { return }
            try meter.spend(pieces.count * SegmentFormat.entryLength)
            for piece in pieces { recordsRead += UInt64(piece.entry.recordCount) }
            try run(pieces, account: account(of: newest), sink)
        }
    }

    /// One job.
    private func run(
        _ pieces: [FooterMerge.Piece], account: Account, _ sink: some MergeSink
    ) throws(CompactionFault) {
        guard let newest = pieces.last?.entry else { return }
        let begin = JobWalk.Place(piece: pieces.count - 1, offset: 0)
        var place = begin
        guard let newestAt = try walk.next(&place, of: pieces, skips: { _ in false })?.view.recordedAt,
            let retention = order.rules.retention(
                of: newest.job, newest: newestAt, account: account, now: now)
        else { return }
        let selector = RetentionSelector(
            retention, openRuns: account.openRuns, now: now, causes: causes[newest.job] ?? [])
        var mark = Mark(place: begin, selector: selector)
        var marks = [mark]
        while try fill(from: &mark, of: pieces) { marks.append(mark) }
        sink.begin(newest.job, account: account)
        try hand(to: sink)
        marks.removeLast()
        while var mark = marks.popLast() {
            _ = try fill(from: &mark, of: pieces)
            try hand(to: sink)
        }
        sink.end()
    }

    /// Chooses the next chunk of older records; `mark` moves behind it. false: there are no older ones.
    private func fill(from mark: inout Mark, of pieces: [FooterMerge.Piece]) throws(CompactionFault) -> Bool {
        chunk.removeAll()
        var (place, selector) = (mark.place, mark.selector)
        defer { mark = Mark(place: place, selector: selector) }
        while !chunk.isFull {
            let next = try walk.next(&place, of: pieces) { entry in
                !selector.mayKeep(
                    records: Int(entry.recordCount), executions: Int(entry.executionCount),
                    failures: Int(entry.executionCount) - Int(entry.successCount),
                    others: entry.otherCount.map { Int($0) })
            }
            guard let (view, input) = next else { return false }
            chunk.add(view, selector.decide(view.traits, isCompacted: input.isGrouped))
        }
        return true
    }

    private func hand(to sink: some MergeSink) throws(CompactionFault) {
        try chunk.oldestFirst { (view, isExpendable) throws(CompactionFault) in
            try sink.take(view, isExpendable: isExpendable)
        }
    }

    /// The account by the newest record, or by the footer of a damaged segment that had a newer one.
    private func account(of newest: FooterMerge.Piece) -> Account {
        for input in inputs[newest.input...].reversed() where input.isDamaged {
            if let lost = input.lostAccount(of: newest.entry.job), lost.sequence > newest.entry.newestSequence {
                return lost.account
            }
        }
        return newest.entry.account
    }
}

/// Who is told what a merge keeps.
protocol MergeSink: AnyObject {
    func begin(_ job: JobID, account: Account)
    /// The job's next newer record. Its bytes hold until the next one.
    func take(_ view: RecordView, isExpendable: Bool) throws(CompactionFault)
    func end()
}

/// Some of one job's records in memory, newest first.
struct RecordChunk: ~Copyable {
    private struct Kept {
        var begin: Int
        var offset: UInt64
        var isExpendable: Bool
    }

    private var bytes = ByteBuffer(capacity: 64 << 10)
    private var kept: [Kept] = []
    private var walked = 0

    private static let mostBytes = 1 << 20
    private static let mostWalked = 1 << 16

    var isFull: Bool { bytes.count >= Self.mostBytes || walked >= Self.mostWalked }

    mutating func removeAll() {
        bytes.removeAll()
        kept.removeAll(keepingCapacity: true)
        walked = 0
    }

    mutating func add(_ view: RecordView, _ verdict: RetentionSelector.Verdict) {
        walked += 1
        guard verdict != .drop else { return }
        kept.append(Kept(begin: bytes.count, offset: view.offset, isExpendable: verdict == .keepIfRoom))
        bytes.append(view.bytes)
    }

    borrowing func oldestFirst(
        _ body: (RecordView, Bool) throws(CompactionFault) -> Void
    ) throws(CompactionFault) {
        for record in kept.reversed() {
            let rest = UnsafeRawBufferPointer(rebasing: bytes.bytes[record.begin...])
            guard let view = RecordView(rest, at: record.offset, checking: nil) else { continue }
            try body(view, record.isExpendable)
        }
    }
}
