/// Text from a file or a server, made safe and short for a message: in single quotes, control characters escaped as
/// `\u{1B}`, at most 60 characters.
package func quoted(_ text: some StringProtocol) -> String {
    var result = "'"
    var count = 0
    for scalar in text.unicodeScalars {
        guard count < 60 else {
            result += "…"
            break
        }
        count += 1
        if isControl(scalar) {
            result += "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
        } else {
            result.unicodeScalars.append(scalar)
        }
    }
    return result + "'"
}

/// Whether a terminal or a log could take the character for an order: C0, DEL, C1, the line and paragraph separators,
/// and what turns the direction of writing.
package func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7f..<0xa0, 0x2028...0x202e, 0x2066...0x2069: true
    default: false
    }
}

/// `a, b or c`.
func listed(_ words: some Collection<String>, conjunction: String = "or") -> String {
    guard words.count > 1, let last = words.suffix(1).first else { return words.joined() }
    return words.dropLast().joined(separator: ", ") + " " + conjunction + " " + last
}

extension StringProtocol {
    /// The words between spaces and tabs.
    var words: [SubSequence] {
        split { $0 == " " || $0 == "\t" }
    }

    /// Without the spaces and tabs at both ends.
    var trimmed: SubSequence {
        var rest = self[...]
        while let first = rest.first, first == " " || first == "\t" { rest = rest.dropFirst() }
        while let last = rest.last, last == " " || last == "\t" { rest = rest.dropLast() }
        return rest
    }
}
