/// How an attempt ended, and what that means for its run.
struct Ending {
    enum Fate {
        /// The run is over. `counts`: a failure is one more in a row; a stop of the daemon is not.
        case over(counts: Bool)
        /// The run goes on after this long.
        case retry(after: TimeSpan)
        /// The run would go on, but its job was removed or disabled.
        case dropped
    }

    var response: Response
    var startedAt: Timestamp
    var finishedAt: Timestamp
    var duration: TimeSpan
    var fate: Fate
    /// Where a redirect pointed that was not followed.
    var location: String?

    /// Failed runs in a row, after `before` of them and this attempt.
    func failures(after before: UInt32) -> UInt32 {
        guard response.failure != nil else { return 0 }
        switch fate {
        case .over(counts: false), .retry: return before
        case .over(counts: true), .dropped: return before == .max ? before : before + 1
        }
    }
}

/// Whether a job changed to failing, or recovered.
enum HealthChange {
    case failing
    case recovered

    /// nil: it is as it was. `threshold`: `OnFailureAfter=`.
    init?(from before: UInt32, to after: UInt32, threshold: UInt32) {
        if before < threshold && after >= threshold {
            self = .failing
        } else if before >= threshold && after == 0 {
            self = .recovered
        } else {
            return nil
        }
    }
}

extension Job {
    /// Failed runs in a row from which on the job is failing.
    var failureThreshold: UInt32 { UInt32(clamping: max(1, onFailureAfter)) }

    /// Attempts of a run in all.
    var maxAttempts: Int { min(max(0, retry.maxRetries), 1_000_000) + 1 }
}

extension Response {
    /// The response as `RecordBody=` wants it recorded.
    func recorded(_ recordBody: RecordBody) -> Response {
        let keepsBody =
            switch recordBody {
            case .always: true
            case .failure: failure != nil
            case .no: false
            }
        guard !keepsBody, body != nil else { return self }
        var response = self
        response.body = nil
        response.bodyTruncated = false
        return response
    }

    /// Of an attempt that the daemon's own end cut short. `reason`: `shutdown` or `crash`.
    static func interrupted(_ reason: String, requestMayHaveLeft: Bool) -> Response {
        Response(
            failure: Failure(
                code: "interrupted", error: "%Httpcron.Interrupted{reason: :\(reason)}",
                requestMayHaveLeft: requestMayHaveLeft))
    }
}
