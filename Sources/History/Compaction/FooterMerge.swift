internal import CronCore

/// All jobs of several segments in the order of a footer, each with what every segment says of it. Holds one entry a
/// segment in memory.
struct FooterMerge {
    /// One job in one of the segments.
    struct Piece {
        let input: Int
        let entry: SegmentEntry
    }

    private struct Head: Comparable {
        let hash: UInt64
        let input: Int

        static func < (left: Head, right: Head) -> Bool {
            left.hash != right.hash ? left.hash < right.hash : left.input < right.input
        }
    }

    private var streams: [EntryStream] = []
    private var heads = BinaryHeap<Head>()
    /// The entry of each stream that is in the heap.
    private var entries: [SegmentEntry?]
    /// Of other jobs with the hash of the one before.
    private var held: [Piece] = []

    /// `inputs`: oldest first.
    init(_ inputs: [CompactionInput]) throws(CompactionFault) {
        entries = Array(repeating: nil, count: inputs.count)
        streams.reserveCapacity(inputs.count)
        for (number, input) in inputs.enumerated() {
            streams.append(try input.entries(number))
            entries[number] = try next(of: number)
            if let entry = entries[number] { heads.insert(Head(hash: entry.hash, input: number)) }
        }
    }

    /// The next job's pieces, oldest first; none: at the end.
    mutating func next(into pieces: inout [Piece]) throws(CompactionFault) {
        pieces.removeAll(keepingCapacity: true)
        swap(&pieces, &held)
        if pieces.isEmpty, let hash = heads.first?.hash {
            while let head = heads.first, head.hash == hash { try take(head, into: &pieces) }
        }
        guard let first = pieces.first, pieces.contains(where: { $0.entry.job != first.entry.job }) else { return }
        pieces.sort { $0.entry.job != $1.entry.job ? $0.entry.job < $1.entry.job : $0.input < $1.input }
        let end = pieces.firstIndex { $0.entry.job != pieces[0].entry.job } ?? pieces.count
        held = Array(pieces[end...])
        pieces.removeSubrange(end...)
    }

    private mutating func take(_ head: Head, into pieces: inout [Piece]) throws(CompactionFault) {
        if let entry = entries[head.input] { pieces.append(Piece(input: head.input, entry: entry)) }
        entries[head.input] = try next(of: head.input)
        if let entry = entries[head.input] {
            heads.replaceFirst(with: Head(hash: entry.hash, input: head.input))
        } else {
            heads.removeFirst()
        }
    }

    private mutating func next(of number: Int) throws(CompactionFault) -> SegmentEntry? {
        do throws(SegmentFault) { return try streams[number].next() } catch { throw CompactionFault(error, of: number) }
    }
}

/// The entries of one segment, in ascending order; one in memory, or all for a segment without a footer.
struct EntryStream {
    private let reader: FooterReader?
    private let listed: [SegmentEntry]
    private var position = 0
    private var last: (hash: UInt64, job: JobID)?

    init(_ reader: FooterReader) {
        self.reader = reader
        listed = []
    }

    init(_ entries: [SegmentEntry]) {
        reader = nil
        listed = entries
    }

    /// The next entry; nil: at the end.
    mutating func next() throws(SegmentFault) -> SegmentEntry? {
        defer { position += 1 }
        guard let reader else { return position < listed.count ? listed[position] : nil }
        guard position < reader.place.entryCount else { return nil }
        let entry = try reader.entry(at: position)
        if let last, last.hash > entry.hash || (last.hash == entry.hash && last.job >= entry.job) {
            throw .damaged(reader.place.entries..<reader.place.names)
        }
        last = (entry.hash, entry.job)
        return entry
    }
}
