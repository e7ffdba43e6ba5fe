import CronCore
import Testing

/// One key: a good value and what it makes of a job, a bad value and what is said of it.
struct KeyRow: CustomTestStringConvertible, Sendable {
    var section: String
    var key: String
    var good: String
    var holds: @Sendable (Job) -> Bool
    var bad: String
    var message: String

    init(
        _ section: String, _ key: String, _ good: String, bad: String, _ message: String,
        _ holds: @escaping @Sendable (Job) -> Bool
    ) {
        self.section = section
        self.key = key
        self.good = good
        self.holds = holds
        self.bad = bad
        self.message = message
    }

    var testDescription: String { "[\(section)] \(key)=" }
}

private let span = "a time span such as 30s or 5min 20s"

@Suite struct JobFileKeyTests {
    static let rows: [KeyRow] = [
        KeyRow("Job", "Description", "Nightly  report", bad: "", "") { $0.description == "Nightly  report" },
        KeyRow(
            "Job", "Id", "e1f2a3b4-c5d6-e7f8-a9b0-c1d2e3f4a5b6", bad: "a b",
            "Id= takes letters, digits, '_', '.' and '-', at most 100, the first a letter or digit, not 'a b'"
        ) { $0.id.text == "e1f2a3b4-c5d6-e7f8-a9b0-c1d2e3f4a5b6" && $0.name == "health" },
        KeyRow("Job", "Enabled", "off", bad: "maybe", "Enabled= takes yes or no, not 'maybe'") { !$0.isEnabled },
        KeyRow("Job", "Cron", "0 4 * * *", bad: "", "") {
            if case .cron(let expressions, let zone) = $0.schedule {
                expressions.count == 1 && zone == .utc
            } else {
                false
            }
        },
        KeyRow(
            "Job", "Every", "every_5m", bad: "500ms",
            "Every= takes a time span of 1s or more, such as 5min, or every_5m, not '500ms': 1s is the least"
        ) { $0.schedule == .every(.minutes(5)) },
        KeyRow("Job", "At", "2026-12-24T18:00:00+01:00", bad: "", "") {
            $0.schedule == .at(Timestamp(seconds: 1_798_131_600)) && $0.catchUpWindow == .days(1)
        },
        KeyRow("Job", "OnDemand", "yes", bad: "jes", "OnDemand= takes yes or no, not 'jes'") {
            $0.schedule == .onDemand
        },
        KeyRow(
            "Job", "TimeZone", "Europe/Berlin", bad: "Europe/Berln",
            "TimeZone= names 'Europe/Berln', which is no zone of this system; did you mean 'Europe/Berlin'?"
        ) { $0.schedule == .onDemand },
        KeyRow(
            "Job", "RandomizedOffset", "1.5h", bad: "-3s",
            "RandomizedOffset= takes \(span), not '-3s': it cannot be negative"
        ) { $0.randomizedOffset == .minutes(90) },
        KeyRow(
            "Job", "CatchUp", "skip", bad: "skp", "CatchUp= takes once or skip, not 'skp': did you mean 'skip'?"
        ) { $0.catchUp == .skip },
        KeyRow(
            "Job", "CatchUpWindow", "2h", bad: "2 hurs",
            "CatchUpWindow= takes \(span), not '2 hurs': 'hurs' is no unit of time (us, ms, s, min, h, d, w, M, y);"
                + " did you mean 'hours'?"
        ) { $0.catchUpWindow == .hours(2) },
        KeyRow(
            "Job", "Overlap", "queue", bad: "forbid", "Overlap= takes skip, queue or allow, not 'forbid'"
        ) { $0.overlap == .queue },
        KeyRow(
            "Job", "Delivery", "at-most-once", bad: "at-most-one",
            "Delivery= takes at-least-once or at-most-once, not 'at-most-one': did you mean 'at-most-once'?"
        ) { $0.delivery == .atMostOnce },
        KeyRow(
            "Job", "OnFailure", "page-ops", bad: "health", "OnFailure= names this job itself; it takes another job"
        ) { $0.onFailure == JobID("page-ops") },
        KeyRow(
            "Job", "OnRecovery", "calm-ops", bad: "../ops",
            "OnRecovery= takes the id of another job: letters, digits, '_', '.' and '-', at most 100, not '../ops'"
        ) { $0.onRecovery == JobID("calm-ops") },
        KeyRow(
            "Job", "OnFailureAfter", "3", bad: "0", "OnFailureAfter= takes a number from 1 to 1000000, not '0'"
        ) { $0.onFailureAfter == 3 },
        KeyRow(
            "Request", "URL", "https://Example.com/a?b=$$c", bad: "ftp://example.com/",
            "URL= takes a URL such as https://example.com/path: it must begin with http:// or https://, not 'ftp://'"
        ) {
            $0.request.hostKey == "example.com:443"
                && $0.request.url.pieces == [.literal("https://Example.com/a?b=$c")]
        },
        KeyRow(
            "Request", "Method", "PURGE", bad: "GE T", "Method= takes a method such as GET, POST or PUT, not 'GE T'"
        ) { $0.request.method == "PURGE" },
        KeyRow(
            "Request", "Header", "X-Api-Key:  ${credential:reports-key} ", bad: "X Api: secret",
            "Header= takes a header such as X-Team: ops: 'X Api' is no name of a header"
        ) {
            $0.request.headers == [
                HeaderTemplate(
                    name: "X-Api-Key", value: Template(pieces: [.placeholder(.credential("reports-key"))]))
            ]
        },
        KeyRow(
            "Request", "Body", #"{"kind":"nightly"}"#, bad: "${jobb}",
            "Body= takes text, a line for each Body=: '${jobb}' is no placeholder; did you mean 'job'? They are"
                + " ${job}, ${run_id}, ${attempt}, ${scheduled_at}, ${failed.job}, ${failed.error},"
                + " ${failed.error_code}, ${failed.http_status}, ${failed.execution} and ${credential:NAME}; for a"
                + " dollar sign write '$$'"
        ) {
            $0.request.body == .text(Template(pieces: [.literal(#"{"kind":"nightly"}"#)]), isJSON: true)
                && $0.request.method == "POST"
        },
        KeyRow(
            "Request", "BodyFile", "/srv/body.json", bad: "body.json",
            "BodyFile= takes an absolute path, not 'body.json': the path must begin with '/'"
        ) { $0.request.body == .file("/srv/body.json") && $0.request.method == "POST" },
        KeyRow(
            "Request", "Timeout", "1min", bad: "99999999999999999999s",
            "Timeout= takes \(span), not '99999999999999999999s': it is too large"
        ) { $0.request.timeout == .minutes(1) },
        KeyRow("Request", "ConnectTimeout", "3", bad: "2d", "ConnectTimeout= takes \(span), not '2d': 1d is the most") {
            $0.request.connectTimeout == .seconds(3)
        },
        KeyRow(
            "Request", "MaxRedirects", "5", bad: "51", "MaxRedirects= takes a number from 0 to 50, not '51'"
        ) { $0.request.maxRedirects == 5 },
        KeyRow(
            "Request", "SuccessStatus", "304 200-250 251-299", bad: "200-99",
            "SuccessStatus= takes status codes and ranges such as 200-299 304, not '200-99': '200-99' is no status"
                + " code from 100 to 599 and no range of them"
        ) { $0.request.successStatus.ranges == [200...299, 304...304] },
        KeyRow(
            "Request", "User", "alice", bad: "alice:secret",
            "User= takes a user name: it can hold no ':'; the password goes into Password="
        ) { $0.request.user == Template(pieces: [.literal("alice")]) },
        KeyRow(
            "Request", "Password", "${credential:pw}\nUser=a", bad: "${credential:../x}",
            "Password= takes a password, best as ${credential:NAME}: '../x' is no name of a credential: letters,"
                + " digits, '_', '.' and '-', at most 100"
        ) { $0.request.password == Template(pieces: [.placeholder(.credential("pw"))]) },
        KeyRow(
            "Request", "CAFile", "credential:ca.pem", bad: "ca.pem",
            "CAFile= takes an absolute path or credential:NAME, not 'ca.pem': the path must begin with '/'"
        ) { $0.request.caFile == .credential("ca.pem") },
        KeyRow(
            "Request", "ClientCertificate", "/etc/ssl/c.pem", bad: "c.pem",
            "ClientCertificate= takes an absolute path or credential:NAME, not 'c.pem': the path must begin with '/'"
        ) { $0.request.clientCertificate == .path("/etc/ssl/c.pem") },
        KeyRow(
            "Request", "ClientKey", "credential:key\nClientCertificate=/c.pem", bad: "/c.key",
            "ClientKey= needs ClientCertificate= beside it"
        ) { $0.request.clientKey == .credential("key") },
        KeyRow("Request", "VerifyTLS", "yes", bad: "nope", "VerifyTLS= takes yes or no, not 'nope'") {
            $0.request.verifiesTLS
        },
        KeyRow(
            "Request", "Proxy", "http://proxy:3128", bad: "ftp://proxy",
            "Proxy= takes a proxy such as http://proxy.example.com:3128: the schemes are http, https, socks4, socks4a,"
                + " socks5 and socks5h"
        ) { $0.request.proxy == Template(pieces: [.literal("http://proxy:3128")]) },
        KeyRow("Request", "NoProxy", "localhost,10.0.0.1", bad: "", "") { $0.request.noProxy == "localhost,10.0.0.1" },
        KeyRow(
            "Request", "UnixSocket", "/run/app.sock", bad: "app.sock",
            "UnixSocket= takes an absolute path, not 'app.sock': the path must begin with '/'"
        ) { $0.request.unixSocket == "/run/app.sock" && $0.request.hostKey == "/run/app.sock" },
        KeyRow(
            "Request", "AddressFamily", "ipv6", bad: "IPv6",
            "AddressFamily= takes any, ipv4 or ipv6, not 'IPv6': did you mean 'ipv6'?"
        ) { $0.request.addressFamily == .ipv6 },
        KeyRow("Request", "TraceParent", "yes", bad: "2", "TraceParent= takes yes or no, not '2'") {
            $0.request.traceParent
        },
        KeyRow("Retry", "MaxRetries", "0", bad: "many", "MaxRetries= takes a number from 0 to 1000, not 'many'") {
            $0.retry.maxRetries == 0
        },
        KeyRow(
            "Retry", "Backoff", "exponential", bad: "exponental",
            "Backoff= takes linear, exponential or fixed, not 'exponental': did you mean 'exponential'?"
        ) { $0.retry.backoff == .exponential },
        KeyRow(
            "Retry", "BackoffDelay", "500ms", bad: "s",
            "BackoffDelay= takes \(span), not 's': 's' begins with no number"
        ) { $0.retry.delay == .milliseconds(500) },
        KeyRow("Retry", "MaxBackoff", "10min", bad: "32d", "MaxBackoff= takes \(span), not '32d': 31d is the most") {
            $0.retry.maxDelay == .minutes(10)
        },
        KeyRow("Retry", "Jitter", "25%", bad: "101%", "Jitter= takes a percentage from 0% to 100%, not '101%'") {
            $0.retry.jitterPercent == 25
        },
        KeyRow(
            "Retry", "RetryOn", "transport 429 500-599", bad: "transprt",
            "RetryOn= takes any, or transport and status codes, such as transport 408 429 500-599, not 'transprt':"
                + " 'transprt' is neither; did you mean 'transport'?"
        ) { $0.retry.retryOn == .some(transport: true, statuses: StatusSet([429...429, 500...599])) },
        KeyRow("Retry", "RetryAfter", "no", bad: "-", "RetryAfter= takes yes or no, not '-'") {
            !$0.retry.honoursRetryAfter
        },
        KeyRow("History", "Keep", "7", bad: "-1", "Keep= takes a number from 0 to 1000000, not '-1'") {
            $0.retention.keep == 7
        },
        KeyRow("History", "KeepFor", "2w", bad: "1..5h", "KeepFor= takes \(span), not '1..5h': '1..5' is no number") {
            $0.retention.keepFor == .days(14)
        },
        KeyRow(
            "History", "KeepFailures", "500", bad: "5e2", "KeepFailures= takes a number from 0 to 1000000, not '5e2'"
        ) { $0.retention.keepFailures == 500 },
        KeyRow(
            "History", "RecordBody", "failure", bad: "never", "RecordBody= takes always, failure or no, not 'never'"
        ) { $0.retention.recordBody == .failure },
    ]

    @Test(arguments: rows)
    func `a good value sets what it should`(row: KeyRow) throws {
        let outcome = parse(job(row.section, "\(row.key)=\(row.good)"))
        let parsed = try #require(outcome.job, "\(outcome.diagnostics)")
        #expect(row.holds(parsed))
    }

    @Test(arguments: rows.filter { !$0.bad.isEmpty })
    func `a bad value is refused, with what is accepted`(row: KeyRow) {
        let outcome = parse(job(row.section, "\(row.key)=\(row.bad)"))
        #expect(outcome.job == nil)
        #expect(outcome.diagnostics.map(\.description) == ["health.job:2: \(row.message)"])
    }

    @Test func `every key of the reference has a row, and no other`() {
        #expect(
            DirectiveTable.jobFile.directives.map { "\($0.section) \($0.key)" }
                == Self.rows.map { "\($0.section) \($0.key)" })
    }

    @Test func `every key says what it takes`() {
        for directive in DirectiveTable.jobFile.directives { #expect(!directive.accepts.isEmpty) }
        for directive in DirectiveTable.daemon.directives { #expect(!directive.accepts.isEmpty) }
    }

    @Test func `a job that says the least gets the defaults`() throws {
        let parsed = try #require(parse(job("Job", "Cron=* * * * *")).job)
        #expect(
            parsed
                == Job(
                    id: JobID("health"), name: "health", description: "health", schedule: parsed.schedule,
                    request: RequestTemplate(
                        url: Template(pieces: [.literal("http://localhost/")]), hostKey: "localhost:80")))
    }
}
