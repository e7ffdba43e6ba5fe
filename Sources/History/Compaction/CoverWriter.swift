internal import CronCore

/// Writes a cover under a temporary name, step by step: records, `finish`, `verify`, `commit`; or `discard`, which leaves
/// nothing of it.
final class CoverWriter {
    private let storage: any Storage
    private let meter: IOMeter
    private let file: any StorageFile
    private let temporary: SegmentName
    let target: SegmentName
    let builder: SegmentBuilder
    /// When the newest batch of what is joined was written; every batch here says so, too.
    private let writtenAt: Timestamp
    private(set) var length: UInt64 = 0
    private var unsynced = 0
    /// Over the header, and over the place and the header CRC of each batch, which vouches for the rest of it.
    private var digest: UInt32 = 0
    private(set) var recordCount: UInt64 = 0

    private static let syncInterval = 4 << 20
    private static let pieceLength = 1 << 20

    init(
        _ header: SegmentHeader, in storage: any Storage, writtenAt: Timestamp, meter: IOMeter
    ) throws(SystemError) {
        self.storage = storage
        self.meter = meter
        self.writtenAt = writtenAt
        temporary = .temporary(header.lo, header.hi)
        target = .cover(header.lo, header.hi)
        builder = SegmentBuilder(header)
        do throws(SystemError) { try storage.remove(temporary.text) } catch  where error.isMissing {}
        file = try storage.create(temporary.text)
    }

    /// The bytes before the first batch.
    func begin() throws(CompactionFault) {
        let bytes = builder.headerBytes()
        digest = Checksum.plain(bytes)
        try put(bytes)
        builder.beginBatch()
    }

    func add(_ view: RecordView, slot: Int) throws(CompactionFault) {
        builder.add(view, slot: slot)
        recordCount += 1
        if builder.isFull { try endBatch() }
    }

    private func endBatch() throws(CompactionFault) {
        let offset = builder.offset
        let bytes = builder.endBatch(durable: builder.lastBatch, at: writtenAt, predecessorIsSynced: true)
        note(batchAt: offset)
        try put(bytes)
        builder.beginBatch()
    }

    /// The last batch, the footer, and the sync that makes it all durable.
    func finish() throws(CompactionFault) {
        if !builder.isEmpty { try endBatch() }
        let offset = builder.offset
        let bytes = builder.footer(durable: builder.lastBatch, at: writtenAt, predecessorIsSynced: true)
        note(batchAt: offset)
        try put(bytes)
        try sync()
    }

    private func note(batchAt offset: UInt64) {
        digest = digest.continued(offset: offset, crc: builder.lastCRC)
    }

    private func put(_ bytes: UnsafeRawBufferPointer) throws(CompactionFault) {
        var done = 0
        while done < bytes.count {
            let piece = UnsafeRawBufferPointer(rebasing: bytes[done..<min(done + Self.pieceLength, bytes.count)])
            try faultable { () throws(SystemError) in try file.writeAll(piece, at: length, path: path) }
            done += piece.count
            length += UInt64(piece.count)
            unsynced += piece.count
            if unsynced >= Self.syncInterval { try sync() }
            try meter.spend(piece.count)
        }
        try meter.settle()
    }

    private func sync() throws(CompactionFault) {
        unsynced = 0
        try faultable { () throws(SystemError) in try file.sync() }
    }

    /// Reads the cover back: false if it is not what was written, or its footer cannot be read.
    func verify() throws(CompactionFault) -> Bool {
        let checksum = Checksum(salt: builder.header.salt)
        let file = try faultable { () throws(SystemError) in try storage.open(temporary.text) }
        var digest: UInt32 = 0
        let isWhole = try faultable { () throws(SystemError) in
            guard try file.size() == length, let place = try FooterPlace(file, size: length, checksum: checksum) else {
                return false
            }
            let window = FileWindow(file, readAhead: 4_096)
            digest = Checksum.plain(try window.bytes(at: 0, length: Int(SegmentFormat.firstBatchOffset)))
            return try footerIsGood(FooterReader(file, place: place, checksum: checksum, readAhead: 64 << 10))
        }
        guard isWhole else { return false }
        var scanner = BatchScanner(file, checksum: checksum, limit: length)
        while let item = try faultable({ () throws(SystemError) in try scanner.next() }) {
            guard case .batch(let batch) = item else { return false }
            digest = digest.continued(offset: batch.offset, crc: batch.crc)
            try meter.spend(Int(batch.header.length))
        }
        try meter.settle()
        return digest == self.digest
    }

    private func footerIsGood(_ footer: FooterReader) throws(SystemError) -> Bool {
        do throws(SegmentFault) {
            for position in 0..<footer.place.entryCount { _ = try footer.entry(at: position) }
            return footer.place.entryCount == builder.index.entries.count
        } catch {
            if case .system(let error) = error { throw error }
            return false
        }
    }

    /// Gives the cover its name, durably: from here on it stands for what it joins. When that fails the name is taken
    /// away again.
    func commit() throws(SystemError) {
        try storage.rename(temporary.text, to: target.text)
        do throws(SystemError) {
            try storage.sync()
        } catch {
            try? storage.remove(target.text)
            try? storage.sync()
            throw error
        }
    }

    func discard() {
        try? storage.remove(temporary.text)
    }

    var path: String { "\(storage.path)/\(temporary.text)" }
}

extension UInt32 {
    /// A checksum over this one and a batch's place and header CRC.
    fileprivate func continued(offset: UInt64, crc: UInt32) -> UInt32 {
        var words = (UInt64(self).littleEndian, offset.littleEndian, UInt64(crc).littleEndian)
        return withUnsafeBytes(of: &words) { Checksum.plain($0) }
    }
}
