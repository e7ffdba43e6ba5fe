/// Whether bytes are a JSON text (RFC 8259): one value, blanks around it, UTF-8 throughout. Bounded in depth and
/// without recursion, for bytes that may be anything.
package struct JSONValidator {
    /// Arrays and objects within each other.
    package static let depthLimit = 512

    private let bytes: UnsafeBufferPointer<UInt8>
    private var index = 0
    /// The open arrays (false) and objects (true), innermost last.
    private var open: [Bool] = []

    package static func isValid(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBufferPointer { buffer in
            var validator = JSONValidator(bytes: buffer)
            return validator.text()
        }
    }

    private init(bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    /// Each turn reads one value, or opens an array or object, and then closes what ends behind it.
    private mutating func text() -> Bool {
        skipBlanks()
        while true {
            guard let byte = next else { return false }
            switch byte {
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                guard open.count < Self.depthLimit else { return false }
                index += 1
                let isObject = byte == UInt8(ascii: "{")
                skipBlanks()
                open.append(isObject)
                // An empty one is closed below; else its first value comes.
                if next != closing(isObject) {
                    if isObject, !key() { return false }
                    continue
                }
            case UInt8(ascii: "\""): guard string() else { return false }
            case UInt8(ascii: "t"): guard word("true") else { return false }
            case UInt8(ascii: "f"): guard word("false") else { return false }
            case UInt8(ascii: "n"): guard word("null") else { return false }
            default: guard number() else { return false }
            }
            guard let goesOn = afterValue() else { return false }
            if !goesOn { return index == bytes.count }
        }
    }

    /// Closes what ends here. Whether another value must come; nil: broken.
    private mutating func afterValue() -> Bool? {
        skipBlanks()
        while let isObject = open.last {
            if next == closing(isObject) {
                index += 1
                open.removeLast()
                skipBlanks()
                continue
            }
            guard next == UInt8(ascii: ",") else { return nil }
            index += 1
            skipBlanks()
            if isObject, !key() { return nil }
            return true
        }
        return false
    }

    private func closing(_ isObject: Bool) -> UInt8 {
        isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
    }

    /// A member's name and its colon.
    private mutating func key() -> Bool {
        guard next == UInt8(ascii: "\""), string() else { return false }
        skipBlanks()
        guard next == UInt8(ascii: ":") else { return false }
        index += 1
        skipBlanks()
        return true
    }

    private mutating func string() -> Bool {
        index += 1
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                index += 1
                return true
            case UInt8(ascii: "\\"):
                index += 1
                guard escape() else { return false }
            case 0..<0x20:
                return false
            case 0x80...:
                let length = UTF8Scanner.sequence(bytes, at: index)
                guard length > 0 else { return false }
                index += length
            default:
                index += 1
            }
        }
        return false
    }

    private mutating func escape() -> Bool {
        guard let byte = next else { return false }
        index += 1
        guard byte == UInt8(ascii: "u") else { return "\"\\/bfnrt".utf8.contains(byte) }
        for _ in 0..<4 {
            guard let digit = next, Self.isHexadecimal(digit) else { return false }
            index += 1
        }
        return true
    }

    private mutating func number() -> Bool {
        if next == UInt8(ascii: "-") { index += 1 }
        if next == UInt8(ascii: "0") {
            index += 1
        } else {
            guard digits() else { return false }
        }
        if next == UInt8(ascii: ".") {
            index += 1
            guard digits() else { return false }
        }
        if let byte = next, byte | 0x20 == UInt8(ascii: "e") {
            index += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { index += 1 }
            guard digits() else { return false }
        }
        return true
    }

    private mutating func digits() -> Bool {
        let start = index
        while let byte = next, Values.isDigit(byte) { index += 1 }
        return index > start
    }

    private mutating func word(_ word: StaticString) -> Bool {
        let letters = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        guard bytes[index...].starts(with: letters) else { return false }
        index += letters.count
        return true
    }

    private mutating func skipBlanks() {
        while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { index += 1 }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        Values.isDigit(byte) || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "f"))
    }
}
