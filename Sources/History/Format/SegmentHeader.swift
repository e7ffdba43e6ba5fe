package import CronCore

/// Where the chain of segments stands: the end of one of them, as the next one's header names it.
package struct SegmentEnd: Hashable, Sendable {
    /// 0: there is no such segment.
    package var id: UInt64
    package var length: UInt64
    /// 0: no batch counts.
    package var lastBatch: UInt64
    /// The header CRC of that batch.
    package var crc: UInt32

    package static let none = SegmentEnd(id: 0, length: 0, lastBatch: 0, crc: 0)

    /// The end of a segment of which no batch counts.
    static func empty(_ id: UInt64) -> SegmentEnd {
        SegmentEnd(id: id, length: SegmentFormat.firstBatchOffset, lastBatch: 0, crc: 0)
    }
}

/// What a segment begins with, twice.
package struct SegmentHeader: Hashable, Sendable {
    package var lo: UInt64
    package var hi: UInt64
    package var salt: UInt64
    package var history: HistoryID
    package var createdAt: Timestamp
    package var flags: UInt64
    /// The next record's when the segment was begun.
    package var firstSequence: SequenceNumber
    package var predecessor: SegmentEnd
    /// Covers only.
    package var ownEnd: SegmentEnd
    /// Covers only: the last `seq` of what it stands for, which the footer says too; 0: it does not say.
    package var lastSequence: SequenceNumber = 0

    package var isCover: Bool { flags & SegmentFormat.coverFlag != 0 }
    package var isGrouped: Bool { flags & SegmentFormat.groupedFlag != 0 }

    /// Covers only: where the chain stands behind it.
    var chainEnd: SegmentEnd { ownEnd.id == hi ? ownEnd : .empty(hi) }

    /// The bytes before the first batch: the header, twice.
    func encode(into buffer: inout ByteBuffer) {
        let start = buffer.count
        for copy in 0..<2 {
            let begin = start + copy * Int(SegmentFormat.secondHeaderOffset)
            buffer.appendZeros(begin - buffer.count)
            appendFields(to: &buffer)
            buffer.appendZeros(begin + SegmentFormat.headerLength - 4 - buffer.count)
            buffer.append(Checksum.plain(UnsafeRawBufferPointer(rebasing: buffer.bytes[begin...])))
        }
        buffer.appendZeros(start + Int(SegmentFormat.firstBatchOffset) - buffer.count)
    }

    private func appendFields(to buffer: inout ByteBuffer) {
        buffer.append(SegmentFormat.magic)
        buffer.append(SegmentFormat.majorVersion)
        buffer.append(SegmentFormat.minorVersion)
        buffer.append(UInt32(SegmentFormat.headerLength))
        buffer.append(lo)
        buffer.append(hi)
        buffer.append(salt)
        buffer.append(history.value)
        buffer.append(createdAt.microseconds)
        buffer.append(flags)
        buffer.append(firstSequence)
        for end in [predecessor, ownEnd] {
            buffer.append(end.id)
            buffer.append(end.length)
            buffer.append(end.lastBatch)
            buffer.append(end.crc)
            buffer.append(UInt32(0))
        }
        buffer.append(lastSequence)
    }

    /// What `bytes`, one copy of a header, turn out to be.
    static func decode(_ bytes: UnsafeRawBufferPointer) -> SegmentHeaderReading {
        guard bytes.count == SegmentFormat.headerLength else { return .bad }
        if bytes.allSatisfy({ $0 == 0 }) { return .zero }
        let body = UnsafeRawBufferPointer(rebasing: bytes[..<(SegmentFormat.headerLength - 4)])
        var tail = ByteReader(UnsafeRawBufferPointer(rebasing: bytes[body.count...]))
        var reader = ByteReader(body)
        guard tail.integer(UInt32.self) == Checksum.plain(body), reader.integer(UInt64.self) == SegmentFormat.magic
        else { return .bad }
        let major = reader.integer(UInt16.self)
        guard major <= SegmentFormat.majorVersion else { return .newer(major) }
        reader.skip(6)
        let header = SegmentHeader(
            lo: reader.integer(), hi: reader.integer(), salt: reader.integer(), history: HistoryID(reader.uuid()),
            createdAt: Timestamp(microseconds: reader.integer()), flags: reader.integer(),
            firstSequence: reader.integer(), predecessor: end(&reader), ownEnd: end(&reader),
            lastSequence: reader.integer())
        guard header.lo > 0, header.lo <= header.hi, header.hi < .max else { return .bad }
        return .good(header)
    }

    private static func end(_ reader: inout ByteReader) -> SegmentEnd {
        let end = SegmentEnd(
            id: reader.integer(), length: reader.integer(), lastBatch: reader.integer(), crc: reader.integer())
        reader.skip(4)
        return end
    }
}

/// What the bytes where a header should be turn out to be.
enum SegmentHeaderReading: Equatable {
    case good(SegmentHeader)
    case zero
    case bad
    /// A good header, but another segment's.
    case misnamed(SegmentHeader)
    /// A whole header, of a major version that this program does not know.
    case newer(UInt16)

    /// Of both copies of a file, the better one, each held against the file's name: one of them may have come from
    /// another segment by a write gone astray. Where the disk cannot read one of them, the other counts.
    static func of(_ file: any StorageFile, named name: SegmentName) throws(SystemError) -> SegmentHeaderReading {
        var found = try attempt(file, named: name)
        // Who takes a segment for damaged gives it up.
        for _ in 0..<SystemError.readRetries where !found.isCertain { found = try attempt(file, named: name) }
        return found.reading
    }

    /// Not certain: a copy could not be read that may be the good one, and the disk can read something else of the file.
    private static func attempt(
        _ file: any StorageFile, named name: SegmentName
    ) throws(SystemError) -> (reading: SegmentHeaderReading, isCertain: Bool) {
        var readings: [SegmentHeaderReading] = []
        var refusal: SystemError?
        for offset in [0, SegmentFormat.secondHeaderOffset] {
            do throws(SystemError) {
                let reading = try copy(of: file, at: offset).held(against: name)
                switch reading {
                case .good, .newer: return (reading, true)
                case .zero, .bad, .misnamed: readings.append(reading)
                }
            } catch {
                guard error.isUnreadable else { throw error }
                refusal = error
            }
        }
        let better = readings.last { $0 != .zero }
        guard let refusal else { return (better ?? .zero, true) }
        // A file of which nothing can be read is neither taken for empty nor for damaged.
        if readings.isEmpty, try !canReadRest(of: file) { throw refusal }
        return (better ?? .bad, false)
    }

    /// Whether the disk can read anything behind the header.
    private static func canReadRest(of file: any StorageFile) throws(SystemError) -> Bool {
        let window = FileWindow(file, readAhead: 256 << 10)
        var offset = SegmentFormat.firstBatchOffset
        let size = try file.size()
        while offset < size {
            do throws(SystemError) {
                if try !window.bytes(at: offset, length: 1).isEmpty { return true }
            } catch {
                guard error.isUnreadable else { throw error }
            }
            offset += 256 << 10
        }
        return false
    }

    /// Whether the disk can read either copy, whatever it turns out to be.
    static func canRead(_ file: any StorageFile) throws(SystemError) -> Bool {
        for offset in [0, SegmentFormat.secondHeaderOffset] {
            do throws(SystemError) {
                _ = try copy(of: file, at: offset)
                return true
            } catch  where error.isUnreadable { continue }
        }
        return false
    }

    private func held(against name: SegmentName) -> SegmentHeaderReading {
        guard case .good(let header) = self else { return self }
        let fits =
            switch name {
            case .raw(let id), .new(let id): !header.isCover && header.lo == id && header.hi == id
            case .cover(let lo, let hi), .temporary(let lo, let hi):
                header.isCover && header.lo == lo && header.hi == hi
            case .spare: !header.isCover && header.lo == header.hi
            case .bad: true
            }
        return fits ? self : .misnamed(header)
    }

    private static func copy(of file: any StorageFile, at offset: UInt64) throws(SystemError) -> SegmentHeaderReading {
        var bytes = [UInt8](repeating: 0, count: SegmentFormat.headerLength)
        let count = try file.read(&bytes, at: offset)
        if count == 0 { return .zero }
        return bytes.withUnsafeBytes { SegmentHeader.decode($0) }
    }
}

extension StorageFile {
    /// Fills `bytes` from `offset`; gives how many there were.
    func read(_ bytes: inout [UInt8], at offset: UInt64) throws(SystemError) -> Int {
        let result: Result<Int, SystemError> = bytes.withUnsafeMutableBytes { buffer in
            do throws(SystemError) {
                return .success(try read(into: buffer, at: offset))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}

extension ByteBuffer {
    mutating func append(_ uuid: UUID) {
        append(uuid.high.byteSwapped)
        append(uuid.low.byteSwapped)
    }
}

extension ByteReader {
    mutating func uuid() -> UUID {
        UUID(high: integer(UInt64.self).byteSwapped, low: integer(UInt64.self).byteSwapped)
    }
}
