internal import CronCore

/// The segments that a compaction joins: LO…HI, every one that is sealed and may be taken.
struct CompactionRun {
    /// Oldest first.
    let inputs: [CompactionInput]
    /// Files between them that are not read, for their headers are damaged or a damaged cover stands for them too.
    let unread: [SegmentName]
    /// Ids between them that have no file.
    let missing: [Damage]
    /// Where the chain stands behind the last one.
    let end: SegmentEnd
    /// Bytes of the segments that are not joined.
    let otherBytes: UInt64

    var lo: UInt64 { inputs.first?.segment.header.lo ?? 0 }
    var hi: UInt64 { inputs.last?.segment.header.hi ?? 0 }

    /// nil: there is nothing to join.
    init?(_ storage: any Storage, through: UInt64) throws(HistoryError) {
        let snapshot = try HistorySnapshot.open(storage)
        var taken: [CompactionInput] = []
        var otherBytes: UInt64 = 0
        var missing: [Damage] = []
        for segment in snapshot.segments {
            let header = segment.header
            guard header.history == snapshot.historyID else { throw .otherHistory(file: segment.path) }
            let last = taken.last?.segment.header
            guard header.hi <= through, header.lo > last?.hi ?? 0, segment.name.range == header.lo...header.hi else {
                otherBytes += try history { () throws(SystemError) in try segment.file.size() }
                continue
            }
            if let last, !header.follows(last) {
                let first = SegmentName.raw(last.hi + 1).text
                let words = "missing, though \(segment.name.text) follows on it; the cover stands for it from now on"
                missing.append(Damage(file: "\(storage.path)/\(first)", range: 0..<0, words: words))
            }
            taken.append(CompactionInput(segment))
        }
        guard let first = taken.first, let last = taken.last, taken.contains(where: { !$0.isGrouped }),
            taken.count > 1 || !first.segment.header.isCover
        else { return nil }
        inputs = taken
        self.missing = missing
        self.otherBytes = otherBytes
        let range = first.segment.header.lo...last.segment.header.hi
        let known = Set(taken.map(\.segment.name))
        unread = try history { () throws(SystemError) in
            try DirectoryListing(storage, withUnfinished: false).segments.filter {
                $0.standing != .superseded && range.contains($0.range.lowerBound)
                    && range.contains($0.range.upperBound) && !known.contains($0.name)
            }
        }.map(\.name)
        end = try Self.end(of: last)
    }

    /// The end of the chain at the last segment: as the next header has it, or as its own footer does.
    private static func end(of input: CompactionInput) throws(HistoryError) -> SegmentEnd {
        let segment = input.segment
        guard !segment.header.isCover, segment.endByNext == nil else { return segment.end }
        do throws(SegmentFault) {
            if let end = try segment.footerEnd() { return end }
        } catch {
            if case .system(let error) = error { throw .system(error) }
        }
        return try history { () throws(SystemError) in try segment.checkedScan().end }
    }
}

extension SegmentHeader {
    /// Whether this segment comes straight after the one with `header`, but for an id that never got a record.
    fileprivate func follows(_ header: SegmentHeader) -> Bool {
        lo == header.hi + 1 || (predecessor.id == lo - 1 && predecessor.lastBatch == 0 && lo == header.hi + 2)
    }
}
