/// The target of a request: `/path?query`, taken apart (RFC 3986, RFC 9112 section 3.2). The absolute form, which is for
/// proxies, is refused, and so is whatever decodes to something that is no text.
struct RequestTarget {
    let path: [String]
    let query: [RequestHead.Field]

    private static let mostFields = 32

    init(_ bytes: some Collection<UInt8>) throws(RequestRefusal) {
        guard bytes.first == UInt8(ascii: "/"), bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "#") })
        else { throw .badRequest }
        let parts = bytes.split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
        var path: [String] = []
        for segment in parts[0].dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            path.append(try Self.decode(segment, plusIsBlank: false))
        }
        // `/` is the path without segments; `/a/` has an empty last one, which no route has.
        self.path = path == [""] ? [] : path
        query = parts.count > 1 ? try Self.fields(parts[1]) : []
    }

    /// `a=1&b=2`: a query, or the body of a form.
    static func fields(_ bytes: some Collection<UInt8>) throws(RequestRefusal) -> [RequestHead.Field] {
        var fields: [RequestHead.Field] = []
        for field in bytes.split(separator: UInt8(ascii: "&")) {
            guard fields.count < mostFields else { throw .badRequest }
            let parts = field.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            fields.append(
                RequestHead.Field(
                    name: try decode(parts[0], plusIsBlank: true),
                    value: parts.count > 1 ? try decode(parts[1], plusIsBlank: true) : ""))
        }
        return fields
    }

    private static func decode(_ bytes: some Collection<UInt8>, plusIsBlank: Bool) throws(RequestRefusal) -> String {
        var decoded: [UInt8] = []
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                    throw .badRequest
                }
                decoded.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsBlank: decoded.append(UInt8(ascii: " "))
            default: decoded.append(byte)
            }
        }
        guard let text = String(validating: decoded, as: UTF8.self), !decoded.contains(0) else { throw .badRequest }
        return text
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}

extension RequestHead {
    /// The fields of a form, as `curl -d` sends them; nil: the body is none.
    package static func formFields(_ body: [UInt8]) -> [Field]? {
        try? RequestTarget.fields(body)
    }
}
