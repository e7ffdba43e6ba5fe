package import CronCore

/// Reads what is added to a history, as `dump -f` shows it. A poll that finds nothing costs a listing of the directory
/// and one read.
package struct HistoryFollower {
    private let storage: any Storage
    private let jobs: Set<JobID>?
    /// The newest record handed out.
    private var last: SequenceNumber
    private var names: Set<String> = []
    /// What came to light when the directory had changed.
    private var backlog: RecordCursor?
    /// The segment that is being written, and where its next batch will lie.
    private var active: (segment: SegmentFile, window: FileWindow, offset: UInt64)?

    /// `jobs`: only theirs; nil: everybody's. `sequence`: what came after it; see ``HistorySnapshot/lastSequence``.
    package init(directory: String, jobs: Set<JobID>?, after sequence: SequenceNumber) throws(HistoryError) {
        let storage = try history { () throws(SystemError) in try PosixStorage(path: directory) }
        self.init(storage, jobs: jobs, after: sequence)
    }

    package init(_ storage: any Storage, jobs: Set<JobID>?, after sequence: SequenceNumber) {
        self.storage = storage
        self.jobs = jobs
        last = sequence
    }

    /// The next records, oldest first, about `count` at most; none: there is nothing new.
    package mutating func poll(count: Int = 1_000) throws(HistoryError) -> [Record] {
        var records: [Record] = []
        if backlog == nil { try relist() }
        while records.count < count, let record = backlog?.next() { records.append(record) }
        if records.count < count { backlog = nil }
        while records.count < count, let batch = nextBatch() { records += batch }
        last = records.last?.header.sequence ?? last
        return records
    }

    /// A file that came, went or got another name: another segment is being written, or the files were reordered.
    private mutating func relist() throws(HistoryError) {
        let storage = storage
        let now = Set(
            try history { () throws(SystemError) in try storage.names() }
                .filter { SegmentName($0)?.range != nil })
        guard now != names else { return }
        // What is written between the listing and the opening must not be missed: it counts as listed only if whole.
        let snapshot = try HistorySnapshot.open(storage)
        names = now
        backlog = snapshot.oldestFirst(jobs: jobs, after: last)
        active = nil
        guard let segment = snapshot.segments.last, segment.place == nil else { return }
        let window = FileWindow(segment.file, readAhead: 64 << 10)
        active = (segment, window, segment.scan().end.length)
    }

    private mutating func nextBatch() -> [Record]? {
        guard let (segment, window, offset) = active, let size = try? segment.file.size() else { return nil }
        window.forget()
        guard let batch = try? segment.batch(at: offset, through: window, limit: size) else { return nil }
        active = (segment, window, offset + batch.header.length)
        guard batch.header.type == SegmentFormat.recordsType, batch.header.lastSequence > last else { return [] }
        return batch.records.compactMap { view in
            let job = view.job
            guard view.sequence > last, jobs?.contains(job) ?? true else { return nil }
            return view.record(job: job)
        }
    }
}
