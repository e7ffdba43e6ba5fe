internal import CCurl
internal import CronCore

/// libcurl's own URL parser, so that what is looked up and compared is what libcurl will connect to. libcurl-url(3).
final class URLParser {
    private let url: OpaquePointer
    /// Origins seen before, by what stands before the path: most calls go where others went.
    private var known: [String: Target] = [:]
    private static let mostKnown = 1_024

    init() throws(TransportError) {
        guard let made = curl_url() else { throw TransportError(call: "curl_url", reason: "no memory") }
        url = made
    }

    deinit {
        curl_url_cleanup(url)
    }

    /// The origin of a whole URL; nil if it is none, or of another scheme than http and https.
    func target(of text: String) -> Target? {
        guard let origin = plainOrigin(of: text) else { return parsedTarget(of: text) }
        if let target = known[origin] { return target }
        let target = parsedTarget(of: text)
        if known.count >= Self.mostKnown { known.removeAll(keepingCapacity: true) }
        known[origin] = target
        return target
    }

    /// `http://host:port`, if nothing in the URL is such that its parsing could depend on the rest: no white space, no
    /// user, no brackets, nothing encoded before the path, nothing beyond ASCII at all.
    private func plainOrigin(of text: String) -> String? {
        let scheme = text.hasPrefix("http://") ? 7 : text.hasPrefix("https://") ? 8 : 0
        guard scheme > 0 else { return nil }
        var text = text
        return text.withUTF8 { bytes in
            let rest = bytes[scheme...]
            let end = rest.firstIndex(of: UInt8(ascii: "/")) ?? bytes.count
            guard end > scheme, bytes[scheme..<end].allSatisfy(\.isPlainHost),
                bytes[end...].allSatisfy({ $0 > 0x20 && $0 < 0x7f })
            else { return nil }
            return String(decoding: UnsafeBufferPointer(rebasing: bytes[..<end]), as: UTF8.self)
        }
    }

    private func parsedTarget(of text: String) -> Target? {
        guard isClean(text), set(HTTPCRON_CURLUPART_URL, text, flags: HTTPCRON_CURLU_NON_SUPPORT_SCHEME) else {
            return nil
        }
        guard let scheme = get(HTTPCRON_CURLUPART_SCHEME) else { return nil }
        return origin(isTLS: scheme == "https", knownScheme: scheme == "http" || scheme == "https", defaultPort: nil)
    }

    /// `location` as a reference from `base`, whole, without user and password; nil if it is no URL.
    func resolve(_ location: String, from base: String) -> String? {
        guard set(HTTPCRON_CURLUPART_URL, base, flags: 0),
            set(
                HTTPCRON_CURLUPART_URL, location,
                flags: HTTPCRON_CURLU_URLENCODE | HTTPCRON_CURLU_NON_SUPPORT_SCHEME),
            set(HTTPCRON_CURLUPART_USER, nil, flags: 0), set(HTTPCRON_CURLUPART_PASSWORD, nil, flags: 0)
        else { return nil }
        return get(HTTPCRON_CURLUPART_URL)
    }

    /// The scheme of a proxy (`http` if it names none), its name and its port; nil if it is no URL.
    func proxy(_ text: String) -> (scheme: String, target: Target)? {
        let flags = HTTPCRON_CURLU_NON_SUPPORT_SCHEME | HTTPCRON_CURLU_GUESS_SCHEME
        // Without a scheme a proxy is an HTTP one, whatever its name looks like.
        let whole = text.contains("://") ? text : "http://" + text
        guard isClean(text), set(HTTPCRON_CURLUPART_URL, whole, flags: flags),
            let scheme = get(HTTPCRON_CURLUPART_SCHEME)
        else { return nil }
        // curl's default port of a proxy: 1080, but for an HTTPS one.
        let target = origin(isTLS: scheme == "https", knownScheme: true, defaultPort: scheme == "https" ? 443 : 1080)
        guard let target else { return nil }
        return (scheme, target)
    }

    private func origin(isTLS: Bool, knownScheme: Bool, defaultPort: UInt16?) -> Target? {
        guard knownScheme, var host = get(HTTPCRON_CURLUPART_HOST) else { return nil }
        if host.hasPrefix("[") && host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        let port: UInt16? =
            if let defaultPort {
                get(HTTPCRON_CURLUPART_PORT).map { UInt16($0) } ?? defaultPort
            } else {
                get(HTTPCRON_CURLUPART_PORT, flags: HTTPCRON_CURLU_DEFAULT_PORT).flatMap { UInt16($0) }
            }
        guard let port, !host.isEmpty else { return nil }
        return Target(isTLS: isTLS, host: host.lowercased(), port: port)
    }

    private func set(_ part: UInt32, _ text: String?, flags: UInt32) -> Bool {
        curl_url_set(url, part, text, flags) == HTTPCRON_CURLUE_OK
    }

    private func get(_ part: UInt32, flags: UInt32 = 0) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard httpcron_curl_url_get(url, part, &text, flags) == HTTPCRON_CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }

    /// A NUL would end the C string early, and what stands behind it would be lost unseen.
    private func isClean(_ text: String) -> Bool {
        !text.utf8.contains { $0 < 0x20 || $0 == 0x7f }
    }
}

extension UInt8 {
    /// What the host and the port of an ordinary URL are made of.
    fileprivate var isPlainHost: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."),
            UInt8(ascii: "-"), UInt8(ascii: ":"):
            true
        default: false
        }
    }
}
