internal import CronCore

/// The payload of the batch that seals a segment.
enum Footer {
    /// Appends the payload to `buffer`, which holds the 64 free bytes of its batch header; the batch will lie at
    /// `batchOffset`.
    static func encode(_ index: SegmentIndex, into buffer: inout ByteBuffer, batchOffset: UInt64, checksum: Checksum) {
        let entries = index.sorted
        let namesLength = entries.reduce(0) { $0 + cutName($1.job).count }
        buffer.append(index.firstSequence)
        buffer.append(index.lastSequence)
        buffer.append(index.recordCount)
        buffer.append(UInt64(entries.count))
        buffer.append(index.lastWrittenAt.microseconds)
        buffer.append(UInt64(namesLength))
        buffer.appendZeros(16)
        var nameBegin = 0
        for entry in entries {
            let nameLength = cutName(entry.job).count
            append(entry, nameBegin: nameBegin, nameLength: nameLength, to: &buffer)
            let begin = buffer.count - SegmentFormat.entryLength + 4
            let covered = UnsafeRawBufferPointer(rebasing: buffer.bytes[begin...])
            buffer.append(checksum.of(covered, at: batchOffset + UInt64(begin)))
            nameBegin += nameLength
        }
        for entry in entries { buffer.appendText(entry.job.text) }
        buffer.align()
        let begin = buffer.count
        buffer.append(batchOffset)
        buffer.append(UInt64(entries.count))
        buffer.append(UInt64(namesLength))
        let covered = UnsafeRawBufferPointer(rebasing: buffer.bytes[begin...])
        buffer.append(checksum.of(covered, at: batchOffset + UInt64(begin)))
        buffer.append(SegmentFormat.trailerMagic)
    }

    /// All of an entry but its CRC.
    private static func append(_ entry: SegmentEntry, nameBegin: Int, nameLength: Int, to buffer: inout ByteBuffer) {
        buffer.append(entry.hash)
        buffer.append(entry.newest)
        buffer.append(entry.oldest)
        buffer.append(entry.newestExecution)
        buffer.append(entry.newestSuccess)
        buffer.append(entry.newestSequence)
        buffer.append(entry.recordCount)
        buffer.append(entry.executionCount)
        buffer.append(entry.successCount)
        buffer.append(entry.account.epoch)
        buffer.append(entry.account.cursor.microseconds)
        buffer.append(entry.account.schedule)
        buffer.append(entry.account.failuresInARow)
        buffer.append(entry.account.openRuns)
        buffer.append(entry.newestFinishedAt.microseconds)
        buffer.append(
            (entry.newestSucceeded ? SegmentFormat.newestSucceededFlag : 0)
                | (entry.otherCount == nil ? 0 : SegmentFormat.othersCountedFlag)
                | (entry.account.isPaused ? SegmentFormat.pausedEntryFlag : 0))
        buffer.append(UInt32(truncatingIfNeeded: nameBegin))
        buffer.append(UInt16(truncatingIfNeeded: nameLength))
        buffer.append(UInt16(0))
        buffer.append(entry.otherCount ?? 0)
    }

    /// A name as `appendText` writes it.
    private static func cutName(_ job: JobID) -> Substring.UTF8View {
        var name = job.text[...]
        while name.utf8.count > SegmentFormat.longestText { name = name.dropLast() }
        return name.utf8
    }
}

/// Where the parts of a footer lie, as the trailer says.
struct FooterPlace: Equatable {
    let batchOffset: UInt64
    let entryCount: Int
    let namesLength: Int

    /// Reads the trailer of a file of `size` bytes; nil: the segment is not sealed, or the trailer cannot be read though
    /// its header can.
    init?(_ file: any StorageFile, size: UInt64, checksum: Checksum) throws(SystemError) {
        let length = UInt64(SegmentFormat.trailerLength)
        guard size >= SegmentFormat.firstBatchOffset + length, size & 7 == 0,
            let bytes = try Self.trailer(file, at: size - length), bytes.count == length
        else { return nil }
        let decoded = bytes.withUnsafeBytes { Self.decode($0, at: size - length, checksum: checksum) }
        guard let decoded, decoded.end == size else { return nil }
        self = decoded
    }

    /// nil: the disk cannot read it.
    private static func trailer(_ file: any StorageFile, at offset: UInt64) throws(SystemError) -> [UInt8]? {
        for _ in 0...SystemError.readRetries {
            do throws(SystemError) {
                var bytes = [UInt8](repeating: 0, count: SegmentFormat.trailerLength)
                let count = try file.read(&bytes, at: offset)
                return Array(bytes[..<count])
            } catch {
                guard error.isUnreadable, try SegmentHeaderReading.canRead(file) else { throw error }
            }
        }
        return nil
    }

    private init(batchOffset: UInt64, entryCount: Int, namesLength: Int) {
        self.batchOffset = batchOffset
        self.entryCount = entryCount
        self.namesLength = namesLength
    }

    private static func decode(_ bytes: UnsafeRawBufferPointer, at offset: UInt64, checksum: Checksum) -> FooterPlace? {
        var reader = ByteReader(bytes)
        let batchOffset: UInt64 = reader.integer()
        let entryCount: UInt64 = reader.integer()
        let namesLength: UInt64 = reader.integer()
        let crc: UInt32 = reader.integer()
        guard reader.integer(UInt32.self) == SegmentFormat.trailerMagic,
            checksum.of(UnsafeRawBufferPointer(rebasing: bytes[..<24]), at: offset) == crc,
            batchOffset >= SegmentFormat.firstBatchOffset, batchOffset & 7 == 0, batchOffset < 1 << 62,
            entryCount < 1 << 32, namesLength < 1 << 32
        else { return nil }
        return FooterPlace(batchOffset: batchOffset, entryCount: Int(entryCount), namesLength: Int(namesLength))
    }

    var summary: UInt64 { batchOffset + UInt64(SegmentFormat.batchHeaderLength) }
    var entries: UInt64 { summary + UInt64(SegmentFormat.summaryLength) }
    var names: UInt64 { entries + UInt64(entryCount * SegmentFormat.entryLength) }
    /// The last bytes of the file, which were read.
    var trailer: UInt64 { names + SegmentFormat.aligned(UInt64(namesLength)) }
    var end: UInt64 { trailer + UInt64(SegmentFormat.trailerLength) }
}
