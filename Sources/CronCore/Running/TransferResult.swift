/// What the transport hands back: one finished request.
package struct TransferResult: Equatable, Sendable {
    package var response: Response
    /// The boot clock when the transfer ended.
    package var finishedAt: Instant
    /// The `Retry-After` header as it arrived.
    package var retryAfter: String?
    /// The `Location` header as it arrived; it goes into the log line of a redirect that was not followed.
    package var location: String?

    package init(response: Response, finishedAt: Instant, retryAfter: String? = nil, location: String? = nil) {
        self.response = response
        self.finishedAt = finishedAt
        self.retryAfter = retryAfter
        self.location = location
    }
}
