/// Writes JSON (RFC 8259) at the end of a byte buffer. Straight into bytes, because a dump writes gigabytes.
package enum JSONWriter {
    /// A string, with its quotes unless asked otherwise, and `suffix` at its end. What is not UTF-8 becomes U+FFFD,
    /// piece by piece as Swift's `String(decoding:as:)` would; control characters are escaped, and so are DEL and the
    /// C1 ones, which JSON would allow and a terminal obeys.
    package static func string(
        _ bytes: UnsafeBufferPointer<UInt8>, to output: inout [UInt8], suffix: StaticString = "",
        quotes: Bool = true
    ) {
        if quotes { output.append(quote) }
        var run = 0
        var index = 0
        while true {
            index = firstSpecial(bytes, from: index)
            guard index < bytes.count else { break }
            let byte = bytes[index]
            let length = byte < 0x80 ? 1 : UTF8Scanner.sequence(bytes, at: index)
            if length > 1, !(byte == 0xc2 && bytes[index + 1] < 0xa0) {
                index += length
                continue
            }
            output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[run..<index]))
            switch length {
            case 1: escape(byte, to: &output)
            case 2: escape(bytes[index + 1], to: &output)
            default: output.append(contentsOf: [0xef, 0xbf, 0xbd])
            }
            index += abs(length)
            run = index
        }
        output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[run...]))
        literal(suffix, to: &output)
        if quotes { output.append(quote) }
    }

    package static func string(
        _ bytes: [UInt8], to output: inout [UInt8], suffix: StaticString = "", quotes: Bool = true
    ) {
        bytes.withUnsafeBufferPointer { string($0, to: &output, suffix: suffix, quotes: quotes) }
    }

    package static func string(_ text: String, to output: inout [UInt8]) {
        var text = text
        text.withUTF8 { string($0, to: &output) }
    }

    package static func integer(_ value: some BinaryInteger, to output: inout [UInt8]) {
        if value < 0 { output.append(UInt8(ascii: "-")) }
        var digits: InlineArray<20, UInt8> = .init(repeating: 0)
        var rest = UInt64(value.magnitude)
        var start = 20
        repeat {
            start -= 1
            digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        for index in start..<20 { output.append(digits[index]) }
    }

    package static func boolean(_ value: Bool, to output: inout [UInt8]) {
        literal(value ? "true" : "false", to: &output)
    }

    package static func null(to output: inout [UInt8]) {
        literal("null", to: &output)
    }

    /// Text of the program, as it stands.
    package static func literal(_ text: StaticString, to output: inout [UInt8]) {
        output.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// The first byte at or behind `start` that does not stand for itself, or the end. Eight bytes at a time (Bit
    /// Twiddling Hacks, "Determine if a word has a zero byte"): each term has the high bit set in the first byte that
    /// meets its condition, and perhaps in some behind it.
    private static func firstSpecial(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        let raw = UnsafeRawBufferPointer(bytes)
        var index = start
        while index + 8 <= raw.count {
            let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let below0x20 = (word &- 0x2020_2020_2020_2020) & ~word
            let special =
                word | below0x20 | zero(word ^ 0x2222_2222_2222_2222)
                | zero(word ^ 0x5c5c_5c5c_5c5c_5c5c) | zero(word ^ 0x7f7f_7f7f_7f7f_7f7f)
            let mask = special & 0x8080_8080_8080_8080
            guard mask == 0 else { return index + mask.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < bytes.count {
            let byte = bytes[index]
            if byte < 0x20 || byte == quote || byte == backslash || byte >= 0x7f { break }
            index += 1
        }
        return index
    }

    private static func zero(_ word: UInt64) -> UInt64 {
        (word &- 0x0101_0101_0101_0101) & ~word
    }

    /// A byte below 0x20, a quote, a backslash, or one of U+007F…U+009F.
    private static func escape(_ byte: UInt8, to output: inout [UInt8]) {
        output.append(backslash)
        switch byte {
        case quote, backslash: output.append(byte)
        case 0x08: output.append(UInt8(ascii: "b"))
        case 0x09: output.append(UInt8(ascii: "t"))
        case 0x0a: output.append(UInt8(ascii: "n"))
        case 0x0c: output.append(UInt8(ascii: "f"))
        case 0x0d: output.append(UInt8(ascii: "r"))
        default:
            literal("u00", to: &output)
            output.append(hexadecimalDigit(byte >> 4))
            output.append(hexadecimalDigit(byte & 15))
        }
    }

    private static let quote = UInt8(ascii: "\"")
    private static let backslash = UInt8(ascii: "\\")
}
