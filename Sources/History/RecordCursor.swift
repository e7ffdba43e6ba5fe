package import CronCore

/// Records in the order of their `seq`, or against it, one at a time. What it holds in memory does not grow with the
/// history.
package struct RecordCursor {
    private enum Source {
        case chains(ChainMerge)
        case batches(BatchWalk)
        case nothing
    }

    /// With more jobs than this a segment is read whole: their chains would be read in no order.
    private static let mostChains = 32

    /// The next one last.
    private var segments: [SegmentFile]
    private let jobs: Set<JobID>?
    private let isNewestFirst: Bool
    private let after: SequenceNumber
    private var source: Source?

    /// `segments`: oldest first. `jobs`: only theirs; nil: everybody's. `after`: only what came after it.
    init(_ segments: [SegmentFile], jobs: Set<JobID>?, newestFirst: Bool, after sequence: SequenceNumber = 0) {
        after = sequence
        self.segments = newestFirst ? segments : segments.reversed()
        self.jobs = jobs
        isNewestFirst = newestFirst
    }

    /// The next record of a kind that this version knows; nil at the end. What cannot be read is passed over, and told
    /// in the snapshot's `damage`.
    package mutating func next() -> Record? {
        while true {
            if let record = nextOfSource() {
                if record.header.sequence > after { return record }
                continue
            }
            guard let segment = segments.popLast() else { return nil }
            source = open(segment)
        }
    }

    private mutating func nextOfSource() -> Record? {
        switch source {
        case nil, .nothing: return nil
        case .chains(var chains):
            source = nil
            defer { source = .chains(chains) }
            return chains.next()
        case .batches(var walk):
            source = nil
            defer { source = .batches(walk) }
            return walk.next()
        }
    }

    private func open(_ segment: SegmentFile) -> Source {
        guard let jobs, jobs.count <= Self.mostChains else {
            return .batches(BatchWalk(segment, newestFirst: isNewestFirst, jobs: jobs))
        }
        if isNewestFirst { return .chains(ChainMerge(segment, jobs: jobs)) }
        guard jobs.contains(where: { segment.entry(of: $0) != nil }) else { return .nothing }
        return .batches(BatchWalk(segment, newestFirst: false, jobs: jobs))
    }
}
