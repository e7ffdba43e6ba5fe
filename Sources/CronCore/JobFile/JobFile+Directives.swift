/// Every key of a job file, in the order of the reference.
extension DirectiveTable where Target == JobDraft {
    package static let jobFile = DirectiveTable(
        jobDirectives + requestDirectives + retryDirectives + historyDirectives,
        foreign: [
            "OnCalendar": "Cron=", "Schedule": "Cron=", "OnUnitActiveSec": "Every=", "Interval": "Every=",
            "Persistent": "CatchUp=", "RandomizedDelaySec": "RandomizedOffset=", "ConcurrencyPolicy": "Overlap=",
            "Environment": "the value itself, or ${credential:NAME}", "ExecStart": "URL=", "Name": "Description=",
            "Headers": "Header=, once for each", "TimeoutSec": "Timeout=", "Retries": "MaxRetries=",
            "RestartSec": "BackoffDelay=", "Zone": "TimeZone=", "MaxRetry": "MaxRetries=", "Data": "Body=",
        ])
}

private let yesOrNo = "yes or no"
private let aSpan = "a time span such as 30s or 5min 20s"
private let longest = TimeSpan.days(3_660)
private let identityWords = "the id of another job: letters, digits, '_', '.' and '-', at most 100"
private let fileWords = "an absolute path or credential:NAME"

private let jobDirectives: [Directive<JobDraft>] = [
    .optional("Job", "Description", \.description, accepts: "text", fallback: "the name", Values.text),
    .optional(
        "Job", "Id", \.id, accepts: "letters, digits, '_', '.' and '-', at most 100, the first a letter or digit",
        fallback: "the name", Values.identity),
    .one("Job", "Enabled", \.isEnabled, accepts: yesOrNo, fallback: "yes", Values.boolean),
    .many("Job", "Cron", \.cron, accepts: "a cron expression such as 0 4 * * *", Values.cron),
    .optional("Job", "Every", \.every, accepts: "a time span of 1s or more, such as 5min, or every_5m", Values.every),
    .optional(
        "Job", "At", \.at, accepts: "a moment such as 2026-12-24T18:00 (local to TimeZone=) or 2026-12-24T17:00:00Z",
        { (text) throws(BadValue) in try AtMoment(parsing: text) }),
    .one("Job", "OnDemand", \.onDemand, accepts: yesOrNo, fallback: "no", Values.boolean),
    .one("Job", "TimeZone", \.timeZone, accepts: "an IANA name such as Europe/Berlin", fallback: "UTC", Values.text),
    .one(
        "Job", "RandomizedOffset", \.randomizedOffset, accepts: aSpan, fallback: "0",
        Values.span(.zero...longest)),
    .one("Job", "CatchUp", \.catchUp, accepts: words(CatchUp.self), fallback: "once", Values.word),
    .optional(
        "Job", "CatchUpWindow", \.catchUpWindow, accepts: aSpan, fallback: "10min, with At= 1d",
        Values.span(.zero...longest)),
    .one("Job", "Overlap", \.overlap, accepts: words(Overlap.self), fallback: "skip", Values.word),
    .one("Job", "Delivery", \.delivery, accepts: words(Delivery.self), fallback: "at-least-once", Values.word),
    .optional("Job", "OnFailure", \.onFailure, accepts: identityWords, Values.identity),
    .optional("Job", "OnRecovery", \.onRecovery, accepts: identityWords, Values.identity),
    .one(
        "Job", "OnFailureAfter", \.onFailureAfter, accepts: "a number from 1 to 1000000", fallback: "1",
        Values.integer(1...1_000_000)),
]

private let requestDirectives: [Directive<JobDraft>] = [
    .optional(
        "Request", "URL", \.url, accepts: "a URL such as https://example.com/path", isSecret: true,
        { (text) throws(BadValue) in try URLTemplate(parsing: text) }),
    .optional(
        "Request", "Method", \.method, accepts: "a method such as GET, POST or PUT",
        fallback: "GET, with a body POST", Values.method),
    .many(
        "Request", "Header", \.headers, accepts: "a header such as X-Team: ops", isSecret: true,
        { (text) throws(BadValue) in try HeaderLine(parsing: text) }),
    .many("Request", "Body", \.body, accepts: "text, a line for each Body=", isSecret: true, Values.template),
    .optional("Request", "BodyFile", \.bodyFile, accepts: "an absolute path", absolutePath),
    .one(
        "Request", "Timeout", \.timeout, accepts: aSpan, fallback: "30s", Values.span(.milliseconds(1) ... .days(1))),
    .one(
        "Request", "ConnectTimeout", \.connectTimeout, accepts: aSpan, fallback: "10s",
        Values.span(.milliseconds(1) ... .days(1))),
    .one(
        "Request", "MaxRedirects", \.maxRedirects, accepts: "a number from 0 to 50", fallback: "0",
        Values.integer(0...50)),
    .one(
        "Request", "SuccessStatus", \.successStatus, accepts: "status codes and ranges such as 200-299 304",
        fallback: "200-299", Values.statuses),
    .optional("Request", "User", \.user, accepts: "a user name", isSecret: true, Values.user),
    .optional(
        "Request", "Password", \.password, accepts: "a password, best as ${credential:NAME}", isSecret: true,
        Values.template),
    .optional("Request", "CAFile", \.caFile, accepts: fileWords, Values.file),
    .optional("Request", "ClientCertificate", \.clientCertificate, accepts: fileWords, Values.file),
    .optional("Request", "ClientKey", \.clientKey, accepts: fileWords, Values.file),
    .one("Request", "VerifyTLS", \.verifiesTLS, accepts: yesOrNo, fallback: "yes", Values.boolean),
    .optional(
        "Request", "Proxy", \.proxy, accepts: "a proxy such as http://proxy.example.com:3128", isSecret: true,
        Values.proxy),
    .optional("Request", "NoProxy", \.noProxy, accepts: "hosts between commas, or *", Values.text),
    .optional("Request", "UnixSocket", \.unixSocket, accepts: "an absolute path", Values.socketPath),
    .one(
        "Request", "AddressFamily", \.addressFamily, accepts: words(AddressFamily.self), fallback: "any", Values.word),
    .one("Request", "TraceParent", \.traceParent, accepts: yesOrNo, fallback: "no", Values.boolean),
]

private let retryDirectives: [Directive<JobDraft>] = [
    .one(
        "Retry", "MaxRetries", \.maxRetries, accepts: "a number from 0 to 1000", fallback: "3",
        Values.integer(0...1_000)),
    .one("Retry", "Backoff", \.backoff, accepts: words(Backoff.self), fallback: "linear", Values.word),
    .one(
        "Retry", "BackoffDelay", \.backoffDelay, accepts: aSpan, fallback: "15s", Values.span(.zero ... .days(31))),
    .one("Retry", "MaxBackoff", \.maxBackoff, accepts: aSpan, fallback: "1h", Values.span(.zero ... .days(31))),
    .one("Retry", "Jitter", \.jitter, accepts: "a percentage from 0% to 100%", fallback: "0%", Values.percent),
    .one(
        "Retry", "RetryOn", \.retryOn,
        accepts: "any, or transport and status codes, such as transport 408 429 500-599", fallback: "any",
        Values.retryCondition),
    .one("Retry", "RetryAfter", \.retryAfter, accepts: yesOrNo, fallback: "yes", Values.boolean),
]

private let historyDirectives: [Directive<JobDraft>] = [
    .one(
        "History", "Keep", \.keep, accepts: "a number from 0 to 1000000", fallback: "100",
        Values.integer(0...1_000_000)),
    .one("History", "KeepFor", \.keepFor, accepts: aSpan, fallback: "0", Values.span(.zero ... .days(36_600))),
    .one(
        "History", "KeepFailures", \.keepFailures, accepts: "a number from 0 to 1000000", fallback: "0",
        Values.integer(0...1_000_000)),
    .one(
        "History", "RecordBody", \.recordBody, accepts: words(RecordBody.self), fallback: "always", Values.word),
]

/// The words of an enumeration, as the object of a sentence.
private func words<T: RawRepresentable & CaseIterable>(_ type: T.Type) -> String where T.RawValue == String {
    listed(T.allCases.map(\.rawValue))
}

extension Values {
    fileprivate static func cron(_ text: String) throws(BadValue) -> CronExpression {
        do {
            return try CronExpression(parsing: text)
        } catch {
            throw BadValue(error.message)
        }
    }

    fileprivate static func file(_ text: String) throws(BadValue) -> FileReference {
        try FileReference(parsing: text)
    }
}
