internal import CronCore

/// What libcurl would send as it stands, and must not: a line break in a header is another header, or another request.
enum RequestCheck {
    /// Why the request cannot be sent, as reason and sentence; nil if it can.
    static func problem(of request: HTTPRequest) -> (reason: String, detail: String)? {
        guard !request.method.isEmpty, request.method.utf8.allSatisfy(isToken) else {
            return ("invalid_method", "the method is not a token (RFC 9110, section 5.6.2)")
        }
        guard !request.url.utf8.contains(where: isControl) else {
            return ("invalid_url", "the URL has a control character in it")
        }
        for header in request.headers {
            guard !header.name.isEmpty, header.name.utf8.allSatisfy(isToken) else {
                return ("invalid_header", "a header's name is not a token (RFC 9110, section 5.6.2)")
            }
            guard !header.value.utf8.contains(where: { $0 != UInt8(ascii: "\t") && isControl($0) }) else {
                return ("invalid_header", "the header \(header.name) has a control character in it")
            }
        }
        guard request.removedHeaders.allSatisfy({ $0.utf8.allSatisfy(isToken) }) else {
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

    private static func isControl(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x7f }

    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
