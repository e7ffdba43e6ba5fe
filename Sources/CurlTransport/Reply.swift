/// What has arrived of a response, as curl's callbacks hand it over. They only note it here; an answer of `false` ends
/// the transfer.
struct Reply {
    /// Why a callback ended the transfer.
    enum Stop: Equatable {
        case headersTooLarge
        case conflictingLengths
        /// `MaxResponseBytes=` is reached: no failure, the status decides.
        case bodyLimit
    }

    private(set) var stop: Stop?
    /// A line of a response has arrived, be it an interim one.
    private(set) var hasBegun = false
    /// The head of the final response is whole.
    private(set) var headIsWhole = false
    private(set) var location: String?
    private(set) var retryAfter: String?
    private(set) var bodyBytes: UInt64 = 0
    private var headerBytes = 0
    private var isInterim = false
    private var contentLength: Int64?

    /// One line of a head or of trailers, its line end included. Interim responses come through here as well, and what
    /// they say is forgotten when the next status line comes.
    mutating func takeHeader(_ line: UnsafeRawBufferPointer, limit: Int) -> Bool {
        hasBegun = true
        headerBytes += line.count
        guard headerBytes <= limit else {
            stop = .headersTooLarge
            return false
        }
        guard !headIsWhole, let first = line.first else { return true }
        switch first | 0x20 {
        case UInt8(ascii: "h") where line.hasPrefix("http/"): takeStatusLine(line)
        case UInt8(ascii: "l"): if location == nil { location = line.value(of: "location:") }
        case UInt8(ascii: "r"): if retryAfter == nil { retryAfter = line.value(of: "retry-after:") }
        case UInt8(ascii: "c"): return takeContentLength(line)
        default: if line.isBlank { headIsWhole = !isInterim }
        }
        return true
    }

    /// Counts body bytes. `false` once there are more than `limit`.
    mutating func takeBody(_ count: Int, limit: UInt64) -> Bool {
        bodyBytes &+= UInt64(clamping: count)
        guard bodyBytes > limit else { return true }
        stop = .bodyLimit
        return false
    }

    private mutating func takeStatusLine(_ line: UnsafeRawBufferPointer) {
        location = nil
        retryAfter = nil
        contentLength = nil
        guard let space = line.firstIndex(of: UInt8(ascii: " ")), space + 1 < line.count else { return }
        isInterim = line[space + 1] == UInt8(ascii: "1")
    }

    /// Two lengths that differ are how one response is smuggled into another: RFC 9112, section 6.3. libcurl takes the
    /// first and says nothing.
    private mutating func takeContentLength(_ line: UnsafeRawBufferPointer) -> Bool {
        guard let text = line.value(of: "content-length:"), let length = Int64(text) else { return true }
        if let contentLength, contentLength != length {
            stop = .conflictingLengths
            return false
        }
        contentLength = length
        return true
    }
}

extension UnsafeRawBufferPointer {
    /// Whether it begins with `prefix`, which is in lower case; the letters here may be in either.
    fileprivate func hasPrefix(_ prefix: StaticString) -> Bool {
        guard count >= prefix.utf8CodeUnitCount else { return false }
        for index in 0..<prefix.utf8CodeUnitCount {
            let byte = self[index]
            let lower = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
            guard lower == prefix.utf8Start[index] else { return false }
        }
        return true
    }

    /// What follows `name`, the colon included in it, without the white space around it; nil for another header.
    fileprivate func value(of name: StaticString) -> String? {
        guard hasPrefix(name) else { return nil }
        var value = self[name.utf8CodeUnitCount...]
        while let byte = value.first, byte.isSpace { value.removeFirst() }
        while let byte = value.last, byte.isSpace { value.removeLast() }
        return String(decoding: value, as: UTF8.self)
    }

    fileprivate var isBlank: Bool {
        allSatisfy(\.isSpace)
    }
}

extension UInt8 {
    fileprivate var isSpace: Bool {
        self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") || self == UInt8(ascii: "\r")
            || self == UInt8(ascii: "\n")
    }
}
