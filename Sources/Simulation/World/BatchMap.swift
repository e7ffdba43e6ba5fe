internal import History

/// Where the batches of a segment lie and which records are in each, for who is about to damage one. Checks nothing:
/// the bytes are whole until then.
struct BatchMap {
    private var batches: [(range: Range<Int>, sequences: [UInt64])] = []
    /// Where the batches end.
    private(set) var end = Int(SegmentFormat.firstBatchOffset)

    init(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { bytes in
            while let length = Self.batchLength(bytes, at: end) {
                var sequences: [UInt64] = []
                let isRecords = bytes[end + 44] == SegmentFormat.recordsType
                var place = end + SegmentFormat.batchHeaderLength
                let last = place + Int(Self.integer(bytes, at: end + 8, UInt32.self))
                while isRecords, place + SegmentFormat.recordHeaderLength <= last {
                    sequences.append(Self.integer(bytes, at: place + 16, UInt64.self))
                    place += max(8, Int(Self.integer(bytes, at: place + 4, UInt32.self)))
                }
                batches.append((end..<end + length, sequences))
                end += length
            }
        }
    }

    /// All records, in the order of the file.
    var sequences: [UInt64] { batches.flatMap(\.sequences) }

    var lastSequence: UInt64 { sequences.max() ?? 0 }

    /// The records of the batch that lies at `offset`.
    func sequences(at offset: Int) -> [UInt64] {
        batches.first { $0.range.contains(offset) }?.sequences ?? []
    }

    private static func batchLength(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Int? {
        guard offset + SegmentFormat.batchHeaderLength <= bytes.count,
            integer(bytes, at: offset, UInt32.self) == SegmentFormat.batchMarker
        else { return nil }
        let length = Int(integer(bytes, at: offset + 8, UInt32.self))
        let whole = SegmentFormat.aligned(SegmentFormat.batchHeaderLength + length)
        return offset + whole <= bytes.count ? whole : nil
    }

    private static func integer<Value: FixedWidthInteger>(
        _ bytes: UnsafeRawBufferPointer, at offset: Int, _: Value.Type
    ) -> Value {
        Value(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Value.self))
    }
}
