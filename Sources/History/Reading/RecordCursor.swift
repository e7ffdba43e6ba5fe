package import CronCore

/// Records in the order of their `seq`, or against it, one at a time. What it holds in memory does not grow with the
/// history.
package struct RecordCursor {
    private enum Source {
        case chains(ChainMerge)
        case batches(BatchWalk)
        case groups(GroupedWalk)
        case nothing
    }

    /// With more jobs than this a segment is read whole: their chains would be read in no order.
    private static let mostChains = 32

    /// The next one last.
    private var segments: [SegmentFile]
    private let filter: RecordFilter
    private let isNewestFirst: Bool
    private var source: Source?

    /// `segments`: oldest first.
    init(_ segments: [SegmentFile], newestFirst: Bool, filter: RecordFilter) {
        self.segments = newestFirst ? segments : segments.reversed()
        self.filter = filter
        isNewestFirst = newestFirst
    }

    /// The next record of a kind that this version knows; nil at the end. What cannot be read is passed over, and told
    /// in the snapshot's `damage`.
    package mutating func next() -> Record? {
        while true {
            if let record = nextOfSource() { return record }
            guard let segment = segments.popLast() else { return nil }
            source = open(segment)
        }
    }

    private func nextOfSource() -> Record? {
        switch source {
        case nil, .nothing: nil
        case .chains(let chains): chains.next()
        case .batches(let walk): walk.next()
        case .groups(let walk): walk.next()
        }
    }

    private func open(_ segment: SegmentFile) -> Source {
        if segment.header.isGrouped {
            return .groups(GroupedWalk(segment, newestFirst: isNewestFirst, filter: filter))
        }
        guard let jobs = filter.jobs, jobs.count <= Self.mostChains else {
            return .batches(BatchWalk(segment, newestFirst: isNewestFirst, filter: filter))
        }
        if isNewestFirst { return .chains(ChainMerge(segment, jobs: jobs, filter: filter)) }
        guard jobs.contains(where: { segment.entry(of: $0) != nil }) else { return .nothing }
        return .batches(BatchWalk(segment, newestFirst: false, filter: filter))
    }
}
