internal import CronCore

/// Copies what is whole in a damaged segment into a sealed one without a name, record by record where a batch is
/// damaged.
struct SegmentSalvage {
    private let source: SegmentFile
    private let storage: any Storage
    private let builder: SegmentBuilder
    private let name: String
    private let file: any StorageFile
    private var lastWrittenAt: Timestamp

    /// The copy's `header` is the segment's, as a cover, with another salt.
    static func copy(
        of source: SegmentFile, in storage: any Storage, salt: UInt64, log: DamageLog
    ) throws(SystemError) -> SegmentFile {
        var header = source.header
        header.salt = salt
        header.flags |= SegmentFormat.coverFlag
        let name = SegmentName.temporary(header.lo, header.hi).text
        do throws(SystemError) { try storage.remove(name) } catch  where error.isMissing {}
        let file = try storage.create(name)
        defer { try? storage.remove(name) }
        var salvage = SegmentSalvage(
            source: source, storage: storage, builder: SegmentBuilder(header), name: name, file: file,
            lastWrittenAt: header.createdAt)
        try salvage.write()
        return try SegmentFile(
            name: source.name, directory: source.directory, file: try storage.open(name), header: header, next: nil,
            damage: log)
    }

    private mutating func write() throws(SystemError) {
        try put(builder.headerBytes(), at: 0)
        builder.beginBatch()
        var scanner = BatchScanner(
            source.file, checksum: source.checksum, limit: source.place?.batchOffset ?? source.limit)
        while let item = try scanner.next() {
            switch item {
            case .batch(let batch) where batch.header.type == SegmentFormat.recordsType:
                lastWrittenAt = batch.header.writtenAt
                for view in batch.records { try add(view) }
            case .batch: continue
            case .bad(let range, _):
                var records = RecordScanner(source.file, checksum: source.checksum, range: range)
                while let view = try records.next() { try add(view) }
            }
        }
        if !builder.isEmpty { try endBatch() }
        let offset = builder.offset
        let footer = builder.footer(durable: builder.lastBatch, at: lastWrittenAt, predecessorIsSynced: true)
        try put(footer, at: offset)
    }

    private func add(_ view: RecordView) throws(SystemError) {
        builder.add(view)
        if builder.isFull { try endBatch() }
    }

    private func endBatch() throws(SystemError) {
        let offset = builder.offset
        let bytes = builder.endBatch(durable: builder.lastBatch, at: lastWrittenAt, predecessorIsSynced: true)
        try put(bytes, at: offset)
        builder.beginBatch()
    }

    private func put(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(SystemError) {
        try file.writeAll(bytes, at: offset, path: "\(storage.path)/\(name)")
    }
}
