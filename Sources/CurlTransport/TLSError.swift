internal import CCurl
internal import CronCore

/// Why there is no TLS connection, in Mint's form: the alert, sent by us or by the server, as Erlang words it.
enum TLSError {
    static func failure(of outcome: CurlOutcome) -> Failure {
        // An alert from the server says why it refuses us; its own certificate is then not what failed.
        if let alert = TLSAlert(openSSLText: outcome.sentence) {
            return failure(
                code: "tls_handshake", alert: alert, isOurs: false, outcome,
                detail: "the server refused the TLS handshake: \(outcome.text)")
        }
        if outcome.code == HTTPCRON_CURLE_PEER_FAILED_VERIFICATION { return distrusted(outcome) }
        if outcome.code == HTTPCRON_CURLE_SSL_CLIENTCERT {
            return failure(
                code: "tls_handshake", alert: .certificateRequired, isOurs: false, outcome,
                detail: "the server demands a client certificate; see ClientCertificate=")
        }
        if isClosed(outcome.text) {
            return CurlError.closed(outcome, detail: "the server closed the connection during the TLS handshake")
        }
        let isNotTLS = outcome.text.contains("wrong version number") || outcome.text.contains("packet length too long")
        return failure(
            code: "tls_handshake", alert: isNotTLS ? .protocolVersion : .handshakeFailure, isOurs: true, outcome,
            detail: isNotTLS ? "what the server speaks is not TLS; is it http://?" : outcome.sentence)
    }

    /// X509_V_ERR_…: openssl-verification-options(1), x509_vfy.h. A name that does not match is found by libcurl itself,
    /// which leaves the result at the 0 or 1 that it began with.
    private static func distrusted(_ outcome: CurlOutcome) -> Failure {
        let result = outcome.verifyResult > 1 ? outcome.verifyResult : outcome.proxyVerifyResult
        switch result {
        case 9, 10:
            return failure(
                code: "tls_expired", alert: .certificateExpired, isOurs: true, outcome,
                detail: "\(outcome.sentence): renew the server's certificate, or set this machine's clock")
        case 2, 7, 18...21, 24:
            return failure(
                code: "tls_unknown_ca", alert: .unknownCA, isOurs: true, outcome,
                detail: "\(outcome.sentence): name the issuer's certificate with CAFile=, or install it system-wide")
        case 0, 1, 62...64:
            return failure(
                code: "tls_hostname", alert: .badCertificate, isOurs: true, outcome,
                detail: "\(outcome.sentence): the certificate is for another name than the URL's")
        case 23:
            return failure(
                code: "tls_handshake", alert: .certificateRevoked, isOurs: true, outcome, detail: outcome.sentence)
        default:
            return failure(
                code: "tls_handshake", alert: .badCertificate, isOurs: true, outcome, detail: outcome.sentence)
        }
    }

    private static func isClosed(_ text: String) -> Bool {
        ["SSL_ERROR_SYSCALL", "unexpected eof", "Connection reset", "Broken pipe"].contains { text.contains($0) }
    }

    private static func failure(
        code: String, alert: TLSAlert, isOurs: Bool, _ outcome: CurlOutcome, detail: String
    ) -> Failure {
        let origin = isOurs ? "generated CLIENT ALERT" : "received SERVER ALERT"
        return Failure(
            code: code,
            error: "%Mint.TransportError{reason: {:tls_alert, {:\(alert.name), "
                + "~c\"TLS client: \(origin): Fatal - \(alert.title)\"}}}",
            detail: detail, requestMayHaveLeft: outcome.requestMayHaveLeft)
    }
}
