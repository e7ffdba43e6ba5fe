// Whether a failed attempt is worth another one, and when.

extension RetryPolicy {
    /// How long to wait before the next attempt; nil: there is none, the run has failed.
    ///
    /// `attempt`: the number of the one that failed, from 1. `retryAfter`: that header as it arrived; it wins where it
    /// asks for more (RFC 9110, section 10.2.3). Never more than `MaxBackoff=`.
    package func wait(
        after failure: Failure, status: Int?, attempt: Int, retryAfter: String?, at now: Timestamp,
        random: inout RandomSource
    ) -> TimeSpan? {
        guard attempt <= maxRetries, retryOn.covers(failure, status: status) else { return nil }
        var wait = jittered(backoff(after: attempt), random: &random)
        if honoursRetryAfter, let retryAfter, let asked = Self.span(ofRetryAfter: retryAfter, at: now) {
            wait = max(wait, asked)
        }
        return max(.zero, min(wait, maxDelay))
    }

    /// The delay after this attempt, before jitter: at most `MaxBackoff=`.
    private func backoff(after attempt: Int) -> TimeSpan {
        switch backoff {
        case .fixed: min(delay, maxDelay)
        case .linear: min(delay * Int64(attempt), maxDelay)
        case .exponential: min(delay * (Int64(1) << Int64(min(attempt - 1, 62))), maxDelay)
        }
    }

    private func jittered(_ wait: TimeSpan, random: inout RandomSource) -> TimeSpan {
        let percent = Int64(min(max(jitterPercent, 0), 100))
        guard percent > 0, wait > .zero else { return wait }
        // Divided first, so that a span of centuries does not overflow; a microsecond does not matter.
        let reach = wait.microseconds / 100 * percent
        guard reach > 0 else { return wait }
        return wait + TimeSpan(microseconds: Int64.random(in: -reach...reach, using: &random))
    }

    /// `Retry-After`: seconds, or a date; nil if it is neither.
    private static func span(ofRetryAfter text: String, at now: Timestamp) -> TimeSpan? {
        let digits = text.utf8
        guard !digits.isEmpty, digits.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else {
            return HTTPDate.parse(text, now: now).map { max(.zero, $0 - now) }
        }
        // More digits than a number holds is longer than any MaxBackoff.
        return TimeSpan.seconds(1) * (Int64(text) ?? .max)
    }
}

extension RetryCondition {
    /// Whether this failure is worth another attempt. A request that could not even be made is no transport failure.
    func covers(_ failure: Failure, status: Int?) -> Bool {
        switch self {
        case .anyFailure: true
        case .some(let transport, let statuses):
            if let status { statuses.contains(status) } else { transport && failure.code != "request_invalid" }
        }
    }
}
