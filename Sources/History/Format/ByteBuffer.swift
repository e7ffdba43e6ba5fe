internal import Glibc

/// Bytes that are being put together: grows, is used again and again, and never shrinks. Integers go in little-endian.
struct ByteBuffer: ~Copyable {
    private(set) var count = 0
    private var base: UnsafeMutableRawPointer
    private var capacity: Int

    init(capacity: Int) {
        self.capacity = max(capacity, 64)
        base = .allocate(byteCount: self.capacity, alignment: 16)
    }

    deinit {
        base.deallocate()
    }

    /// What is in it; valid until the next change.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    mutating func removeAll() {
        count = 0
    }

    /// Forgets what lies behind `length`.
    mutating func cut(to length: Int) {
        count = min(count, max(length, 0))
    }

    @inline(__always)
    mutating func append(_ value: some FixedWidthInteger) {
        reserve(8)
        let value = value.littleEndian
        base.storeBytes(of: value, toByteOffset: count, as: type(of: value))
        count += MemoryLayout.size(ofValue: value)
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        reserve(bytes.count)
        (base + count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }

    mutating func appendZeros(_ length: Int) {
        guard length > 0 else { return }
        reserve(length)
        memset(base + count, 0, length)
        count += length
    }

    /// Holds, from here on, `length` bytes of `file` from `offset`, or as many as there are.
    mutating func read(_ length: Int, of file: any StorageFile, at offset: UInt64) throws(SystemError) {
        count = 0
        reserve(length)
        count = try file.read(into: UnsafeMutableRawBufferPointer(start: base, count: length), at: offset)
    }

    /// Zeros up to the next multiple of 8.
    mutating func align() {
        appendZeros(SegmentFormat.aligned(count) - count)
    }

    /// Overwrites at `offset`, which must lie within what is there.
    @inline(__always)
    mutating func set(_ value: some FixedWidthInteger, at offset: Int) {
        let value = value.littleEndian
        precondition(offset >= 0 && offset + MemoryLayout.size(ofValue: value) <= count, "a set behind the end")
        base.storeBytes(of: value, toByteOffset: offset, as: type(of: value))
    }

    @inline(__always)
    private mutating func reserve(_ more: Int) {
        if capacity - count < more { grow(more) }
    }

    @inline(never)
    private mutating func grow(_ more: Int) {
        let wider = max(capacity * 2, count + more)
        let moved = UnsafeMutableRawPointer.allocate(byteCount: wider, alignment: 16)
        moved.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = moved
        capacity = wider
    }
}
