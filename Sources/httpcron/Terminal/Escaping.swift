/// Text from outside (a response body, an error, a name) made harmless for a terminal: control characters, and the
/// invisible ones that reorder or hide text, are shown as escapes and never sent.
func escapedForTerminal(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
    var safe = ""
    safe.reserveCapacity(text.utf8.count + 16)
    for scalar in text.unicodeScalars {
        guard isUnsafe(scalar) else {
            safe.unicodeScalars.append(scalar)
            continue
        }
        switch scalar {
        case "\n": safe += "\\n"
        case "\r": safe += "\\r"
        case "\t": safe += "\\t"
        default:
            let digits = String(scalar.value, radix: 16)
            safe += scalar.value < 0x80 ? "\\x" + digits.leadingZeros(2) : "\\u" + digits.leadingZeros(4)
        }
    }
    return safe
}

/// C0, DEL, C1 (which some terminals obey when it comes as UTF-8), line separators, bidirectional controls, zero-width
/// characters and tags.
private func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x20...0x7e: false
    case 0...0x1f, 0x7f...0x9f: true
    case 0x00ad, 0x061c, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f, 0xfeff, 0xfff9...0xfffb: true
    case 0xe0000...0xe007f: true
    default: false
    }
}

extension String {
    /// With zeros in front, up to `width` characters.
    func leadingZeros(_ width: Int) -> String {
        String(repeating: "0", count: max(0, width - count)) + self
    }
}

extension BinaryInteger {
    /// Decimal, with zeros in front up to `width` digits.
    func digits(_ width: Int) -> String {
        String(self).leadingZeros(width)
    }
}
