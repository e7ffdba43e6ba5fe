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
        let entry: SegmentEntry
        let input: Int

        static func < (left: Head, right: Head) -> Bool {
            if left.entry.hash != right.entry.hash { return left.entry.hash < right.entry.hash }
            if left.entry.job != right.entry.job { return left.entry.job < right.entry.job }
            return left.input < right.input
        }
    }

    private var streams: [EntryStream] = []
    private var heads = BinaryHeap<Head>()

    /// `inputs`: oldest first.
    init(_ inputs: [CompactionInput]) throws(CompactionFault) {
        streams.reserveCapacity(inputs.count)
        for (number, input) in inputs.enumerated() {
            streams.append(try input.entries(number))
            if let entry = try next(of: number) { heads.insert(Head(entry: entry, input: number)) }
        }
    }

    /// The next job's pieces, oldest first; none: at the end.
    mutating func next(into pieces: inout [Piece]) throws(CompactionFault) {
        pieces.removeAll(keepingCapacity: true)
        while let head = heads.first {
            if let first = pieces.first, first.entry.hash != head.entry.hash || first.entry.job != head.entry.job {
                return
            }
            pieces.append(Piece(input: head.input, entry: head.entry))
            if let entry = try next(of: head.input) {
                heads.replaceFirst(with: Head(entry: entry, input: head.input))
            } else {
                heads.removeFirst()
            }
        }
    }

    private mutating func next(of number: Int) throws(CompactionFault) -> SegmentEntry? {
        do throws(SegmentFault) {
            return try streams[number].next()
        } catch {
            switch error {
            case .system(let error): throw .system(error)
            case .damaged(let range): throw .damaged(input: number, range)
            }
        }
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
