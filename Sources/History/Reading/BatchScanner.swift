internal import CronCore

/// Walks the batches of a segment from front to back, and past whatever is damaged: it looks for the next good header
/// at each multiple of 8, and a header is good only in its own place of its own segment.
struct BatchScanner {
    enum Item {
        case batch(ScannedBatch)
        /// Bytes that are no batch. `header`: that of the batch whose payload is bad, if it is good itself.
        case bad(Range<UInt64>, header: BatchHeader?)
    }

    private let checksum: Checksum
    private let window: FileWindow
    private let probe: FileWindow
    private(set) var position: UInt64
    /// What lies behind it does not count.
    private let limit: UInt64
    private let isFull: Bool

    /// `isFull`: there are batches up to `limit`, so zeros before it are damage.
    init(
        _ file: any StorageFile, checksum: Checksum, from position: UInt64 = SegmentFormat.firstBatchOffset,
        limit: UInt64, isFull: Bool = false, readAhead: Int = 256 << 10
    ) {
        self.isFull = isFull
        self.checksum = checksum
        self.position = position
        self.limit = limit
        window = FileWindow(file, readAhead: readAhead)
        probe = FileWindow(file, readAhead: SegmentFormat.batchHeaderLength)
    }

    /// The next batch or the next damage; nil at the end of what was written. The bytes of a batch hold until the next
    /// call.
    mutating func next() throws(SystemError) -> Item? {
        let headerLength = SegmentFormat.batchHeaderLength
        guard position < limit else { return nil }
        let bytes = try window.bytes(at: position, length: headerLength)
        guard let found = BatchHeader.decode(bytes, at: position, checksum: checksum) else { return try resync() }
        let begin = position
        let length = found.header.length
        guard length <= limit - begin else {
            position = limit
            return .bad(begin..<limit, header: found.header)
        }
        let place = begin + UInt64(headerLength)
        let payload = try window.bytes(at: place, length: found.header.payloadLength)
        position = begin + length
        guard payload.count == found.header.payloadLength,
            checksum.of(payload, at: place) == found.header.payloadCRC
        else { return .bad(begin..<position, header: found.header) }
        return .batch(ScannedBatch(header: found.header, crc: found.crc, offset: begin, payload: payload))
    }

    /// There is no batch at `position`: goes on to the next good one. nil: nothing but zeros behind it.
    private mutating func resync() throws(SystemError) -> Item? {
        let begin = position
        var place = begin
        var lastNonZero: UInt64?
        while place < limit {
            let chunk = try window.bytes(at: place, length: Int(min(limit - place, 256 << 10)))
            if chunk.isEmpty { break }
            let (found, nonZero) = try search(chunk, at: place)
            if let nonZero { lastNonZero = nonZero }
            if let found {
                position = found
                return .bad(begin..<found, header: nil)
            }
            place += UInt64(chunk.count)
        }
        position = limit
        if isFull { return .bad(begin..<limit, header: nil) }
        guard let lastNonZero else { return nil }
        return .bad(begin..<min(SegmentFormat.aligned(lastNonZero + 1), limit), header: nil)
    }

    /// The first good header in `chunk`, and the last byte before it that is not zero.
    private func search(
        _ chunk: UnsafeRawBufferPointer, at begin: UInt64
    ) throws(SystemError) -> (found: UInt64?, nonZero: UInt64?) {
        var nonZero: UInt64?
        var place = 0
        while place + 8 <= chunk.count {
            let word = UInt64(littleEndian: chunk.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            if word != 0 {
                let offset = begin + UInt64(place)
                if UInt32(truncatingIfNeeded: word) == SegmentFormat.batchMarker, offset > position {
                    let header = try probe.bytes(at: offset, length: SegmentFormat.batchHeaderLength)
                    if BatchHeader.decode(header, at: offset, checksum: checksum) != nil { return (offset, nonZero) }
                }
                nonZero = offset + 7
            }
            place += 8
        }
        for tail in place..<max(place, chunk.count) where chunk[tail] != 0 { nonZero = begin + UInt64(tail) }
        return (nil, nonZero)
    }
}

/// A good batch. Its bytes belong to the scanner, and hold until its next step.
struct ScannedBatch {
    let header: BatchHeader
    let crc: UInt32
    let offset: UInt64
    let payload: UnsafeRawBufferPointer

    var records: RecordsInBatch {
        RecordsInBatch(payload, at: offset + UInt64(SegmentFormat.batchHeaderLength))
    }
}

/// The records of a payload whose CRC is good, one after the other.
struct RecordsInBatch: Sequence, IteratorProtocol {
    private let payload: UnsafeRawBufferPointer
    private let begin: UInt64
    private var position = 0

    init(_ payload: UnsafeRawBufferPointer, at offset: UInt64) {
        self.payload = payload
        begin = offset
    }

    mutating func next() -> RecordView? {
        guard position < payload.count else { return nil }
        let rest = UnsafeRawBufferPointer(rebasing: payload[position...])
        guard let view = RecordView(rest, at: begin + UInt64(position), checking: nil) else {
            position = payload.count
            return nil
        }
        position += view.length
        return view
    }
}
