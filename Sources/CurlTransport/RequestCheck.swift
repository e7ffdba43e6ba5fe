internal import CronCore

/// What libcurl would send as it stands, and must not: a line break in a header is another header, or another request.
enum RequestCheck {
    /// Why the request cannot be sent, as reason and sentence; nil if it can.
    static func problem(of request: HTTPRequest) -> (reason: String, detail: String)? {
        guard isToken(request.method) else {
            return ("invalid_method", "the method is not a token (RFC 9110, section 5.6.2)")
        }
        guard !hasControls(request.url, exceptTabs: false) else {
            return ("invalid_url", "the URL has a control character in it")
        }
        for header in request.headers {
            guard isToken(header.name) else {
                return ("invalid_header", "a header's name is not a token (RFC 9110, section 5.6.2)")
            }
            guard !hasControls(header.value, exceptTabs: true) else {
                return ("invalid_header", "the header \(header.name) has a control character in it")
            }
        }
        guard request.removedHeaders.allSatisfy(isToken) else {
            return ("invalid_header", "a header's name is not a token (RFC 9110, section 5.6.2)")
        }
        return nil
    }

    /// Headers that libcurl is not to be given: it counts the body itself, and an `Expect:` that is refused makes it
    /// send the request twice.
    static func isReserved(_ name: String) -> Bool {
        switch name.utf8.count {
        case 6: name.lowercased() == "expect"
        case 14: name.lowercased() == "content-length"
        default: false
        }
    }

    private static func hasControls(_ text: String, exceptTabs: Bool) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            for byte in bytes where byte < 0x20 || byte == 0x7f {
                guard exceptTabs && byte == UInt8(ascii: "\t") else { return true }
            }
            return false
        }
    }

    /// RFC 9110, section 5.6.2: letters, digits and `!#$%&'*+-.^_`|~`.
    private static func isToken(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            for byte in bytes {
                let word = byte < 64 ? tokens.low : tokens.high
                guard byte < 128, word >> UInt64(byte & 63) & 1 == 1 else { return false }
            }
            return !bytes.isEmpty
        }
    }

    /// A bit for each ASCII character that may stand in a token.
    private static let tokens: (low: UInt64, high: UInt64) = {
        var words: (low: UInt64, high: UInt64) = (0, 0)
        let characters = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
        for byte in characters.utf8 {
            if byte < 64 { words.low |= 1 << UInt64(byte) } else { words.high |= 1 << UInt64(byte & 63) }
        }
        return words
    }()
}
