/// Reads the head of a request, strictly: what two programs could read differently is refused, so that nothing can be
/// smuggled past one in front of this server. RFC 9112, sections 2 to 6. Pure.
package struct RequestHeadParser {
    /// Of a head in bytes, its last empty line included.
    package static let mostHeadBytes = 8 << 10
    package static let mostBodyBytes = 64 << 10
    private static let mostHeaders = 64

    package enum Outcome: Equatable, Sendable {
        /// More bytes are needed.
        case incomplete
        /// A whole head of `length` bytes.
        case head(RequestHead, length: Int)
        case refused(RequestRefusal)
    }

    /// What `bytes` begin with.
    package static func parse(_ bytes: UnsafeRawBufferPointer) -> Outcome {
        do throws(RequestRefusal) {
            guard let length = try headLength(bytes) else { return .incomplete }
            var parser = RequestHeadParser(lines: UnsafeRawBufferPointer(rebasing: bytes[..<(length - 2)]))
            return .head(try parser.head(), length: length)
        } catch {
            return .refused(error)
        }
    }

    package static func parse(_ bytes: [UInt8]) -> Outcome { bytes.withUnsafeBytes { parse($0) } }

    /// Up to and with the empty line; nil: it has not come yet. Bytes that no head can have are refused as they come, and
    /// not only once the rest is there.
    private static func headLength(_ bytes: UnsafeRawBufferPointer) throws(RequestRefusal) -> Int? {
        var lineBegin = 0
        var index = 0
        let end = min(bytes.count, mostHeadBytes)
        while index < end {
            let byte = bytes[index]
            if byte == cr {
                guard index + 1 < bytes.count else { return nil }
                guard bytes[index + 1] == lf else { throw .badRequest }
                if index == lineBegin {
                    // An empty line before the request line might be passed over; no client of today sends one.
                    guard index > 0 else { throw .badRequest }
                    guard index + 2 <= mostHeadBytes else { throw .headTooLarge }
                    return index + 2
                }
                index += 2
                lineBegin = index
            } else {
                guard byte >= 0x20 || byte == tab, byte != 0x7f else { throw .badRequest }
                index += 1
            }
        }
        if bytes.count >= mostHeadBytes { throw .headTooLarge }
        return nil
    }

    /// The lines still to be read, each with its CR LF.
    private var lines: UnsafeRawBufferPointer
    private var hasHost = false
    private var length: Int?
    private var isClosing: Bool?
    private var bearer: [UInt8]?
    private var hasAuthorization = false
    private var contentType: String?

    private init(lines: UnsafeRawBufferPointer) {
        self.lines = lines
    }

    private mutating func nextLine() -> UnsafeRawBufferPointer? {
        guard let end = lines.firstIndex(of: Self.cr) else { return nil }
        defer { lines = UnsafeRawBufferPointer(rebasing: lines[(end + 2)...]) }
        return UnsafeRawBufferPointer(rebasing: lines[..<end])
    }

    private mutating func head() throws(RequestRefusal) -> RequestHead {
        guard let first = nextLine() else { throw .badRequest }
        let words = first.split(separator: Self.blank, omittingEmptySubsequences: false)
        guard words.count == 3, !words[0].isEmpty, words[0].allSatisfy(Self.isToken) else { throw .badRequest }
        let isOld = try Self.isOldVersion(words[2])
        let target = try RequestTarget(words[1])
        var count = 0
        while let line = nextLine() {
            count += 1
            guard count <= Self.mostHeaders else { throw .headTooLarge }
            try take(line)
        }
        // Without a Host a proxy and this server may disagree on whom a request is for.
        guard hasHost || isOld else { throw .badRequest }
        return RequestHead(
            method: String(decoding: words[0], as: UTF8.self), path: target.path, query: target.query,
            contentLength: length ?? 0, keepsAlive: !(isClosing ?? isOld), bearer: bearer,
            contentType: contentType ?? "")
    }

    /// Whether it is HTTP/1.0, which keeps no connection alive unless it is asked for.
    private static func isOldVersion(_ word: Slice<UnsafeRawBufferPointer>) throws(RequestRefusal) -> Bool {
        if word.elementsEqual("HTTP/1.1".utf8) { return false }
        if word.elementsEqual("HTTP/1.0".utf8) { return true }
        let isVersion =
            word.count == 8 && word.starts(with: "HTTP/".utf8) && isDigit(word[word.startIndex + 5])
            && word[word.startIndex + 6] == UInt8(ascii: ".") && isDigit(word[word.startIndex + 7])
        throw isVersion ? .versionNotSupported : .badRequest
    }

    /// One header. A name that does not matter here is passed over, but must be one.
    private mutating func take(_ line: UnsafeRawBufferPointer) throws(RequestRefusal) {
        // A line that begins with a blank would go on with the one before it: an old form that hides headers.
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0, line[..<colon].allSatisfy(Self.isToken)
        else { throw .badRequest }
        let value = Self.trimmed(line[(colon + 1)...])
        switch String(decoding: line[..<colon], as: UTF8.self).lowercased() {
        case "host":
            guard !hasHost, value.allSatisfy(Self.isHost) else { throw .badRequest }
            hasHost = true
        case "content-length": try takeLength(value)
        // Bodies here are short: whoever sends one knows its length. Beside a Content-Length it is a smuggler's.
        case "transfer-encoding": throw length == nil ? .notImplemented : .badRequest
        case "expect": throw .expectationFailed
        case "connection": takeConnection(value)
        case "authorization": try takeAuthorization(value)
        case "content-type":
            guard contentType == nil else { throw .badRequest }
            let type = value.prefix { $0 != UInt8(ascii: ";") && $0 != Self.blank && $0 != Self.tab }
            contentType = String(decoding: type, as: UTF8.self).lowercased()
        default: break
        }
    }

    private mutating func takeLength(_ value: Slice<UnsafeRawBufferPointer>) throws(RequestRefusal) {
        guard length == nil, !value.isEmpty, value.allSatisfy(Self.isDigit) else { throw .badRequest }
        let number = value.reduce(0) { min($0 * 10 + Int($1 - UInt8(ascii: "0")), 1 << 40) }
        guard number <= Self.mostBodyBytes else { throw .contentTooLarge }
        length = number
    }

    private mutating func takeConnection(_ value: Slice<UnsafeRawBufferPointer>) {
        for option in value.split(separator: UInt8(ascii: ",")) {
            switch String(decoding: Self.trimmed(option), as: UTF8.self).lowercased() {
            case "close": isClosing = true
            case "keep-alive": isClosing = isClosing ?? false
            default: break
            }
        }
    }

    /// Other schemes than Bearer are as good as none.
    private mutating func takeAuthorization(_ value: Slice<UnsafeRawBufferPointer>) throws(RequestRefusal) {
        guard !hasAuthorization else { throw .badRequest }
        hasAuthorization = true
        let scheme = value.prefix { $0 != Self.blank }
        guard String(decoding: scheme, as: UTF8.self).lowercased() == "bearer" else { return }
        bearer = Array(Self.trimmed(value[scheme.endIndex...]))
    }

    private static func trimmed(_ bytes: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
        let isBlank = { (byte: UInt8) in byte == blank || byte == tab }
        var rest = bytes.drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return rest
    }

    private static let cr = UInt8(ascii: "\r")
    private static let lf = UInt8(ascii: "\n")
    private static let tab = UInt8(ascii: "\t")
    private static let blank = UInt8(ascii: " ")

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    /// RFC 9110, section 5.6.2.
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        default: byte < 0x80 && "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    private static func isHost(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        default: byte < 0x80 && ".-_~:[]%!$&'()*+,;=".utf8.contains(byte)
        }
    }
}
