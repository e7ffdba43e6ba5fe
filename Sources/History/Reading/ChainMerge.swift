internal import CronCore

/// The records of some jobs in one segment, newest first, merged from their chains: what is read is what is asked for.
final class ChainMerge {
    private struct Head {
        var record: Record
        var chain: JobChain
    }

    private let filter: RecordFilter
    /// Newest last.
    private var heads: [Head] = []

    init(_ segment: SegmentFile, jobs: some Sequence<JobID>, filter: RecordFilter) {
        self.filter = filter
        for job in jobs {
            guard let entry = segment.entry(of: job) else { continue }
            insert(JobChain(segment, job: job, from: entry.newest))
        }
    }

    func next() -> Record? {
        guard let head = heads.popLast() else { return nil }
        insert(head.chain)
        return head.record
    }

    private func insert(_ chain: JobChain) {
        var chain = chain
        guard let record = chain.next(filter) else { return }
        var low = 0
        var high = heads.count
        while low < high {
            let middle = (low + high) / 2
            if heads[middle].record.header.sequence < record.header.sequence { low = middle + 1 } else { high = middle }
        }
        heads.insert(Head(record: record, chain: chain), at: low)
    }
}
