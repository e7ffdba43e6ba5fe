/// 128 bits, written as RFC 9562 does: `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`, lower case.
package struct UUID: Hashable, Sendable, CustomStringConvertible {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Version 7: ordered by time. `random` gives the 74 bits that are not the time.
    package init(version7At time: Timestamp, random: (UInt64, UInt64)) {
        let milliseconds = UInt64(clamping: time.microseconds / 1_000) & 0xffff_ffff_ffff
        self.high = milliseconds << 16 | 0x7000 | random.0 & 0x0fff
        self.low = 0x8000_0000_0000_0000 | random.1 & 0x3fff_ffff_ffff_ffff
    }

    /// Version 8: 122 bits of a hash, so that the same input always gives the same identity.
    package init(version8Hash hash: (high: UInt64, low: UInt64)) {
        self.high = hash.high & 0xffff_ffff_ffff_0fff | 0x8000
        self.low = 0x8000_0000_0000_0000 | hash.low & 0x3fff_ffff_ffff_ffff
    }

    /// The 36 characters, as ASCII.
    package var ascii: [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(36)
        write(into: &text)
        return text
    }

    /// Appends ``ascii``. Built on the stack and appended at once: a dump writes millions of these.
    package func write(into bytes: inout [UInt8]) {
        withUnsafeTemporaryAllocation(byteCount: 36, alignment: 1) { buffer in
            var position = 0
            for index in 0..<16 {
                if index == 4 || index == 6 || index == 8 || index == 10 {
                    buffer[position] = UInt8(ascii: "-")
                    position += 1
                }
                let word = index < 8 ? high : low
                let byte = UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * (index & 7)))
                buffer[position] = hexadecimalDigit(byte >> 4)
                buffer[position + 1] = hexadecimalDigit(byte & 15)
                position += 2
            }
            bytes.append(contentsOf: UnsafeRawBufferPointer(buffer))
        }
    }

    package var description: String {
        String(decoding: ascii, as: UTF8.self)
    }
}

/// The digit of a value below 16, lower case, as ASCII.
package func hexadecimalDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}
