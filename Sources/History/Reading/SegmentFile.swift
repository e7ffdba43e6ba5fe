internal import CronCore

/// One segment, open for reading: through its footer if it is sealed, else by a walk over it.
final class SegmentFile {
    let name: SegmentName
    let directory: String
    var path: String { "\(directory)/\(name.text)" }
    let file: any StorageFile
    let header: SegmentHeader
    let checksum: Checksum
    /// What lies behind it does not count.
    let limit: UInt64
    /// nil: not sealed.
    let place: FooterPlace?
    /// The segment that follows: it has the last word on where this one ends.
    let next: SegmentFile?
    private let damage: DamageLog
    private var cachedScan: SegmentScan?
    /// For who takes a disk that cannot read for an empty segment, so that it is not asked again and again.
    private var refusedScan: SegmentScan?
    private let footer: FooterReader?
    /// For single records along a chain, newest first.
    private let window: FileWindow

    /// `footerCounts`: false for one that is to be read as if it were not sealed.
    init(
        name: SegmentName, directory: String, file: any StorageFile, header: SegmentHeader, next: SegmentFile?,
        damage: DamageLog, footerCounts: Bool = true
    ) throws(SystemError) {
        self.name = name
        self.next = next
        self.directory = directory
        self.file = file
        self.header = header
        self.damage = damage
        checksum = Checksum(salt: header.salt)
        let size = try file.size()
        var place = footerCounts ? try FooterPlace(file, size: size, checksum: checksum) : nil
        var limit = size
        if let end = Self.end(of: header, by: next), end.length < size {
            limit = end.length
            place = nil
        }
        self.limit = limit
        self.place = place
        footer = place.map { [file, checksum] place in FooterReader(file, place: place, checksum: checksum) }
        window = FileWindow(file, readAhead: 8 << 10, .around, readable: place?.trailer)
    }

    /// Where a raw segment ends, by the header of the next one.
    private static func end(of header: SegmentHeader, by next: SegmentFile?) -> SegmentEnd? {
        guard !header.isCover, let end = next?.header.predecessor, end.id == header.hi,
            end.length >= SegmentFormat.firstBatchOffset
        else { return nil }
        return end
    }

    /// Where it ends by the header of the next one, which has the last word; nil: that says nothing.
    var endByNext: SegmentEnd? { Self.end(of: header, by: next) }

    /// Where the chain stands behind this segment.
    var end: SegmentEnd {
        if header.isCover { return header.chainEnd }
        if let end = Self.end(of: header, by: next) { return end }
        return (try? footerEnd()) ?? scan().end
    }

    /// Whether the footer is there from its first byte to its last.
    var hasWholeFooter: Bool {
        guard let place else { return false }
        return (try? batch(at: place.batchOffset, through: FileWindow(file, readAhead: 0))) != nil
    }

    /// The end of the file, by its footer; nil: it has none.
    func footerEnd() throws(SegmentFault) -> SegmentEnd? {
        guard let footer else { return nil }
        let batch = try footer.batch()
        return SegmentEnd(id: header.hi, length: limit, lastBatch: UInt64(batch.header.number), crc: batch.crc)
    }

    /// The header of the footer's batch; nil: it has none.
    func footerBatch() throws(SegmentFault) -> BatchHeader? { try footer?.batch().header }

    /// Whether something in this segment says that its predecessor is on the disk to its end.
    private var vouchesForPredecessor: Bool {
        header.isCover || place != nil || scan().predecessorIsSynced
    }

    /// What the footer, or a walk, says of `job`.
    func entry(of job: JobID) -> SegmentEntry? {
        if let footer, cachedScan == nil {
            do throws(SegmentFault) { return try footer.entry(of: job) } catch { report(error, "footer") }
        }
        return scan().index.entry(of: job)
    }

    /// Every job with a record here, in no order.
    func entries() -> [SegmentEntry] {
        if let place, cachedScan == nil {
            let footer = FooterReader(file, place: place, checksum: checksum, readAhead: 256 << 10)
            var entries: [SegmentEntry] = []
            do throws(SegmentFault) {
                for position in 0..<place.entryCount { entries.append(try footer.entry(at: position)) }
                return entries
            } catch { report(error, "footer") }
        }
        return scan().index.entries
    }

    /// The range of `seq` in the segment, and when it was last written to.
    func summary() -> (firstSequence: SequenceNumber, lastSequence: SequenceNumber, lastWrittenAt: Timestamp) {
        if let footer, cachedScan == nil {
            do throws(SegmentFault) {
                let batch = try footer.batch().header
                return (batch.firstSequence, batch.lastSequence, batch.writtenAt)
            } catch { report(error, "footer") }
        }
        let index = scan().index
        return (index.firstSequence, index.lastSequence, index.lastWrittenAt)
    }

    /// The walk over the whole segment; made once.
    func scan() -> SegmentScan {
        if let refusedScan { return refusedScan }
        do throws(SystemError) {
            return try checkedScan()
        } catch {
            report(.system(error), "segment")
            let scan = SegmentScan(nothingOf: header)
            refusedScan = scan
            return scan
        }
    }

    /// The same for who must not take a disk that cannot read for an empty segment.
    func checkedScan() throws(SystemError) -> SegmentScan {
        if let cachedScan { return cachedScan }
        var scan = try steadyScan()
        if place != nil || header.isCover {
            scan.durable = .max
            if let place, max(scan.end.length, scan.bad.last?.range.upperBound ?? 0) < place.batchOffset {
                let missing = max(scan.end.length, scan.bad.last?.range.upperBound ?? 0)
                scan.bad.append(.init(range: missing..<place.batchOffset, batch: scan.end.lastBatch + 1))
            }
        } else if let end = Self.end(of: header, by: next) {
            if let next, next.vouchesForPredecessor { scan.durable = max(scan.durable, end.lastBatch) }
            let missing = max(scan.end.length, scan.bad.last?.range.upperBound ?? 0)
            if scan.end.lastBatch < end.lastBatch, missing < end.length {
                scan.bad.append(.init(range: missing..<end.length, batch: scan.end.lastBatch + 1))
            }
        }
        for bad in scan.bad { damage.add(scan.damage(bad, of: path)) }
        if place == nil, header.isCover, scan.end.length >= limit, !scan.hasFooter {
            damage.add(
                Damage(file: path, range: limit..<limit, words: "cut off: what a cover held behind this is lost"))
        }
        cachedScan = scan
        return scan
    }

    /// The end of a segment that is being written can look torn; it is not if it looks otherwise a moment later.
    private func steadyScan() throws(SystemError) -> SegmentScan {
        let limit = place?.batchOffset ?? limit
        var scan = try SegmentScan(file, header: header, limit: limit)
        for _ in 0..<3 where place == nil && next == nil && !scan.bad.isEmpty {
            let again = try SegmentScan(file, header: header, limit: limit)
            if again.bad == scan.bad && again.end == scan.end { break }
            scan = again
        }
        // One that has grown since it was opened has a batch across its end of then, which came later.
        if place == nil, next == nil, let last = scan.bad.last, last.range.upperBound == limit,
            !scan.isCorrupt(last), try file.size() > limit
        {
            scan.bad.removeLast()
        }
        return scan
    }

    /// The record at `offset`, its bytes checked. They hold until the next call.
    func view(at offset: UInt64) throws(SegmentFault) -> RecordView {
        try view(at: offset) { (offset, length) throws(SystemError) in try window.bytes(at: offset, length: length) }
    }

    /// Forgets what `view` has read: the file has grown.
    func forget() { window.forget() }

    /// The same, read by the caller's means.
    func view(
        at offset: UInt64, read: (UInt64, Int) throws(SystemError) -> UnsafeRawBufferPointer
    ) throws(SegmentFault) -> RecordView {
        let end = min(offset &+ UInt64(SegmentFormat.recordHeaderLength), limit)
        let fault = SegmentFault.damaged(offset..<max(end, offset))
        guard offset >= SegmentFormat.firstBatchOffset, offset < limit, offset & 7 == 0 else { throw fault }
        let head = try checked { () throws(SystemError) in try read(offset, 8) }
        guard head.count == 8 else { throw fault }
        let length = Int(UInt32(littleEndian: head.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
        guard length >= SegmentFormat.recordHeaderLength, length <= SegmentFormat.longestRecord,
            UInt64(length) <= limit - offset
        else { throw fault }
        let bytes = try checked { () throws(SystemError) in try read(offset, length) }
        guard let view = RecordView(bytes, at: offset, checking: checksum) else {
            throw .damaged(offset..<offset + UInt64(length))
        }
        return view
    }

    private func checked<Value>(_ body: () throws(SystemError) -> Value) throws(SegmentFault) -> Value {
        do throws(SystemError) { return try body() } catch { throw .system(error) }
    }

    func report(_ fault: SegmentFault, _ what: String) {
        switch fault {
        case .system(let error):
            damage.add(Damage(file: path, range: 0..<limit, words: "\(what) cannot be read: \(error)"))
            // Without a footer the segment is walked over.
            if what != "footer" { damage.add(refusal: error) }
        case .damaged(let range):
            damage.add(
                what == "batch"
                    ? Damage(file: path, lost: range) : Damage(file: path, range: range, words: "corrupt \(what)"))
        }
    }
}

extension SegmentScan {
    /// Of a segment that could not be walked.
    init(nothingOf header: SegmentHeader) {
        end = .empty(header.hi)
    }
}
