internal import CronCore

/// One job's records in one segment, newest first, each found through the one after it. Where the chain is broken, a
/// walk over the segment finds the rest.
struct JobChain {
    let job: JobID
    private let segment: SegmentFile
    /// Where the next record lies; 0: there is none.
    private var offset: UInt64
    /// Once the chain was found broken: where the records before the break lie, oldest first.
    private var listed: [UInt64]?

    init(_ segment: SegmentFile, job: JobID, from offset: UInt64) {
        self.job = job
        self.segment = segment
        self.offset = offset
    }

    /// The next older record that `filter` takes.
    mutating func next(_ filter: RecordFilter) -> Record? {
        while offset != 0 {
            let place = offset
            do throws(SegmentFault) {
                let view = try segment.view(at: place)
                guard view.previous < place, view.isOf(job) else {
                    throw .damaged(place..<place + UInt64(view.length))
                }
                advance(to: view.previous)
                if filter.takes(view), let record = view.record(job: job) { return record }
            } catch {
                segment.report(error, "record")
                if listed == nil { listed = segment.offsets(of: job, before: place) }
                advance(to: 0)
            }
        }
        return nil
    }

    private mutating func advance(to previous: UInt64) {
        offset = listed == nil ? previous : listed?.popLast() ?? 0
    }
}

extension SegmentFile {
    /// Where the job's good records before `offset` lie, oldest first: a walk over the segment.
    func offsets(of job: JobID, before offset: UInt64) -> [UInt64] {
        var offsets: [UInt64] = []
        var scanner = BatchScanner(file, checksum: checksum, limit: min(limit, offset))
        do throws(SystemError) {
            while let item = try scanner.next() {
                switch item {
                case .bad(let range, _):
                    // The batch that `offset` itself lies in is cut off by the limit, and no damage of its own.
                    if range.upperBound < offset { report(.damaged(range), "batch") }
                case .batch(let batch) where batch.header.type == SegmentFormat.recordsType:
                    for view in batch.records where view.isOf(job) {
                        offsets.append(view.offset)
                    }
                case .batch: continue
                }
            }
        } catch {
            report(.system(error), "segment")
        }
        return offsets
    }
}
