internal import CCurl

/// The libcurl that this process runs with, which need not be the one it was built beside.
package struct CurlVersion: Equatable, Sendable {
    /// `7.88.1`.
    package let text: String
    /// 0xXXYYZZ: major, minor, patch.
    package let number: UInt32
    /// The TLS library, as `OpenSSL/3.0.19`; empty without one.
    package let tls: String
    private let features: Int32

    init(text: String, number: UInt32, tls: String, features: Int32) {
        self.text = text
        self.number = number
        self.tls = tls
        self.features = features
    }

    /// The installed one. curl_version_info(3).
    package static let installed: CurlVersion = {
        guard let info = httpcron_curl_version_info(HTTPCRON_CURLVERSION_FIRST) else {
            return CurlVersion(text: "", number: 0, tls: "", features: 0)
        }
        return CurlVersion(
            text: info.pointee.version.map { String(cString: $0) } ?? "", number: info.pointee.version_num,
            tls: info.pointee.ssl_version.map { String(cString: $0) } ?? "", features: info.pointee.features)
    }()

    /// The oldest that is supported: 7.76.0, of RHEL 9.
    package var isSupported: Bool { number >= 0x07_4c00 }

    /// `CURLOPT_QUICK_EXIT` and the CA cache came with the same release, 7.87.0.
    var exitsQuickly: Bool { number >= 0x07_5700 }

    /// What it cannot do and a newer one could, a sentence each: for `--version`, and for a warning at start.
    package var lacks: [String] {
        var sentences: [String] = []
        if !isSupported { sentences.append("it is older than 7.76.0, the oldest that httpcron is made for") }
        if features & HTTPCRON_CURL_VERSION_SSL == 0 {
            sentences.append("it was built without TLS: https:// URLs will fail")
        }
        if !exitsQuickly {
            sentences.append(
                "it cannot keep the CA store between TLS connections (7.87.0): each costs tens of ms of CPU")
        }
        if features & HTTPCRON_CURL_VERSION_ASYNCHDNS == 0 {
            sentences.append(
                "it was built without an asynchronous resolver: looking up a host name beyond ASCII stops everything")
        }
        if features & HTTPCRON_CURL_VERSION_IPV6 == 0 { sentences.append("it was built without IPv6") }
        if features & HTTPCRON_CURL_VERSION_UNIX_SOCKETS == 0 {
            sentences.append("it was built without Unix sockets: jobs with UnixSocket= will fail")
        }
        return sentences
    }
}
