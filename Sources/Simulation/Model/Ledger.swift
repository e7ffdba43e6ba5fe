internal import CronCore

/// Every record that was appended, and what may have become of it: what the disk must hold, and what it may.
struct Ledger {
    struct Entry {
        var record: Record
        /// A compaction that was begun was free to drop it.
        var mayBeDropped = false
        /// A compaction has dropped it.
        var isDropped = false
        /// So were all of its job, which is a new one when it comes again.
        var isForgotten = false
        /// It lies in a batch that was damaged.
        var mayBeDamaged = false
    }

    /// By `seq`, from 1. nil: what had that number never came to be, or was shed while the disk refused.
    private(set) var entries: [Entry?] = []
    /// What was appended where it is something else by now. Who had opened the history before still reads this.
    private var replaced: [SequenceNumber: Record] = [:]
    private(set) var written: SequenceNumber = 0
    private(set) var synced: SequenceNumber = 0
    /// Estimated bytes that wait for the disk, and the most of them since the last start.
    private var waiting = 0
    private var weighedThrough: SequenceNumber = 0
    private(set) var mostWaiting = 0

    /// More has waited for the disk than `UnsyncedLimit=` allows.
    var mayHaveShed: Bool { mostWaiting > 64 << 10 }

    var last: SequenceNumber { SequenceNumber(entries.count) }

    /// The last record that must be on the disk. `synced` may be ahead of it, by numbers that no record has: a later start
    /// may give those to others.
    var lastSynced: SequenceNumber {
        let place = entries.prefix(Int(min(synced, last))).lastIndex { $0 != nil }
        return place.map { SequenceNumber($0 + 1) } ?? 0
    }

    /// What a compaction that no start has looked at was free to drop.
    var droppable: Set<SequenceNumber> {
        Set(entries.lazy.compactMap { $0 }.filter(\.mayBeDropped).map(\.record.header.sequence))
    }

    func entry(_ sequence: SequenceNumber) -> Entry? {
        sequence >= 1 && sequence <= last ? entries[Int(sequence) - 1] : nil
    }

    /// false: its `seq` is not the next one.
    mutating func append(_ record: Record) -> Bool {
        guard record.header.sequence == last + 1 else { return false }
        entries.append(Entry(record: record))
        waiting += Self.weight(of: record)
        mostWaiting = max(mostWaiting, waiting)
        return true
    }

    mutating func acknowledge(written: SequenceNumber, synced: SequenceNumber) {
        self.written = max(self.written, written)
        self.synced = max(self.synced, synced)
        while weighedThrough < self.synced {
            weighedThrough += 1
            if let entry = entry(weighedThrough) { waiting -= Self.weight(of: entry.record) }
        }
    }

    /// About what a record takes in the writer's memory, as `UnsyncedLimit=` counts it.
    private static func weight(of record: Record) -> Int {
        let fixed = 256 + record.header.job.text.utf8.count
        guard case .execution(let execution) = record else { return fixed * 2 }
        let response = execution.response
        return fixed * 3 + (response.body?.count ?? 0) + (response.failure?.error.utf8.count ?? 0)
            + (response.failure?.detail.utf8.count ?? 0)
    }

    /// A start has found the history to end at `sequence`; what came after never was.
    mutating func begin(endingAt sequence: SequenceNumber) {
        while last > sequence { entries.removeLast() }
        replaced = replaced.filter { $0.key <= sequence }
        while last < sequence { entries.append(nil) }
        (written, synced, weighedThrough) = (sequence, sequence, sequence)
        (waiting, mostWaiting) = (0, 0)
    }

    /// What has this number is not, or is something else, from now on.
    mutating func replace(_ sequence: SequenceNumber, by record: Record?) {
        guard sequence >= 1, sequence <= last else { return }
        if replaced[sequence] == nil { replaced[sequence] = entries[Int(sequence) - 1]?.record }
        entries[Int(sequence) - 1] = record.map { Entry(record: $0) }
    }

    /// Whether `record` was appended just so, and shed since.
    func wasReplaced(_ record: Record) -> Bool { replaced[record.header.sequence] == record }

    /// A start has looked: what is there is there, and jobs of which nothing is there are forgotten. Gives those.
    mutating func settle() -> Set<JobID> {
        let known = Set(entries.lazy.compactMap { $0 }.filter { !$0.isDropped }.map(\.record.header.job))
        var forgotten: Set<JobID> = []
        for place in entries.indices {
            guard let job = entries[place]?.record.header.job, !known.contains(job) else { continue }
            entries[place]?.isForgotten = true
            forgotten.insert(job)
        }
        for place in entries.indices where entries[place]?.mayBeDropped == true { entries[place]?.mayBeDropped = false }
        return forgotten
    }

    mutating func change(_ sequence: SequenceNumber, _ body: (inout Entry) -> Void) {
        guard var entry = entry(sequence) else { return }
        body(&entry)
        entries[Int(sequence) - 1] = entry
    }
}
