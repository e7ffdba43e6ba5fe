internal import CChecksum
internal import CronCore

/// The swap that makes a cover of an unsealed segment, step by step, so that a test can stop between any two: `write`,
/// `verify`, `commit`, `dropOriginal`. Nothing is lost by a crash in between; what is left over the next opening mends.
final class SegmentCopy {
    private let storage: any Storage
    private let source: SegmentFile
    private let sourceName: SegmentName
    let header: SegmentHeader
    private var length: UInt64 = 0
    private var crc: UInt32 = 0

    var temporary: String { SegmentName.temporary(header.lo, header.hi).text }
    let target: SegmentName

    /// `end`: the end of the chain at this segment, as the next header has it, or as it was found.
    init(of source: SegmentFile, in storage: any Storage, end: SegmentEnd, salt: UInt64) {
        self.storage = storage
        self.source = source
        sourceName = source.name
        var header = source.header
        header.salt = salt
        header.flags |= SegmentFormat.coverFlag
        header.ownEnd = end
        // Of what damage has taken at its end the next header may be all that knows, and that may be removed.
        let next = max(source.next?.header.firstSequence ?? 1, 1)
        header.lastSequence = max(source.summary().lastSequence, next - 1)
        self.header = header
        target = .cover(header.lo, header.hi)
    }

    /// Writes the good batches and a footer under a temporary name, and syncs them.
    func write() throws(SystemError) {
        do throws(SystemError) { try storage.remove(temporary) } catch  where error.isMissing {}
        let file = try storage.create(temporary)
        let builder = SegmentBuilder(header)
        try put(builder.headerBytes(), to: file)
        var lastWrittenAt = header.createdAt
        _ = try SegmentScan(source.file, header: source.header, limit: source.limit) { batch throws(SystemError) in
            guard batch.header.type == SegmentFormat.recordsType else { return }
            builder.beginBatch()
            for view in batch.records { builder.add(view) }
            guard !builder.isEmpty else { return }
            lastWrittenAt = batch.header.writtenAt
            try put(end(builder, at: lastWrittenAt), to: file)
        }
        try put(
            builder.footer(durable: builder.lastBatch, at: lastWrittenAt, predecessorIsSynced: true), to: file)
        try file.sync()
    }

    /// Reads the copy back; false if it is not what was written.
    func verify() throws(SystemError) -> Bool {
        let file = try storage.open(temporary)
        guard try file.size() == length else { return false }
        let window = FileWindow(file, readAhead: 1 << 20)
        var crc: UInt32 = 0
        var offset: UInt64 = 0
        while offset < length {
            let bytes = try window.bytes(at: offset, length: Int(min(length - offset, 1 << 20)))
            guard !bytes.isEmpty else { return false }
            crc = httpcron_crc32c(crc, bytes.baseAddress, bytes.count)
            offset += UInt64(bytes.count)
        }
        return crc == self.crc
    }

    /// Gives the copy its name, durably: from here on it stands for the original.
    func commit() throws(SystemError) {
        try storage.rename(temporary, to: target.text)
        try storage.sync()
    }

    func dropOriginal() throws(SystemError) {
        try storage.remove(sourceName.text)
        try storage.sync()
    }

    private func end(_ builder: SegmentBuilder, at time: Timestamp) -> UnsafeRawBufferPointer {
        builder.endBatch(durable: builder.lastBatch, at: time, predecessorIsSynced: true)
    }

    private func put(_ bytes: UnsafeRawBufferPointer, to file: any StorageFile) throws(SystemError) {
        try file.writeAll(bytes, at: length, path: "\(storage.path)/\(temporary)")
        crc = httpcron_crc32c(crc, bytes.baseAddress, bytes.count)
        length += UInt64(bytes.count)
    }
}
