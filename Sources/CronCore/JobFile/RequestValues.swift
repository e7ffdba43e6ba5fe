/// A `URL=` that has been checked: its scheme, host and port stand in it literally.
struct URLTemplate: Hashable, Sendable {
    var template: Template
    /// `host:port`, the host in lower case, the port always there.
    var hostKey: String
    var isHTTPS: Bool

    init(parsing text: String) throws(BadValue) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw BadValue("it may hold no blanks and only ASCII; write others percent-encoded (%20), a host as xn--…")
        }
        guard let (scheme, afterScheme) = splitScheme(text) else {
            throw BadValue("it must begin with http:// or https://")
        }
        guard scheme == "http" || scheme == "https" else {
            throw BadValue("it must begin with http:// or https://, not \(quoted(scheme + "://"))")
        }
        isHTTPS = scheme == "https"
        let authority = afterScheme.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard !authority.contains("@") else {
            throw BadValue("it may hold no credentials; use User= and Password=, or a Header= with ${credential:NAME}")
        }
        guard !authority.contains("$") else {
            throw BadValue("placeholders may stand behind the host only")
        }
        hostKey = try Self.hostKey(authority, defaultPort: isHTTPS ? 443 : 80)
        template = try Template(parsing: text)
    }

    private static func hostKey(_ authority: Substring, defaultPort: Int) throws(BadValue) -> String {
        var host = authority
        var port = defaultPort
        let afterBracket = authority.lastIndex(of: "]") ?? authority.startIndex
        if let colon = authority[afterBracket...].lastIndex(of: ":") {
            let digits = authority[authority.index(after: colon)...]
            host = authority[..<colon]
            if !digits.isEmpty {
                guard Values.isNumber(digits), let value = Int(digits), (1...65_535).contains(value) else {
                    throw BadValue("\(quoted(digits)) is no port from 1 to 65535")
                }
                port = value
            }
        }
        guard !host.isEmpty else { throw BadValue("it names no host") }
        guard isHost(host) else { throw BadValue("\(quoted(host)) is no host name or address") }
        return "\(host.lowercased()):\(port)"
    }

    /// A name of letters, digits, `-`, `_` and dots, or an address in brackets.
    private static func isHost(_ host: Substring) -> Bool {
        if host.hasPrefix("["), host.hasSuffix("]") {
            let address = host.dropFirst().dropLast()
            return address.contains(":")
                && address.utf8.allSatisfy { isNameByte($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "%") }
        }
        return host.utf8.allSatisfy(isNameByte) && host.utf8.contains { $0 != UInt8(ascii: ".") }
            && host.utf8.count <= 254
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        Values.isDigit(byte) || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z"))
            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
    }
}

/// What stands before `://`, in lower case, and what behind it.
private func splitScheme(_ text: String) -> (scheme: String, rest: Substring)? {
    guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")), text[colon...].hasPrefix("://") else { return nil }
    return (text[..<colon].lowercased(), text[colon...].dropFirst(3))
}

/// A `Header=` line: a field to send, or the name of one to leave out.
enum HeaderLine: Hashable, Sendable {
    case send(HeaderTemplate)
    case remove(String)

    /// Set from what the body is; a second opinion would let a request be read in two ways.
    private static let ours = ["content-length", "transfer-encoding"]

    /// As curl reads `-H`: `Name: value`; `Name:` leaves a default one out; `Name;` sends it empty.
    init(parsing text: String) throws(BadValue) {
        if text.hasSuffix(";"), HTTPToken.isValid(text.dropLast()) {
            self = .send(HeaderTemplate(name: String(text.dropLast()), value: Template(pieces: [])))
            return
        }
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { throw BadValue("there is no ':'") }
        let name = String(text[..<colon])
        guard HTTPToken.isValid(name) else { throw BadValue("\(quoted(name)) is no name of a header") }
        guard !Self.ours.contains(name.lowercased()) else {
            throw BadValue("\(name) is made from the body and cannot be set")
        }
        let value = text[text.index(after: colon)...].trimmed
        guard !HTTPToken.holdsControl(value) else { throw BadValue("\(name) holds a control character") }
        if value.isEmpty {
            self = .remove(name)
        } else {
            self = .send(HeaderTemplate(name: name, value: try Template(parsing: String(value))))
        }
    }
}

/// The alphabet of HTTP (RFC 9110, section 5.6.2).
enum HTTPToken {
    /// What methods and names of headers are made of.
    static func isValid(_ text: some StringProtocol) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                Values.isDigit(byte) || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z"))
                    || "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
    }

    /// Whether the value of a header could break out of its line; a tab may stand in it.
    static func holdsControl(_ text: some StringProtocol) -> Bool {
        text.utf8.contains { $0 < 0x20 && $0 != 9 || $0 == 0x7f }
    }
}

extension Values {
    static func method(_ text: String) throws(BadValue) -> String {
        guard HTTPToken.isValid(text) else { throw BadValue() }
        guard text != "CONNECT" else { throw BadValue("CONNECT is for proxies") }
        return text
    }

    static func template(_ text: String) throws(BadValue) -> Template {
        try Template(parsing: text)
    }

    static func user(_ text: String) throws(BadValue) -> Template {
        let template = try Template(parsing: text)
        for case .literal(let literal) in template.pieces where literal.contains(":") {
            throw BadValue("it can hold no ':'; the password goes into Password=")
        }
        return template
    }

    /// `HOST:PORT` or a URL with one of curl's proxy schemes.
    static func proxy(_ text: String) throws(BadValue) -> Template {
        let schemes = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"]
        if let (scheme, _) = splitScheme(text) {
            guard schemes.contains(scheme) else {
                throw BadValue("the schemes are \(listed(schemes, conjunction: "and"))")
            }
        }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { throw BadValue("it may hold no blanks") }
        return try Template(parsing: text)
    }

    static func socketPath(_ text: String) throws(BadValue) -> String {
        let path = try absolutePath(text)
        // sun_path of unix(7), with the NUL behind it.
        guard path.utf8.count <= 107 else { throw BadValue("a socket's path has at most 107 bytes") }
        return path
    }

    /// Krafter's `every_5m`, or a time span.
    static func every(_ text: String) throws(BadValue) -> TimeSpan {
        let span = text.hasPrefix("every_") ? String(text.dropFirst("every_".count)) : text
        guard span.utf8.first.map(isDigit) == true || span == text else { throw BadValue() }
        return try Self.span(.seconds(1) ... .days(3_660))(span)
    }
}
