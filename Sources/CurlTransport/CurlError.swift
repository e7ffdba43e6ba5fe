internal import CCurl
internal import CronCore
internal import Glibc

/// The table of errors: what libcurl tells of a transfer without a whole response, as the words of the record.
///
/// `error` is the inspect form that the hosted service records (Mint's and Req's), `code` is ours, and `detail` says
/// what happened and what to do.
enum CurlError {
    static func failure(of outcome: CurlOutcome) -> Failure {
        var failure = judge(outcome)
        // Whatever the code says: a repetition must be safe.
        if outcome.requestMayHaveLeft { failure.requestMayHaveLeft = true }
        return failure
    }

    private static func judge(_ outcome: CurlOutcome) -> Failure {
        if let stopped = stopped(outcome) { return stopped }
        switch outcome.code {
        case HTTPCRON_CURLE_OPERATION_TIMEDOUT: return timeout(in: outcome.phase, outcome)
        case HTTPCRON_CURLE_COULDNT_RESOLVE_HOST, HTTPCRON_CURLE_COULDNT_RESOLVE_PROXY:
            return nameNotFound(detail: outcome.sentence)
        case HTTPCRON_CURLE_COULDNT_CONNECT:
            return ConnectError.failure(errno: outcome.osErrno, detail: outcome.sentence)
        case HTTPCRON_CURLE_PROXY: return proxyRefused(outcome)
        case HTTPCRON_CURLE_SSL_CONNECT_ERROR, HTTPCRON_CURLE_PEER_FAILED_VERIFICATION,
            HTTPCRON_CURLE_SSL_ISSUER_ERROR, HTTPCRON_CURLE_SSL_INVALIDCERTSTATUS, HTTPCRON_CURLE_SSL_CLIENTCERT:
            return TLSError.failure(of: outcome)
        case HTTPCRON_CURLE_OK, HTTPCRON_CURLE_GOT_NOTHING, HTTPCRON_CURLE_PARTIAL_FILE, HTTPCRON_CURLE_SEND_ERROR,
            HTTPCRON_CURLE_RECV_ERROR:
            return brokenOff(outcome)
        case HTTPCRON_CURLE_UNSUPPORTED_PROTOCOL where outcome.preTransfer > 0,
            HTTPCRON_CURLE_WEIRD_SERVER_REPLY, HTTPCRON_CURLE_HTTP2, HTTPCRON_CURLE_HTTP2_STREAM:
            return ProtocolError.failure(of: outcome)
        case HTTPCRON_CURLE_OUT_OF_MEMORY where outcome.preTransfer > 0:
            // libcurl's word for a header line longer than it would ever take: 100 KiB.
            return ProtocolError.headersTooLarge
        default: return local(outcome)
        }
    }

    /// What our own callbacks ended.
    private static func stopped(_ outcome: CurlOutcome) -> Failure? {
        switch outcome.reply.stop {
        case .headersTooLarge: ProtocolError.headersTooLarge
        case .conflictingLengths: ProtocolError.conflictingLengths
        case .bodyLimit, nil: nil
        }
    }

    static func timeout(in phase: CurlOutcome.Phase, _ outcome: CurlOutcome) -> Failure {
        let (code, detail) =
            switch phase {
            case .name: ("timeout_dns", "the name was not resolved in time; see ConnectTimeout= and the resolver")
            case .connect:
                (
                    "timeout_connect",
                    outcome.usesProxy
                        ? "the proxy did not connect in time; see ConnectTimeout= and Proxy="
                        : "the server did not accept the connection in time; see ConnectTimeout= and any firewall"
                )
            case .tls: ("timeout_tls", "the TLS handshake did not end in time; see ConnectTimeout=")
            case .firstByte: ("timeout_first_byte", "the server did not begin to answer in time; see Timeout=")
            case .body: ("timeout_body", "the response began but was not whole in time; see Timeout=")
            }
        return Failure(
            code: code, error: "%Mint.TransportError{reason: :timeout}", detail: detail,
            requestMayHaveLeft: outcome.requestMayHaveLeft)
    }

    static func nameNotFound(detail: String) -> Failure {
        Failure(
            code: "dns_not_found", error: "%Mint.TransportError{reason: :nxdomain}", detail: detail,
            requestMayHaveLeft: false)
    }

    /// The resolver failed, which says nothing about the name. The hosted service has no other word for it.
    static func nameLookupFailed(detail: String) -> Failure {
        Failure(
            code: "dns_failed", error: "%Mint.TransportError{reason: :nxdomain}", detail: detail,
            requestMayHaveLeft: false)
    }

    /// Nothing was sent, and the reason lies on this side.
    static func notSent(_ reason: String, detail: String) -> Failure {
        Failure(
            code: "request_invalid", error: "%Httpcron.RequestError{reason: :\(reason)}", detail: detail,
            requestMayHaveLeft: false)
    }

    static func closed(_ outcome: CurlOutcome, detail: String) -> Failure {
        Failure(
            code: "connection_closed", error: "%Mint.TransportError{reason: :closed}", detail: detail,
            requestMayHaveLeft: outcome.requestMayHaveLeft)
    }

    static func tooManyRedirects(limit: Int) -> Failure {
        Failure(
            code: "too_many_redirects", error: "%Req.TooManyRedirectsError{max_redirects: \(limit)}",
            detail: "redirected more than \(limit) times; see MaxRedirects=", requestMayHaveLeft: true)
    }

    /// Sending or receiving failed. Usually the connection is gone; but libcurl also says so of an alert that the
    /// server sent after the handshake, of a chunk that is none, and of a proxy that refused the tunnel (before 7.87).
    private static func brokenOff(_ outcome: CurlOutcome) -> Failure {
        if outcome.proxyStatus != 0 && outcome.proxyStatus / 100 != 2 && !outcome.requestMayHaveLeft {
            return proxyRefused(outcome)
        }
        if outcome.isTLS, TLSAlert(openSSLText: outcome.text) != nil { return TLSError.failure(of: outcome) }
        if outcome.code == HTTPCRON_CURLE_RECV_ERROR, ProtocolError.isMalformed(outcome.text) {
            return ProtocolError.failure(of: outcome)
        }
        let detail =
            switch outcome.phase {
            case .body: "the server closed the connection in the middle of its response"
            case .firstByte: "the server closed the connection without an answer"
            case .name, .connect, .tls: "the connection was closed before the request could be sent"
            }
        return closed(outcome, detail: detail)
    }

    private static func proxyRefused(_ outcome: CurlOutcome) -> Failure {
        let error =
            outcome.proxyStatus == 0
            ? "%Mint.TransportError{reason: :econnrefused}"
            : "%Mint.HTTPError{reason: {:proxy, {:unexpected_status, \(outcome.proxyStatus)}}, "
                + "module: Mint.TunnelProxy}"
        return Failure(
            code: "connect_refused", error: error,
            detail: "the proxy did not let the call through: \(outcome.sentence); see Proxy=",
            requestMayHaveLeft: outcome.requestMayHaveLeft)
    }

    /// Codes that speak of this side, and those that nobody has met yet.
    private static func local(_ outcome: CurlOutcome) -> Failure {
        if outcome.requestMayHaveLeft { return closed(outcome, detail: outcome.sentence) }
        let reason =
            switch outcome.code {
            case HTTPCRON_CURLE_URL_MALFORMAT, HTTPCRON_CURLE_UNSUPPORTED_PROTOCOL: "invalid_url"
            case HTTPCRON_CURLE_SSL_CACERT_BADFILE: "ca_file"
            case HTTPCRON_CURLE_SSL_CERTPROBLEM: "client_certificate"
            case HTTPCRON_CURLE_OUT_OF_MEMORY: "enomem"
            default: "curl_\(outcome.code)"
            }
        return notSent(reason, detail: outcome.sentence)
    }
}
