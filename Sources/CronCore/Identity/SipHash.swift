/// SipHash-2-4 with 128 bits of output (Aumasson and Bernstein, 2012): a keyed hash that is the same on every machine
/// and in every version of this program. Swift's own `Hasher` is seeded anew in each process, so nothing on disk or on
/// the wire may depend on it.
package struct SipHash: Sendable {
    private var v0: UInt64
    private var v1: UInt64
    private var v2: UInt64
    private var v3: UInt64
    private var pending: UInt64 = 0
    private var length: UInt64 = 0

    package init(key: UUID) {
        v0 = key.high ^ 0x736f_6d65_7073_6575
        v1 = key.low ^ 0x646f_7261_6e64_6f6d ^ 0xee
        v2 = key.high ^ 0x6c79_6765_6e65_7261
        v3 = key.low ^ 0x7465_6462_7974_6573
    }

    package mutating func update(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            pending |= UInt64(byte) << (8 * (length & 7))
            length += 1
            if length & 7 == 0 { absorb(pending) }
        }
    }

    /// The eight bytes of `value`, little-endian.
    package mutating func update(_ value: UInt64) {
        withUnsafeBytes(of: value.littleEndian) { update($0) }
    }

    package consuming func finish() -> (high: UInt64, low: UInt64) {
        absorb(pending | (length & 0xff) << 56)
        v2 ^= 0xee
        for _ in 0..<4 { round() }
        let high = v0 ^ v1 ^ v2 ^ v3
        v1 ^= 0xdd
        for _ in 0..<4 { round() }
        return (high, v0 ^ v1 ^ v2 ^ v3)
    }

    private mutating func absorb(_ word: UInt64) {
        v3 ^= word
        round()
        round()
        v0 ^= word
        pending = 0
    }

    private mutating func round() {
        v0 &+= v1
        v1 = v1.rotatedLeft(13) ^ v0
        v0 = v0.rotatedLeft(32)
        v2 &+= v3
        v3 = v3.rotatedLeft(16) ^ v2
        v0 &+= v3
        v3 = v3.rotatedLeft(21) ^ v0
        v2 &+= v1
        v1 = v1.rotatedLeft(17) ^ v2
        v2 = v2.rotatedLeft(32)
    }
}

extension UInt64 {
    fileprivate func rotatedLeft(_ count: UInt64) -> UInt64 {
        self << count | self >> (64 - count)
    }
}
