internal import CCurl
internal import CronCore

/// libcurl's own URL parser, so that what is looked up and compared is what libcurl will connect to. libcurl-url(3).
final class URLParser {
    private static let maxKnown = 1_024

    private let url: OpaquePointer
    /// What was found of URLs before: most jobs call the same one every time.
    private var known: [String: Target] = [:]

    init() throws(TransportError) {
        guard let made = curl_url() else { throw TransportError(call: "curl_url", reason: "no memory") }
        url = made
    }

    deinit {
        curl_url_cleanup(url)
    }

    /// The origin of a whole URL; nil if it is none, or of another scheme than http and https.
    func target(of text: String) -> Target? {
        if let target = known[text] { return target }
        guard let target = parse(text) else { return nil }
        if known.count >= Self.maxKnown { known.removeAll(keepingCapacity: true) }
        known[text] = target
        return target
    }

    private func parse(_ text: String) -> Target? {
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
