internal import CronCore

/// The content of a file, as the kernel shows it and as the platter has it; they differ by the sectors that are dirty.
struct SectoredBytes {
    /// The least that a disk writes in one piece.
    private static let sector = 512

    private(set) var live: [UInt8] = []
    private var durable: [UInt8] = []
    /// A bit for each sector that was written since it was last on the platter.
    private var dirty: [UInt64] = []
    private var lengthIsDirty = false
    /// A bit of it was turned over: what lies where cannot be read off it any more.
    private(set) var isFlipped = false

    mutating func write(_ bytes: UnsafeRawBufferPointer, at begin: Int) {
        guard !bytes.isEmpty else { return }
        let end = begin + bytes.count
        if live.count < end {
            live.append(contentsOf: repeatElement(0, count: end - live.count))
            lengthIsDirty = true
        }
        live.withUnsafeMutableBytes { target in
            UnsafeMutableRawBufferPointer(rebasing: target[begin..<end]).copyMemory(from: bytes)
        }
        let last = (end - 1) / Self.sector
        while dirty.count <= last / 64 { dirty.append(0) }
        for sector in begin / Self.sector...last { dirty[sector / 64] |= 1 << UInt64(sector % 64) }
    }

    mutating func truncate(to length: Int) {
        guard live.count > length else { return }
        live.removeLast(live.count - length)
        lengthIsDirty = true
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at begin: Int) -> Int {
        guard begin < live.count else { return 0 }
        let count = min(buffer.count, live.count - begin)
        live.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[begin..<begin + count])) }
        return count
    }

    mutating func sync() {
        writeBack(lengthToo: true) { true }
        lengthIsDirty = false
    }

    /// What the kernel could not write it takes for written: it is shown, and gone with the next power cut.
    mutating func failToSync(_ luck: inout RandomSource) {
        let length = Bool.random(using: &luck)
        writeBack(lengthToo: length) { Bool.random(using: &luck) }
        for word in dirty.indices { dirty[word] = 0 }
        lengthIsDirty = false
    }

    /// The kernel brings some of it to the platter by itself.
    mutating func writeBackSome(_ luck: inout RandomSource) {
        let length = Bool.random(using: &luck)
        writeBack(lengthToo: length) { Bool.random(using: &luck) }
    }

    /// The power has gone: of what was dirty, each sector and the length are there or are not. `share`: how likely, in
    /// eighths.
    mutating func losePower(_ luck: inout RandomSource, share: Int) {
        let length = lengthIsDirty && Int.random(in: 0..<8, using: &luck) < share
        writeBack(lengthToo: length) { Int.random(in: 0..<8, using: &luck) < share }
        live = durable
        for word in dirty.indices { dirty[word] = 0 }
        lengthIsDirty = false
    }

    /// A bit turns over where it lies.
    mutating func flip(bit: Int, at offset: Int) {
        isFlipped = true
        if offset < live.count { live[offset] ^= 1 << UInt8(bit & 7) }
        if offset < durable.count { durable[offset] ^= 1 << UInt8(bit & 7) }
    }

    /// Brings the dirty sectors that `reaches` is for to the platter. What lies beyond its length there stays dirty.
    private mutating func writeBack(lengthToo: Bool, _ reaches: () -> Bool) {
        if lengthToo { setDurableLength(live.count) }
        for word in dirty.indices where dirty[word] != 0 {
            var bits = dirty[word]
            while bits != 0 {
                let sector = word * 64 + bits.trailingZeroBitCount
                bits &= bits - 1
                guard reaches() else { continue }
                let begin = sector * Self.sector
                let end = min(begin + Self.sector, live.count, durable.count)
                guard end == min(begin + Self.sector, live.count) else { continue }
                dirty[word] &= ~(1 << UInt64(sector % 64))
                guard begin < end else { continue }
                durable.withUnsafeMutableBytes { target in
                    live.withUnsafeBytes { source in
                        UnsafeMutableRawBufferPointer(rebasing: target[begin..<end])
                            .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[begin..<end]))
                    }
                }
            }
        }
    }

    private mutating func setDurableLength(_ length: Int) {
        if durable.count > length {
            durable.removeLast(durable.count - length)
        } else if durable.count < length {
            durable.append(contentsOf: repeatElement(0, count: length - durable.count))
        }
    }
}
