/// A TLS alert, by its number and by the name that Erlang's ssl gives it. RFC 8446, section 6; RFC 5246, section 7.2.
struct TLSAlert: Equatable {
    let number: Int
    /// `unknown_ca`.
    let name: String

    static let handshakeFailure = TLSAlert(40, "handshake_failure")
    static let badCertificate = TLSAlert(42, "bad_certificate")
    static let certificateRevoked = TLSAlert(44, "certificate_revoked")
    static let certificateExpired = TLSAlert(45, "certificate_expired")
    static let unknownCA = TLSAlert(48, "unknown_ca")
    static let protocolVersion = TLSAlert(70, "protocol_version")
    static let certificateRequired = TLSAlert(116, "certificate_required")

    private init(_ number: Int, _ name: String) {
        self.number = number
        self.name = name
    }

    /// The alert that an OpenSSL error of libcurl's speaks of (`error:0A000410:SSL routines::…`): one that the server
    /// sent. OpenSSL numbers these 1000 and the alert, in the low twelve bits of its code.
    init?(openSSLText text: String) {
        guard let found = text.index(behind: "error:") else { return nil }
        let digits = text[found...].prefix { $0.isHexDigit }
        guard let code = UInt64(digits, radix: 16), code & 0xfff >= 1_000, code & 0xfff < 1_256 else { return nil }
        let number = Int(code & 0xfff) - 1_000
        self = Self.known.first { $0.number == number } ?? TLSAlert(number, "alert_\(number)")
    }

    /// `Unknown Ca`, as Erlang writes it in its sentence.
    var title: String {
        name.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined(separator: " ")
    }

    private static let known = [
        TLSAlert(10, "unexpected_message"), TLSAlert(20, "bad_record_mac"), TLSAlert(21, "decryption_failed_reserved"),
        TLSAlert(22, "record_overflow"), TLSAlert(30, "decompression_failure_reserved"), handshakeFailure,
        TLSAlert(41, "no_certificate_reserved"), badCertificate, TLSAlert(43, "unsupported_certificate"),
        certificateRevoked, certificateExpired, TLSAlert(46, "certificate_unknown"), TLSAlert(47, "illegal_parameter"),
        unknownCA, TLSAlert(49, "access_denied"), TLSAlert(50, "decode_error"), TLSAlert(51, "decrypt_error"),
        protocolVersion, TLSAlert(71, "insufficient_security"), TLSAlert(80, "internal_error"),
        TLSAlert(86, "inappropriate_fallback"), TLSAlert(90, "user_canceled"), TLSAlert(109, "missing_extension"),
        TLSAlert(110, "unsupported_extension"), TLSAlert(112, "unrecognized_name"),
        TLSAlert(113, "bad_certificate_status_response"), TLSAlert(115, "unknown_psk_identity"), certificateRequired,
        TLSAlert(120, "no_application_protocol"),
    ]
}

extension String {
    /// The index behind the first occurrence of `words`.
    fileprivate func index(behind words: StaticString) -> Index? {
        let length = words.utf8CodeUnitCount
        var start = utf8.startIndex
        while let end = utf8.index(start, offsetBy: length, limitedBy: utf8.endIndex) {
            let words = UnsafeBufferPointer(start: words.utf8Start, count: length)
            if utf8[start..<end].elementsEqual(words) { return end }
            start = utf8.index(after: start)
        }
        return nil
    }
}
