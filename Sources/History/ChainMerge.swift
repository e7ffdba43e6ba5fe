internal import CronCore

/// The records of some jobs in one segment, newest first, merged from their chains: what is read is what is asked for.
struct ChainMerge {
    private struct Head {
        var record: Record
        var chain: JobChain
    }

    /// Newest last.
    private var heads: [Head] = []

    init(_ segment: SegmentFile, jobs: some Sequence<JobID>) {
        for job in jobs {
            guard let entry = segment.entry(of: job) else { continue }
            insert(JobChain(segment, job: job, from: entry.newest))
        }
    }

    mutating func next() -> Record? {
        guard let head = heads.popLast() else { return nil }
        insert(head.chain)
        return head.record
    }

    private mutating func insert(_ chain: JobChain) {
        var chain = chain
        guard let record = chain.next() else { return }
        var low = 0
        var high = heads.count
        while low < high {
            let middle = (low + high) / 2
            if heads[middle].record.header.sequence < record.header.sequence { low = middle + 1 } else { high = middle }
        }
        heads.insert(Head(record: record, chain: chain), at: low)
    }
}
