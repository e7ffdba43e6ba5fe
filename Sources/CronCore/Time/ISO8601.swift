// Moments as text, the way ISO 8601 and RFC 3339 agree on: 2025-01-15T10:10:00Z.

extension Timestamp {
    /// `2025-01-15T10:10:00Z`: whole seconds, rounded toward the past.
    package var iso8601: String {
        text { writeISO8601(into: &$0) }
    }

    /// `2025-01-15T10:10:00.123456Z`.
    package var iso8601Microseconds: String {
        text { writeISO8601Microseconds(into: &$0) }
    }

    /// `2025-01-15T11:10:00+01:00`: whole seconds by the clocks of `zone`. Historic offsets have seconds too.
    package func iso8601(in zone: TimeZoneRules) -> String {
        let offset = zone.offset(at: self)
        return text { bytes in
            Timestamp(seconds: seconds.addingClamped(Int64(offset))).write(into: &bytes, withMicroseconds: false)
            bytes.append(UInt8(ascii: offset < 0 ? "-" : "+"))
            let distance = abs(offset)
            bytes.appendTwoDigits(distance / 3_600)
            bytes.append(UInt8(ascii: ":"))
            bytes.appendTwoDigits(distance / 60 % 60)
            if distance % 60 != 0 {
                bytes.append(UInt8(ascii: ":"))
                bytes.appendTwoDigits(distance % 60)
            }
        }
    }

    /// Appends ``iso8601`` as ASCII.
    package func writeISO8601(into bytes: inout [UInt8]) {
        write(into: &bytes, withMicroseconds: false)
        bytes.append(UInt8(ascii: "Z"))
    }

    /// Appends ``iso8601Microseconds`` as ASCII.
    package func writeISO8601Microseconds(into bytes: inout [UInt8]) {
        write(into: &bytes, withMicroseconds: true)
        bytes.append(UInt8(ascii: "Z"))
    }

    private func text(_ write: (inout [UInt8]) -> Void) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        write(&bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Everything but the zone, built on the stack and appended at once: a dump writes millions of these.
    private func write(into bytes: inout [UInt8], withMicroseconds: Bool) {
        let (whole, fraction) = microseconds.flooredDivision(by: 1_000_000)
        let civil = CivilDateTime(clockSeconds: whole)
        var year = civil.year
        if !(0...9_999).contains(year) {
            // ISO 8601 wants a sign on such years. No clock gets there; a hostile number does.
            bytes.append(UInt8(ascii: year < 0 ? "-" : "+"))
            bytes.append(contentsOf: String(abs(year) / 10_000).utf8)
            year = abs(year) % 10_000
        }
        let count = withMicroseconds ? 26 : 19
        withUnsafeTemporaryAllocation(byteCount: 26, alignment: 1) { buffer in
            buffer.storeTwoDigits(year / 100, at: 0)
            buffer.storeTwoDigits(year % 100, at: 2)
            buffer[4] = UInt8(ascii: "-")
            buffer.storeTwoDigits(civil.month, at: 5)
            buffer[7] = UInt8(ascii: "-")
            buffer.storeTwoDigits(civil.day, at: 8)
            buffer[10] = UInt8(ascii: "T")
            buffer.storeTwoDigits(civil.hour, at: 11)
            buffer[13] = UInt8(ascii: ":")
            buffer.storeTwoDigits(civil.minute, at: 14)
            buffer[16] = UInt8(ascii: ":")
            buffer.storeTwoDigits(civil.second, at: 17)
            if withMicroseconds {
                let fraction = Int(fraction)
                buffer[19] = UInt8(ascii: ".")
                buffer.storeTwoDigits(fraction / 10_000, at: 20)
                buffer.storeTwoDigits(fraction / 100 % 100, at: 22)
                buffer.storeTwoDigits(fraction % 100, at: 24)
            }
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }
}

extension UnsafeMutableRawBufferPointer {
    /// Writes a number below 100 as two ASCII digits.
    fileprivate func storeTwoDigits(_ value: Int, at index: Int) {
        self[index] = 0x30 + UInt8(truncatingIfNeeded: value / 10)
        self[index + 1] = 0x30 + UInt8(truncatingIfNeeded: value % 10)
    }
}

extension [UInt8] {
    fileprivate mutating func appendTwoDigits(_ value: Int) {
        append(0x30 + UInt8(truncatingIfNeeded: value / 10))
        append(0x30 + UInt8(truncatingIfNeeded: value % 10))
    }
}
