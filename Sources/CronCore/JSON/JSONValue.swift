/// A JSON text taken apart, for documents that this project writes itself. What ``JSONValidator`` does not take is none.
package enum JSONValue: Equatable, Sendable {
    case null
    case boolean(Bool)
    /// As it stands there.
    case number(String)
    case string(String)
    case array([JSONValue])
    /// In the order of the text; of two with one name the last counts.
    case object([String: JSONValue])

    package init?(_ bytes: [UInt8]) {
        guard JSONValidator.isValid(bytes) else { return nil }
        var reader = JSONReader(rest: bytes[...])
        self = reader.value()
    }

    package subscript(_ name: String) -> JSONValue? {
        if case .object(let members) = self { members[name] } else { nil }
    }

    package var string: String? { if case .string(let text) = self { text } else { nil } }
    package var array: [JSONValue] { if case .array(let values) = self { values } else { [] } }
    package var integer: Int? { if case .number(let text) = self { Int(text) } else { nil } }
    package var boolean: Bool? { if case .boolean(let value) = self { value } else { nil } }
}

/// Reads what is known to be valid, and no deeper than the validator allows.
private struct JSONReader {
    var rest: ArraySlice<UInt8>

    mutating func value() -> JSONValue {
        skipBlanks()
        switch rest.first {
        case UInt8(ascii: "{"): return object()
        case UInt8(ascii: "["): return array()
        case UInt8(ascii: "\""): return .string(string())
        case UInt8(ascii: "t"):
            rest.removeFirst(4)
            return .boolean(true)
        case UInt8(ascii: "f"):
            rest.removeFirst(5)
            return .boolean(false)
        case UInt8(ascii: "n"):
            rest.removeFirst(4)
            return .null
        default:
            let digits = rest.prefix { "+-.0123456789eE".utf8.contains($0) }
            rest = rest[digits.endIndex...]
            return .number(String(decoding: digits, as: UTF8.self))
        }
    }

    private mutating func object() -> JSONValue {
        var members: [String: JSONValue] = [:]
        rest.removeFirst()
        skipBlanks()
        while rest.first != UInt8(ascii: "}") {
            let name = string()
            skip(UInt8(ascii: ":"))
            members[name] = value()
            skip(UInt8(ascii: ","))
        }
        rest.removeFirst()
        return .object(members)
    }

    private mutating func array() -> JSONValue {
        var values: [JSONValue] = []
        rest.removeFirst()
        skipBlanks()
        while rest.first != UInt8(ascii: "]") {
            values.append(value())
            skip(UInt8(ascii: ","))
        }
        rest.removeFirst()
        return .array(values)
    }

    private mutating func string() -> String {
        var bytes: [UInt8] = []
        var units: [UInt16] = []
        rest.removeFirst()
        while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
            guard byte == UInt8(ascii: "\\"), let escape = rest.popFirst() else {
                flush(&units, to: &bytes)
                bytes.append(byte)
                continue
            }
            if escape == UInt8(ascii: "u") {
                units.append(UInt16(String(decoding: rest.prefix(4), as: UTF8.self), radix: 16) ?? 0xfffd)
                rest = rest.dropFirst(4)
                continue
            }
            flush(&units, to: &bytes)
            bytes.append(Self.escapes[escape] ?? escape)
        }
        flush(&units, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `\u` escapes stand for UTF-16, two of them for what lies beyond U+FFFF.
    private func flush(_ units: inout [UInt16], to bytes: inout [UInt8]) {
        guard !units.isEmpty else { return }
        bytes += String(decoding: units, as: UTF16.self).utf8
        units.removeAll()
    }

    private static let escapes: [UInt8: UInt8] = [
        UInt8(ascii: "b"): 0x08, UInt8(ascii: "f"): 0x0c, UInt8(ascii: "n"): 0x0a, UInt8(ascii: "r"): 0x0d,
        UInt8(ascii: "t"): 0x09,
    ]

    private mutating func skip(_ byte: UInt8) {
        skipBlanks()
        if rest.first == byte { rest.removeFirst() }
        skipBlanks()
    }

    private mutating func skipBlanks() {
        rest = rest.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0a || $0 == 0x0d }
    }
}
