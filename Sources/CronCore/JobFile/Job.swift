/// One job, as its file defines it: what to call, when, and what to do when it fails. Immutable; a reload makes a new
/// one, and an attempt keeps the one it began with.
package final class Job: Sendable, Equatable {
    package let id: JobID
    /// The name of the file without `.job`.
    package let name: String
    package let description: String
    package let isEnabled: Bool
    package let schedule: Schedule
    package let randomizedOffset: TimeSpan
    package let catchUp: CatchUp
    package let catchUpWindow: TimeSpan
    package let overlap: Overlap
    package let delivery: Delivery
    package let onFailure: JobID?
    package let onRecovery: JobID?
    package let onFailureAfter: Int
    package let request: RequestTemplate
    package let retry: RetryPolicy
    package let retention: Retention

    package init(
        id: JobID, name: String, description: String, isEnabled: Bool = true, schedule: Schedule,
        randomizedOffset: TimeSpan = .zero, catchUp: CatchUp = .once, catchUpWindow: TimeSpan = .minutes(10),
        overlap: Overlap = .skip, delivery: Delivery = .atLeastOnce, onFailure: JobID? = nil,
        onRecovery: JobID? = nil, onFailureAfter: Int = 1, request: RequestTemplate,
        retry: RetryPolicy = RetryPolicy(), retention: Retention = Retention()
    ) {
        self.id = id
        self.name = name
        self.description = description
        self.isEnabled = isEnabled
        self.schedule = schedule
        self.randomizedOffset = randomizedOffset
        self.catchUp = catchUp
        self.catchUpWindow = catchUpWindow
        self.overlap = overlap
        self.delivery = delivery
        self.onFailure = onFailure
        self.onRecovery = onRecovery
        self.onFailureAfter = onFailureAfter
        self.request = request
        self.retry = retry
        self.retention = retention
    }

    package static func == (left: Job, right: Job) -> Bool {
        left === right
            || (left.id == right.id && left.name == right.name && left.description == right.description
                && left.isEnabled == right.isEnabled && left.schedule == right.schedule
                && left.randomizedOffset == right.randomizedOffset && left.catchUp == right.catchUp
                && left.catchUpWindow == right.catchUpWindow && left.overlap == right.overlap
                && left.delivery == right.delivery && left.onFailure == right.onFailure
                && left.onRecovery == right.onRecovery && left.onFailureAfter == right.onFailureAfter
                && left.request == right.request && left.retry == right.retry && left.retention == right.retention)
    }
}

/// `CatchUp=`: what becomes of occurrences that were missed.
package enum CatchUp: String, Sendable, CaseIterable {
    case once
    case skip
}

/// `Overlap=`: what an occurrence does while a request of the last run is still in flight.
package enum Overlap: String, Sendable, CaseIterable {
    case skip
    case queue
    case allow
}

/// `Delivery=`: whether a run that a crash cut short is carried out again.
package enum Delivery: String, Sendable, CaseIterable {
    case atLeastOnce = "at-least-once"
    case atMostOnce = "at-most-once"
}

/// The [History] section.
package struct Retention: Hashable, Sendable {
    package var keep: Int
    package var keepFor: TimeSpan
    package var keepFailures: Int
    package var recordBody: RecordBody

    package init(
        keep: Int = 100, keepFor: TimeSpan = .zero, keepFailures: Int = 0, recordBody: RecordBody = .always
    ) {
        self.keep = keep
        self.keepFor = keepFor
        self.keepFailures = keepFailures
        self.recordBody = recordBody
    }
}

/// `RecordBody=`: which response bodies are recorded.
package enum RecordBody: String, Sendable, CaseIterable {
    case always
    case failure
    case no
}
