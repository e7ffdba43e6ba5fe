import CronCore

/// Where everything lies in an undamaged segment: read by offsets alone, with none of the readers' code, so that what
/// they say can be judged.
struct SegmentMap {
    struct Batch {
        var range: Range<Int>
        var isFooter: Bool
        /// Of its records.
        var sequences: [SequenceNumber]
    }

    let salt: UInt64
    /// `lo`, `hi`.
    let ids: ClosedRange<UInt64>
    private(set) var batches: [Batch] = []
    /// Behind it are zeros, or nothing.
    private(set) var end = 8_192

    init(_ bytes: [UInt8]) {
        guard bytes.count >= 8_192, bytes.integer(at: 24) as UInt64 >= bytes.integer(at: 16) else {
            (salt, ids) = (0, 0...0)
            return
        }
        salt = bytes.integer(at: 32)
        ids = bytes.integer(at: 16)...bytes.integer(at: 24)
        var place = 8_192
        while place + 64 <= bytes.count, bytes.integer(at: place) as UInt32 == 0x1a42_4348 {
            let length = Int(bytes.integer(at: place + 8) as UInt32)
            let isFooter = bytes[place + 44] == 2
            let payload = place + 64..<place + 64 + length
            let range = place..<place + 64 + (length + 7) / 8 * 8
            batches.append(
                Batch(
                    range: range, isFooter: isFooter,
                    sequences: isFooter ? [] : Self.sequences(bytes, payload)))
            place = range.upperBound
        }
        end = place
    }

    private static func sequences(_ bytes: [UInt8], _ payload: Range<Int>) -> [SequenceNumber] {
        var sequences: [SequenceNumber] = []
        var place = payload.lowerBound
        while place < payload.upperBound {
            sequences.append(bytes.integer(at: place + 16))
            place += Int(bytes.integer(at: place + 4) as UInt32)
        }
        return sequences
    }

    /// The records of the batches of which a part lies in `range`.
    func sequences(in range: Range<Int>) -> Set<SequenceNumber> {
        Set(batches.filter { $0.range.overlaps(range) }.flatMap(\.sequences))
    }

    var sequences: Set<SequenceNumber> { Set(batches.flatMap(\.sequences)) }
}

extension [UInt8] {
    func integer<Value: FixedWidthInteger>(at offset: Int, as type: Value.Type = Value.self) -> Value {
        withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Value.self)) }
    }

    mutating func set(_ value: some FixedWidthInteger, at offset: Int) {
        Swift.withUnsafeBytes(of: value.littleEndian) { replaceSubrange(offset..<offset + $0.count, with: $0) }
    }
}
