internal import CronCore

/// Finds the records in bytes whose batch is damaged: each has a checksum of its own, bound to its place, so it looks at
/// each multiple of 8 for one that is whole.
struct RecordScanner {
    private let checksum: Checksum
    private let window: FileWindow
    private var position: UInt64
    private let end: UInt64
    /// Bytes that may still be gone through in vain: a server's bytes, stored in a record, can look like the beginnings
    /// of many long ones.
    private var patience: UInt64

    /// `readable`: a place outside of `range` that could be read; nil: none is known.
    init(_ file: any StorageFile, checksum: Checksum, range: Range<UInt64>, readable: UInt64? = nil) {
        self.checksum = checksum
        window = FileWindow(file, readAhead: 64 << 10, readable: readable)
        position = SegmentFormat.aligned(range.lowerBound)
        end = range.upperBound
        patience = min(range.upperBound - range.lowerBound, 64 << 20) * 64
    }

    /// The next whole record; nil: there is none. Its bytes hold until the next call.
    mutating func next() throws(SystemError) -> RecordView? {
        let headerLength = SegmentFormat.recordHeaderLength
        while position < end, end - position >= UInt64(headerLength) {
            let head = try window.bytes(at: position, length: headerLength)
            guard head.count == headerLength else { return nil }
            let length = UInt32(littleEndian: head.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
            let nameLength = UInt16(littleEndian: head.loadUnaligned(fromByteOffset: 10, as: UInt16.self))
            guard length >= headerLength + Int(nameLength), length <= SegmentFormat.longestRecord, length & 7 == 0,
                UInt64(length) <= end - position
            else {
                position += 8
                continue
            }
            let bytes = try window.bytes(at: position, length: Int(length))
            if let view = RecordView(bytes, at: position, checking: checksum) {
                position += UInt64(length)
                return view
            }
            guard patience >= length else { return nil }
            patience -= UInt64(length)
            position += 8
        }
        return nil
    }
}
