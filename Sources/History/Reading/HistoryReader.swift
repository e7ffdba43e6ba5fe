package import CronCore

/// Answers the same kind of question again and again, about a history that is being written to meanwhile: what it has
/// opened it keeps open, and of the segment that is being written it remembers where each job's newest record lies. Takes
/// no lock and changes nothing. For one thread.
///
/// What it has opened stays readable when a compaction removes it, so every answer is of one state of the history.
package final class HistoryReader {
    private let storage: any Storage
    private var stamp: DirectoryStamp?
    private var names: Set<String> = []
    /// Oldest first.
    private var sealed: [SegmentFile] = []
    private var tail: SegmentTail?
    /// What they come across.
    private var log = DamageLog()

    /// `directory` may be empty yet.
    package convenience init(directory: String) throws(HistoryError) {
        self.init(try history { () throws(SystemError) in try PosixStorage(path: directory) })
    }

    package init(_ storage: any Storage) {
        self.storage = storage
    }

    /// The job's newest executions, newest first, `limit` at most, none of them after `last`. What is damaged is left out;
    /// a disk that cannot read is an error, and the next question opens the history anew.
    package func executions(
        of job: JobID, limit: Int, through last: SequenceNumber
    ) throws(HistoryError) -> [Execution] {
        try refresh()
        let found = newest(of: job, limit, through: last)
        guard let refusal = log.refusal else { return found }
        names = []
        stamp = nil
        throw .system(refusal)
    }

    private func newest(of job: JobID, _ limit: Int, through last: SequenceNumber) -> [Execution] {
        var found: [Execution] = []
        var chain = tail?.chain(of: job)
        let filter = RecordFilter(jobs: [job], skipsStarts: true)
        while found.count < limit, let record = chain?.next(filter) { add(record, to: &found, through: last) }
        guard found.count < limit else { return found }
        var cursor = RecordCursor(sealed, newestFirst: true, filter: filter)
        while found.count < limit, let record = cursor.next() { add(record, to: &found, through: last) }
        return found
    }

    private func add(_ record: Record, to found: inout [Execution], through last: SequenceNumber) {
        guard case .execution(let execution) = record, execution.header.sequence <= last else { return }
        found.append(execution)
    }

    /// Looks whether there are other files now, and what has been written since.
    private func refresh() throws(HistoryError) {
        let now = storage.stamp()
        if stamp == nil || now != stamp || now?.isSettled == false { try relist() }
        stamp = now
        guard let tail, try !tail.advance() else { return }
        // It has grown beyond what it was when it was opened.
        names = []
        try relist()
        _ = try self.tail?.advance()
    }

    private func relist() throws(HistoryError) {
        let storage = storage
        let now = Set(
            try history { () throws(SystemError) in try storage.names() }.filter { SegmentName($0)?.range != nil })
        guard now != names else { return }
        let snapshot = try HistorySnapshot.open(storage)
        // What came between the listing and the opening is seen by the next look: the names differ then.
        names = now
        log = snapshot.log
        if let last = snapshot.segments.last, last.place == nil, !last.header.isCover {
            sealed = Array(snapshot.segments.dropLast())
            tail = SegmentTail(last)
        } else {
            sealed = snapshot.segments
            tail = nil
        }
    }
}

/// The segment that is being written, followed as it grows.
private final class SegmentTail {
    private let segment: SegmentFile
    private let window: FileWindow
    /// Where the next batch will lie.
    private var offset = SegmentFormat.firstBatchOffset
    /// Where each job's newest record lies.
    private var newest: [JobID: UInt64] = [:]
    private var jobs = JobNames()

    init(_ segment: SegmentFile) {
        self.segment = segment
        window = FileWindow(segment.file, readAhead: 32 << 10)
    }

    /// Takes in what has been written since the last time. false: the file is longer than it was when it was opened, and
    /// must be opened anew.
    func advance() throws(HistoryError) -> Bool {
        window.forget()
        let size = try history { () throws(SystemError) in try segment.file.size() }
        while offset < size, let batch = try batch(before: size) {
            guard offset + batch.header.length <= segment.limit else { return false }
            offset += batch.header.length
            segment.forget()
            guard batch.header.type == SegmentFormat.recordsType else { continue }
            for view in batch.records { newest[jobs.job(view.name)] = view.offset }
        }
        return true
    }

    /// The next one; nil: it is not there yet.
    private func batch(before size: UInt64) throws(HistoryError) -> ScannedBatch? {
        do throws(SegmentFault) {
            return try segment.batch(at: offset, through: window, limit: size)
        } catch {
            guard case .system(let error) = error else { return nil }
            throw .system(error)
        }
    }

    func chain(of job: JobID) -> JobChain? {
        newest[job].map { JobChain(segment, job: job, from: $0) }
    }
}
