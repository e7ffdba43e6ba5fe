/// The [Retry] section.
package struct RetryPolicy: Hashable, Sendable {
    package var maxRetries: Int
    package var backoff: Backoff
    package var delay: TimeSpan
    package var maxDelay: TimeSpan
    /// Percent of the delay by which it may be moved, either way; 0…100.
    package var jitterPercent: Int
    package var retryOn: RetryCondition
    package var honoursRetryAfter: Bool

    package init(
        maxRetries: Int = 3, backoff: Backoff = .linear, delay: TimeSpan = .seconds(15),
        maxDelay: TimeSpan = .hours(1), jitterPercent: Int = 0, retryOn: RetryCondition = .anyFailure,
        honoursRetryAfter: Bool = true
    ) {
        self.maxRetries = maxRetries
        self.backoff = backoff
        self.delay = delay
        self.maxDelay = maxDelay
        self.jitterPercent = jitterPercent
        self.retryOn = retryOn
        self.honoursRetryAfter = honoursRetryAfter
    }
}

/// How the delay grows from one attempt to the next.
package enum Backoff: String, Sendable, CaseIterable {
    case linear
    case exponential
    case fixed
}

/// `RetryOn=`: which failures are worth another attempt.
package enum RetryCondition: Hashable, Sendable {
    case anyFailure
    /// Connection-level failures if `transport`, and these statuses.
    case some(transport: Bool, statuses: StatusSet)
}
