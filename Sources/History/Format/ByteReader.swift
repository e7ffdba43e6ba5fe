/// Takes bytes apart that nobody vouches for. A read past the end gives zero, or nothing, and is remembered: ask
/// `overran` once, at the end.
struct ByteReader {
    private let bytes: UnsafeRawBufferPointer
    private(set) var position = 0
    private(set) var overran = false

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    @inline(__always)
    mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type = Value.self) -> Value {
        guard let place = take(MemoryLayout<Value>.size) else { return 0 }
        return Value(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: Value.self))
    }

    mutating func slice(_ length: Int) -> UnsafeRawBufferPointer {
        guard let place = take(length) else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(rebasing: bytes[place..<place + length])
    }

    mutating func skip(_ length: Int) {
        _ = take(length)
    }

    @inline(__always)
    private mutating func take(_ length: Int) -> Int? {
        guard !overran, length >= 0, length <= bytes.count - position else {
            overran = true
            return nil
        }
        defer { position += length }
        return position
    }
}
