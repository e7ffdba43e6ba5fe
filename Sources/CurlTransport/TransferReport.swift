internal import CCurl
internal import CronCore

/// Puts together what is recorded of one attempt.
struct TransferReport {
    let timings: PhaseTimings
    private let outcome: CurlOutcome?
    private let easy: EasyHandle?
    private let transfer: Transfer
    private let now: Instant

    /// Of an attempt that curl has ended a hop of.
    init(_ transfer: Transfer, easy: EasyHandle, outcome: CurlOutcome, now: Instant) {
        self.transfer = transfer
        self.easy = easy
        self.outcome = outcome
        self.now = now
        timings = Self.timings(transfer, outcome, repliedAt: easy.repliedAt, now: now)
    }

    /// Of an attempt that curl never got, or not this time.
    init(_ transfer: Transfer, now: Instant) {
        self.transfer = transfer
        easy = nil
        outcome = nil
        self.now = now
        var timings = transfer.timings
        timings.total = now - transfer.startedAt
        self.timings = timings
    }

    /// A failure of the connection's kind, without status and body.
    func failed(_ failure: Failure) -> TransferResult {
        var failure = failure
        // An earlier hop was sent in any case.
        if transfer.redirects > 0 { failure.requestMayHaveLeft = true }
        return TransferResult(
            response: Response(
                failure: failure, byteCount: outcome?.reply.bodyBytes ?? 0, timings: timings,
                remoteAddress: remoteAddress, httpVersion: httpVersion),
            finishedAt: now)
    }

    /// A whole response, which its status judges. `detail`: more about the failure, if it is one.
    func answered(detail: String) -> TransferResult {
        guard let outcome, let easy else { return failed(CurlError.notSent("no_response", detail: detail)) }
        let succeeded = transfer.request.successStatus.contains(outcome.status)
        let failure =
            succeeded
            ? nil
            : Failure(
                code: "http_status", error: "HTTP \(outcome.status)", detail: detail, requestMayHaveLeft: true)
        let (body, isTruncated) = ResponseBody.cut(easy.keptBody, arrived: outcome.reply.bodyBytes)
        return TransferResult(
            response: Response(
                failure: failure, httpStatus: outcome.status, body: body, bodyTruncated: isTruncated,
                byteCount: outcome.reply.bodyBytes, timings: timings, remoteAddress: remoteAddress,
                httpVersion: httpVersion),
            finishedAt: now, retryAfter: outcome.reply.retryAfter.map { Self.bounded($0, 128) },
            location: outcome.reply.location.map { Self.bounded($0, 2_048) })
    }

    /// A server may send 64 KiB of it.
    private static func bounded(_ text: String, _ limit: Int) -> String {
        text.utf8.count <= limit ? text : String(decoding: text.utf8.prefix(limit), as: UTF8.self)
    }

    private var remoteAddress: String {
        guard let easy, let outcome, outcome.isConnected, transfer.request.connection.unixSocket == nil else {
            return ""
        }
        return EasyInfo(easy: easy.pointer).text(HTTPCRON_CURLINFO_PRIMARY_IP)
    }

    private var httpVersion: String {
        guard let easy, let outcome, outcome.reply.hasBegun else { return "" }
        return switch EasyInfo(easy: easy.pointer).long(HTTPCRON_CURLINFO_HTTP_VERSION) {
        case 1: "1.0"
        case 2: "1.1"
        case 3: "2"
        case 30: "3"
        default: ""
        }
    }

    /// Each phase by itself, added to what the hops before took.
    private static func timings(
        _ transfer: Transfer, _ outcome: CurlOutcome, repliedAt: Instant?, now: Instant
    ) -> PhaseTimings {
        var timings = transfer.timings
        if outcome.newConnections > 0 || outcome.preTransfer == 0 {
            if let route = transfer.route, !route.names.isEmpty {
                timings.dns = sum(timings.dns, transfer.curlBegan - transfer.hopBegan)
            }
            if outcome.connect > 0 { timings.connect = sum(timings.connect, outcome.connect - outcome.nameLookup) }
            if outcome.tls > 0 { timings.tls = sum(timings.tls, outcome.tls - outcome.connect) }
        }
        if let repliedAt { timings.firstByte = repliedAt - transfer.startedAt }
        timings.total = now - transfer.startedAt
        return timings
    }

    private static func sum(_ earlier: TimeSpan?, _ this: TimeSpan) -> TimeSpan {
        (earlier ?? .zero) + max(.zero, this)
    }

    private static func sum(_ earlier: TimeSpan?, _ this: Int64) -> TimeSpan {
        sum(earlier, TimeSpan(microseconds: this))
    }
}
