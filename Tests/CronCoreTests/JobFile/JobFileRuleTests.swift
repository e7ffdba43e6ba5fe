import CronCore
import Testing

/// A job file, and all that is said of it.
private struct RuleRow: Sendable {
    var name: String
    var text: String
    var messages: [String]
    /// Whether it loads nevertheless.
    var loads = false
}

private let request = "[Request]\nURL=http://localhost/\n"

@Suite struct JobFileRuleTests {
    private static let rows = [
        RuleRow(
            name: "an empty file", text: "",
            messages: [
                "health.job: [Job] says nothing of when to run; it needs one of Cron=, Every=, At= and OnDemand=yes",
                "health.job: [Request] lacks its URL=",
            ]),
        RuleRow(
            name: "two kinds of schedule", text: "[Job]\nCron=@daily\nEvery=1h\nOnDemand=no\n" + request,
            messages: ["health.job:3: Every= and Cron= exclude each other; a job has one kind of schedule"]),
        RuleRow(
            name: "several Cron= are one kind", text: "[Job]\nCron=@daily\nCron=@hourly\n" + request, messages: [],
            loads: true),
        RuleRow(
            name: "a reset leaves the other kind", text: "[Job]\nCron=@daily\nCron=\nEvery=1h\n" + request,
            messages: [],
            loads: true),
        RuleRow(
            name: "a URL that is told of is not missing besides",
            text: "[Job]\nOnDemand=yes\n[Request]\nUrl=http://localhost/\n",
            messages: ["health.job:4: Url= is spelled URL=, in [Request]"]),
        RuleRow(
            name: "a key in the wrong section", text: "[Job]\nOnDemand=yes\nTimeout=3\n" + request,
            messages: ["health.job:3: Timeout= belongs in [Request], and stands in [Job]"]),
        RuleRow(
            name: "a key outside of any section", text: "OnDemand=yes\n" + request,
            messages: ["health.job:1: OnDemand= belongs in [Job], and stands outside of any section"]),
        RuleRow(
            name: "a slip of the finger", text: "[Job]\nOnDemand=yes\n[Request]\nURL=http://localhost/\nTimeuot=3\n",
            messages: ["health.job:5: there is no Timeuot=; did you mean Timeout=?"]),
        RuleRow(
            name: "a slip in the wrong section", text: "[Job]\nOnDemand=yes\nMaxRetris=3\n" + request,
            messages: ["health.job:3: there is no MaxRetris=; did you mean MaxRetries= in [Retry]?"]),
        RuleRow(
            name: "another program's word", text: "[Job]\nOnCalendar=daily\n" + request,
            messages: [
                "health.job:2: there is no OnCalendar= here; use Cron=",
                "health.job: [Job] says nothing of when to run; it needs one of Cron=, Every=, At= and OnDemand=yes",
            ]),
        RuleRow(
            name: "no key at all", text: "[Job]\nOnDemand=yes\n" + request + "[History]\nFrobnicate=3\n",
            messages: [
                "health.job:6: there is no Frobnicate=; [History] knows Keep=, KeepFor=, KeepFailures= and RecordBody="
            ]),
        RuleRow(
            name: "an unknown section, told once", text: "[Job]\nOnDemand=yes\n" + request + "[Retyr]\na=1\nb=2\n",
            messages: ["health.job:6: stands in [Retyr], which is no section; did you mean [Retry]?"]),
        RuleRow(
            name: "X- is free", text: "[Job]\nOnDemand=yes\nX-Owner=ops\n[X-Tool]\nanything=1\n" + request,
            messages: [],
            loads: true),
        RuleRow(
            name: "a key twice", text: "[Job]\nOnDemand=yes\n[Request]\nURL=http://a/\nURL=http://b/\n",
            messages: ["health.job:5: warning: URL= was set on line 4 already; this one counts"], loads: true),
        RuleRow(
            name: "VerifyTLS=no", text: "[Job]\nOnDemand=yes\n" + request + "VerifyTLS=no\n",
            messages: [
                "health.job:5: warning: VerifyTLS=no: anyone on the way can read and change what is sent; CAFile= names a"
                    + " private authority"
            ], loads: true),
        RuleRow(
            name: "Body and BodyFile", text: "[Job]\nOnDemand=yes\n" + request + "Body=a\nBodyFile=/b\n",
            messages: ["health.job:6: BodyFile= and Body= exclude each other; keep one"]),
        RuleRow(
            name: "a password without a user", text: "[Job]\nOnDemand=yes\n" + request + "Password=a\n",
            messages: ["health.job:5: Password= needs User= beside it"]),
        RuleRow(
            name: "a socket and a proxy", text: "[Job]\nOnDemand=yes\n" + request + "UnixSocket=/a\nProxy=b:1\n",
            messages: ["health.job:5: UnixSocket= and Proxy= exclude each other; keep one"]),
        RuleRow(
            name: "a lower-case method", text: "[Job]\nOnDemand=yes\n" + request + "Method=post\n",
            messages: ["health.job:5: warning: Method=post is sent as it is written, and servers know POST only"],
            loads: true),
        RuleRow(
            name: "OnRecovery of its own Id", text: "[Job]\nOnDemand=yes\nId=me\nOnRecovery=me\n" + request,
            messages: ["health.job:4: OnRecovery= names this job itself; it takes another job"]),
        RuleRow(
            name: "no zone data", text: "[Job]\nOnDemand=yes\nTimeZone=No/Data\n" + request,
            messages: [
                "health.job:3: TimeZone= needs the zone data, which this system lacks: install the package tzdata. UTC"
                    + " works without"
            ]),
        RuleRow(
            name: "damaged zone data", text: "[Job]\nOnDemand=yes\nTimeZone=Bro/Ken\n" + request,
            messages: ["health.job:3: TimeZone= names 'Bro/Ken', and its zone data cannot be used: it is damaged"]),
        RuleRow(
            name: "At= in a gap", text: "[Job]\nAt=2026-03-29T02:30\nTimeZone=Europe/Berlin\n" + request,
            messages: [
                "health.job:2: warning: the clocks of Europe/Berlin skip this moment; the job runs straight after the gap"
            ], loads: true),
        RuleRow(
            name: "At= in a fold", text: "[Job]\nAt=2026-10-25T02:30\nTimeZone=Europe/Berlin\n" + request,
            messages: [
                "health.job:2: warning: the clocks of Europe/Berlin show this moment twice; the job runs the first time"
            ], loads: true),
        RuleRow(
            name: "everything at once",
            text: "[Job]\nCron=\nEvery=x\n[Request]\nURL=http://u:p@h/\nHeader=a\nTimeout=0\n",
            messages: [
                "health.job:3: Every= takes a time span of 1s or more, such as 5min, or every_5m, not 'x': 'x' begins"
                    + " with no number",
                "health.job:5: URL= takes a URL such as https://example.com/path: it may hold no credentials; use User="
                    + " and Password=, or a Header= with ${credential:NAME}",
                "health.job:6: Header= takes a header such as X-Team: ops: there is no ':'",
                "health.job:7: Timeout= takes a time span such as 30s or 5min 20s, not '0': 1ms is the least",
            ]),
    ]

    @Test(arguments: rows.indices)
    func `every mistake is told, with its line`(index: Int) {
        let row = Self.rows[index]
        let outcome = parse(row.text)
        #expect(outcome.diagnostics.map(\.description) == row.messages, "\(row.name)")
        #expect((outcome.job != nil) == row.loads, "\(row.name)")
    }

    @Test func `a name that is no name is an error`() {
        let outcome = JobFile.parse(name: "a b", file: "a b.job", Array((onDemandJob).utf8)) { _ in .noDatabase }
        #expect(outcome.job == nil)
        #expect(outcome.diagnostics.first?.description.hasPrefix("a b.job: 'a b' cannot name a job") == true)
    }

    @Test func `a local At= is that of its zone, and Cron= keeps the zone`() throws {
        let at = try #require(parse("[Job]\nAt=2026-12-24 18:00:00.5\nTimeZone=Europe/Berlin\n" + request).job)
        #expect(at.schedule == .at(Timestamp(microseconds: 1_798_131_600_500_000)))
        let cron = try #require(parse("[Job]\nCron=0 4 * * *\nTimeZone=Europe/Berlin\n" + request).job)
        guard case .cron(_, let zone) = cron.schedule else {
            Issue.record("no cron schedule")
            return
        }
        #expect(zone == berlin)
    }

    @Test func `in a gap the job runs after it, in a fold the first time`() throws {
        let gap = try #require(parse("[Job]\nAt=2026-03-29T02:30\nTimeZone=Europe/Berlin\n" + request).job)
        #expect(gap.schedule == .at(Timestamp(seconds: 1_774_746_000)))
        let fold = try #require(parse("[Job]\nAt=2026-10-25T02:30\nTimeZone=Europe/Berlin\n" + request).job)
        #expect(fold.schedule == .at(Timestamp(seconds: 1_792_888_200)))
    }

    @Test func `drop-ins add to lists, replace the rest, and can reset both`() throws {
        let main = onDemandJob + "Header=A: 1\nTimeout=2\n"
        let added = try #require(
            parse(main, dropIns: [JobFile.DropIn(file: "d", bytes: Array("[Request]\nHeader=B: 2\nTimeout=3\n".utf8))])
                .job)
        #expect(added.request.headers.map(\.name) == ["A", "B"])
        #expect(added.request.timeout == .seconds(3))
        let reset = try #require(
            parse(main, dropIns: [JobFile.DropIn(file: "d", bytes: Array("[Request]\nHeader=\nTimeout=\n".utf8))]).job)
        #expect(reset.request.headers.isEmpty)
        #expect(reset.request.timeout == .seconds(30))
    }

    @Test func `too many drop-ins are an error`() {
        let dropIns = (0...JobFile.dropInLimit).map { JobFile.DropIn(file: "\($0)", bytes: []) }
        #expect(
            parse(onDemandJob, dropIns: dropIns).diagnostics.map(\.message) == ["has 65 drop-ins; at most 64 are read"])
    }

    @Test func `mistakes are counted, and told up to a hundred`() {
        let text = onDemandJob + String(repeating: "Bogus=1\n", count: 5_000)
        let diagnostics = parse(text).diagnostics
        #expect(diagnostics.count == 101)
        #expect(diagnostics.last?.description == "health.job: and 4900 more mistakes like these")
    }

    @Test func `lines of a body are joined, and continued ones are one`() throws {
        let lines = onDemandJob + "Body={\"a\":\nBody= \"${job}\", \\\nBody=1}\nBody=\n"
        #expect(try #require(parse(lines).job).request.body == .none)
        let two = try #require(parse(onDemandJob + "Body={\"a\":\nBody= \"${job}\"}\n").job)
        #expect(
            two.request.body
                == .text(
                    Template(pieces: [.literal("{\"a\":\n\""), .placeholder(.job), .literal("\"}")]), isJSON: true))
        let plain = try #require(parse(onDemandJob + "Body={\"a\": ${job}}\n").job)
        guard case .text(_, isJSON: false) = plain.request.body else {
            Issue.record("a bare text is no JSON")
            return
        }
        let number = try #require(parse(onDemandJob + "Body={\"a\": ${attempt}, \"b\": ${failed.execution}}\n").job)
        guard case .text(_, isJSON: true) = number.request.body else {
            Issue.record("numbers and objects are JSON")
            return
        }
    }
}

/// A job with nothing to say, to be gone on with in [Request].
let onDemandJob = "[Job]\nOnDemand=yes\n[Request]\nURL=http://localhost/\n"

/// A URL and what it means for `MaxPerHost=`, or why it is refused.
private struct URLRow: Sendable {
    var url: String
    var hostKey: String?
    var reason = ""
}

@Suite struct RequestURLTests {
    private static let rows = [
        URLRow(url: "http://example.com", hostKey: "example.com:80"),
        URLRow(url: "HTTPS://EXAMPLE.com:8443?x=1", hostKey: "example.com:8443"),
        URLRow(url: "https://example.com:/", hostKey: "example.com:443"),
        URLRow(url: "http://[::1]:8080/", hostKey: "[::1]:8080"),
        URLRow(url: "http://[fe80::1%25eth0]/", hostKey: "[fe80::1%25eth0]:80"),
        URLRow(url: "http://10.0.0.1/a@b", hostKey: "10.0.0.1:80"),
        URLRow(url: "http://h/${job}?k=${credential:k}", hostKey: "h:80"),
        URLRow(url: "example.com", reason: "it must begin with http:// or https://"),
        URLRow(url: "file:///etc/passwd", reason: "it must begin with http:// or https://, not 'file://'"),
        URLRow(url: "http://", reason: "it names no host"),
        URLRow(url: "http:///path", reason: "it names no host"),
        URLRow(url: "http://:80/", reason: "it names no host"),
        URLRow(url: "http://h:0/", reason: "'0' is no port from 1 to 65535"),
        URLRow(url: "http://h:65536/", reason: "'65536' is no port from 1 to 65535"),
        URLRow(url: "http://h:8o/", reason: "'8o' is no port from 1 to 65535"),
        URLRow(url: "http://a:b:80/", reason: "'a:b' is no host name or address"),
        URLRow(url: "http://[::1/", reason: "'[:' is no host name or address"),
        URLRow(url: "http://h${job}/", reason: "placeholders may stand behind the host only"),
        URLRow(url: "http://${credential:h}/", reason: "placeholders may stand behind the host only"),
        URLRow(
            url: "http://u@h/",
            reason: "it may hold no credentials; use User= and Password=, or a Header= with ${credential:NAME}"),
        URLRow(
            url: "http://h/a b",
            reason: "it may hold no blanks and only ASCII; write others percent-encoded (%20), a host as xn--…"),
        URLRow(
            url: "http://hörst/",
            reason: "it may hold no blanks and only ASCII; write others percent-encoded (%20), a host as xn--…"),
    ]

    @Test(arguments: rows.indices)
    func `a URL names its host, or why it cannot be called`(index: Int) {
        let row = Self.rows[index]
        let outcome = parse("[Job]\nOnDemand=yes\n[Request]\nURL=\(row.url)\n")
        #expect(outcome.job?.request.hostKey == row.hostKey, "\(row.url)")
        let expected =
            row.hostKey == nil ? ["URL= takes a URL such as https://example.com/path: \(row.reason)"] : []
        #expect(outcome.diagnostics.map(\.message) == expected, "\(row.url)")
    }

    @Test func `headers are read as curl reads them`() throws {
        let lines = "Header=A: b: c\nHeader=User-Agent:\nHeader=Empty;\nHeader=D:x\n"
        let request = try #require(parse(onDemandJob + lines).job).request
        #expect(request.headers.map(\.name) == ["A", "Empty", "D"])
        #expect(request.headers.map(\.value.source) == ["b: c", "", "x"])
        #expect(request.removedHeaders == ["User-Agent"])
    }

    @Test(arguments: ["Content-Length: 3", "transfer-encoding: chunked", "no colon", ": x", "a b: c", "ü: 1"])
    func `a header that could be read in two ways is refused`(line: String) {
        #expect(parse(onDemandJob + "Header=\(line)\n").job == nil)
    }

    @Test func `secrets written into a job file are in no message`() {
        let text = """
            [Job]
            OnDemand=yes
            [Request]
            URL=http://user:s3cret@host/
            Header=Authorization Bearer s3cret
            Header=X: ${s3cret
            User=me:s3cret
            Password=s3cret${
            Proxy=ftp://u:s3cret@p
            Body=s3cret ${

            """
        for message in messages(text) { #expect(!message.contains("s3cret")) }
        #expect(messages(text).count == 7)
    }
}
