internal import CronCore

/// Identifiers that were seen, by 64 bits of each. Bounded: when there are too many, only every second of what there is
/// and what comes is held on to, then every fourth, and so on.
final class FingerprintSet {
    /// Of how many one is held.
    private(set) var stride: UInt64 = 1
    /// Open addressing; 0 is free. Its length is a power of two.
    private var slots: [UInt64]
    private var count = 0
    private let most: Int

    /// `most`: how many are held at most, 16 bytes for each.
    init(most: Int = 4 << 20) {
        self.most = max(most, 512)
        slots = [UInt64](repeating: 0, count: 1_024)
    }

    /// false: it was there.
    func insert(_ id: UUID) -> Bool {
        let print = max(Self.mix(id.high ^ Self.mix(id.low)), 1)
        // The low bits choose what is held, the high ones the place.
        guard print & (stride - 1) == 0 else { return true }
        if count * 2 >= slots.count { makeRoom() }
        guard put(print) else { return false }
        count += 1
        return true
    }

    private func put(_ print: UInt64) -> Bool {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: print >> 32) & mask
        while slots[slot] != 0 {
            if slots[slot] == print { return false }
            slot = (slot + 1) & mask
        }
        slots[slot] = print
        return true
    }

    private func makeRoom() {
        let old = slots
        if count >= most {
            stride *= 2
            slots = [UInt64](repeating: 0, count: old.count)
        } else {
            slots = [UInt64](repeating: 0, count: old.count * 2)
        }
        count = 0
        for print in old where print != 0 && print & (stride - 1) == 0 {
            if put(print) { count += 1 }
        }
    }

    /// The finalizer of SplitMix64 (Steele, Lea and Flood, 2014).
    private static func mix(_ value: UInt64) -> UInt64 {
        var value = value &+ 0x9e37_79b9_7f4a_7c15
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }
}
