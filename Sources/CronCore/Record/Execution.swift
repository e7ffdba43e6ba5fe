/// A recorded attempt: one HTTP request of a run, and what became of it.
package struct Execution: Equatable, Sendable {
    package var header: RecordHeader
    package var run: Run
    package var id: ExecutionID
    /// From 1.
    package var attempt: Int
    package var maxAttempts: Int
    package var startedAt: Timestamp
    package var finishedAt: Timestamp
    /// Measured by the boot clock, so a stepped wall clock cannot falsify it.
    package var duration: TimeSpan
    /// When the next attempt of the run is due, if there will be one.
    package var nextAttemptAt: Timestamp?
    package var response: Response

    package init(
        header: RecordHeader, run: Run, id: ExecutionID, attempt: Int, maxAttempts: Int, startedAt: Timestamp,
        finishedAt: Timestamp, duration: TimeSpan, nextAttemptAt: Timestamp?, response: Response
    ) {
        self.header = header
        self.run = run
        self.id = id
        self.attempt = attempt
        self.maxAttempts = maxAttempts
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.duration = duration
        self.nextAttemptAt = nextAttemptAt
        self.response = response
    }

    package var succeeded: Bool { response.failure == nil }
}

/// What came back from one request, or why nothing did.
package struct Response: Equatable, Sendable {
    /// nil: the attempt succeeded.
    package var failure: Failure?
    /// nil for connection-level failures.
    package var httpStatus: Int?
    /// The first 2,048 bytes as they arrived, cut back to a UTF-8 boundary, without the suffix; nil for
    /// connection-level failures and where `RecordBody=` says so.
    package var body: [UInt8]?
    /// Whether `body` is not all of it.
    package var bodyTruncated: Bool
    /// Body bytes that arrived.
    package var byteCount: UInt64
    package var timings: PhaseTimings
    /// Numeric, without the port; empty when nothing was connected.
    package var remoteAddress: String
    /// `1.1`, `2`…; empty when no response began.
    package var httpVersion: String

    package init(
        failure: Failure?, httpStatus: Int? = nil, body: [UInt8]? = nil, bodyTruncated: Bool = false,
        byteCount: UInt64 = 0, timings: PhaseTimings = PhaseTimings(), remoteAddress: String = "",
        httpVersion: String = ""
    ) {
        self.failure = failure
        self.httpStatus = httpStatus
        self.body = body
        self.bodyTruncated = bodyTruncated
        self.byteCount = byteCount
        self.timings = timings
        self.remoteAddress = remoteAddress
        self.httpVersion = httpVersion
    }
}

/// How long each phase took, each by itself but the last two, which count from the start; nil: the phase was not
/// reached, or not needed on a connection that was open already.
package struct PhaseTimings: Hashable, Sendable {
    package var dns: TimeSpan?
    package var connect: TimeSpan?
    package var tls: TimeSpan?
    package var firstByte: TimeSpan?
    package var total: TimeSpan?

    package init(
        dns: TimeSpan? = nil, connect: TimeSpan? = nil, tls: TimeSpan? = nil, firstByte: TimeSpan? = nil,
        total: TimeSpan? = nil
    ) {
        self.dns = dns
        self.connect = connect
        self.tls = tls
        self.firstByte = firstByte
        self.total = total
    }
}

/// Why an attempt failed.
package struct Failure: Hashable, Sendable {
    /// The stable code for people and alerts, as the table of errors lists it: `connect_refused`, `http_status`…
    package var code: String
    /// The inspect form, as the hosted service records it: `%Mint.TransportError{reason: :econnrefused}`, `HTTP 500`…
    package var error: String
    /// For the log line: what happened and what to do, in words; may be empty.
    package var detail: String
    /// Whether any byte of the request may have left. If not, even an at-most-once run may try again.
    package var requestMayHaveLeft: Bool

    package init(code: String, error: String, detail: String = "", requestMayHaveLeft: Bool) {
        self.code = code
        self.error = error
        self.detail = detail
        self.requestMayHaveLeft = requestMayHaveLeft
    }
}
