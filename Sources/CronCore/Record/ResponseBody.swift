/// What of a response's body is recorded: the first 2,048 bytes, as the hosted service does.
package enum ResponseBody {
    package static let limit = 2_048
    /// Stands behind a body of which something was cut, in documents; it is not stored.
    package static let suffix: StaticString = "...[truncated]"

    /// The recorded part of a body of which `bytes` were collected and `arrived` were received (by default, just
    /// these). A cut falls back to the last UTF-8 boundary, so that it splits no character; what is no UTF-8 anyway is
    /// cut where it is.
    package static func cut(_ bytes: [UInt8], arrived: UInt64? = nil) -> (kept: [UInt8], truncated: Bool) {
        let isWhole = bytes.count <= limit && arrived ?? 0 <= UInt64(bytes.count)
        guard !isWhole else { return (bytes, false) }
        let length = min(limit, bytes.count)
        return (Array(bytes[..<boundary(bytes, length)]), true)
    }

    /// The end of the last whole character at or before `length`.
    private static func boundary(_ bytes: [UInt8], _ length: Int) -> Int {
        // A character has four bytes at most, so one that lacks its end began in the last three.
        for start in (max(0, length - 3)..<length).reversed() {
            let byte = bytes[start]
            guard byte & 0xc0 == 0x80 else { return start + expectedLength(byte) > length ? start : length }
        }
        return length
    }

    private static func expectedLength(_ lead: UInt8) -> Int {
        switch lead {
        case 0xc2...0xdf: 2
        case 0xe0...0xef: 3
        case 0xf0...0xf4: 4
        default: 1
        }
    }
}
