import CronCore
import Foundation
import Testing

@Suite struct APIRouteTests {
    struct Row: CustomTestStringConvertible {
        let method: String
        let path: String
        let outcome: APIRoute.Outcome
        var testDescription: String { "\(method) \(path)" }
    }

    static let rows = [
        Row(method: "GET", path: "api/v1/cron/jobs", outcome: .route(.jobs)),
        Row(method: "HEAD", path: "api/v1/cron/jobs", outcome: .route(.jobs)),
        Row(method: "GET", path: "api/v1/cron/jobs/a", outcome: .route(.job(JobID("a")))),
        Row(method: "GET", path: "api/v1/cron/jobs/a/executions", outcome: .route(.executions(JobID("a")))),
        Row(method: "POST", path: "api/v1/cron/jobs/a/trigger", outcome: .route(.trigger(JobID("a")))),
        Row(method: "POST", path: "api/v1/cron/jobs/a/pause", outcome: .route(.pause(JobID("a")))),
        Row(method: "POST", path: "api/v1/cron/jobs/a/resume", outcome: .route(.resume(JobID("a")))),
        Row(method: "POST", path: "api/v1/cron/reload", outcome: .route(.reload)),
        Row(method: "GET", path: "api/v1/cron/status", outcome: .route(.status)),
        Row(method: "GET", path: "healthz", outcome: .route(.health)),
        Row(method: "GET", path: "metrics", outcome: .route(.metrics)),
        Row(method: "POST", path: "api/v1/cron/jobs", outcome: .methodNotAllowed(allowed: "GET, HEAD")),
        Row(method: "get", path: "api/v1/cron/jobs", outcome: .methodNotAllowed(allowed: "GET, HEAD")),
        Row(method: "GET", path: "api/v1/cron/jobs/a/trigger", outcome: .methodNotAllowed(allowed: "POST")),
        Row(method: "DELETE", path: "api/v1/cron/jobs/a", outcome: .methodNotAllowed(allowed: "GET, HEAD")),
        Row(method: "GET", path: "", outcome: .notFound),
        Row(method: "GET", path: "api/v1/cron", outcome: .notFound),
        Row(method: "GET", path: "api/v2/cron/jobs", outcome: .notFound),
        Row(method: "GET", path: "api/v1/cron/jobs/", outcome: .notFound),
        Row(method: "GET", path: "api/v1/cron/jobs//executions", outcome: .notFound),
        Row(method: "GET", path: "api/v1/cron/jobs/a/executions/", outcome: .notFound),
        Row(method: "GET", path: "api/v1/cron/jobs/a/other", outcome: .notFound),
        Row(method: "GET", path: "healthz/x", outcome: .notFound),
    ]

    @Test(arguments: rows) func `a method and a path are a route, or tell what is wrong`(row: Row) {
        let path =
            row.path.isEmpty ? [] : row.path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        #expect(APIRoute.find(method: row.method, path: path) == row.outcome)
    }

    @Test func `each scope is granted by itself, but who reads everything reads the metrics`() {
        #expect(APIScope.read.isGranted(by: [.read]) && !APIScope.read.isGranted(by: [.write, .metrics]))
        #expect(APIScope.write.isGranted(by: [.write]) && !APIScope.write.isGranted(by: [.read, .metrics]))
        #expect(APIScope.metrics.isGranted(by: [.metrics]) && APIScope.metrics.isGranted(by: [.read]))
        #expect(!APIScope.metrics.isGranted(by: [.write]) && !APIScope.metrics.isGranted(by: []))
        #expect(APIRoute.health.scope == nil && APIRoute.reload.scope == .write && APIRoute.metrics.scope == .metrics)
    }

    @Test func `a limit is 1 to 100, 20 if there is none, and else told in the hosted service's words`() throws {
        #expect(try ExecutionLimit.parse([]).get() == 20)
        for (text, limit) in [("1", 1), ("100", 100), ("020", 20)] {
            #expect(try ExecutionLimit.parse([text]).get() == limit)
        }
        for (texts, words) in [
            (["0"], "must be greater than 0"), (["101"], "must be less than or equal to 100"), ([""], "is invalid"),
            (["-1"], "is invalid"), (["1.0"], "is invalid"), (["1", "2"], "is invalid"),
            (["99999999999999999999"], "is invalid"), (["٣"], "is invalid"),
        ] {
            #expect(throws: APIProblem.invalid("limit", words)) { try ExecutionLimit.parse(texts).get() }
        }
    }

    @Test func `problems are the documents that the hosted service sends`() throws {
        #expect(String(decoding: APIProblem.notFound.document, as: UTF8.self) == #"{"error":"Not found"}"#)
        #expect(
            String(decoding: APIProblem.invalid("limit", "is invalid").document, as: UTF8.self)
                == #"{"error":"Validation failed","details":{"limit":["is invalid"]}}"#)
        let odd = APIProblem(status: 409, message: "“\u{1b}”\n\"")
        let object = try JSONSerialization.jsonObject(with: Data(odd.document)) as? [String: String]
        #expect(object == ["error": odd.message])
    }
}

@Suite struct APITokensTests {
    private let tokens = APITokens(
        Array(
            """
            # a comment
            reader-token-0123456789 cron:read

            writer-token-0123456789\tcron:read,cron:write\r
            short cron:read
            typo-token-01234567890 cron:raed
            lonely-token-0123456789
            three-token-0123456789 cron:read cron:write
            """.utf8))

    @Test func `a token has the scopes of its line, whole`() {
        #expect(tokens.scopes(of: Array("reader-token-0123456789".utf8)) == [.read])
        #expect(tokens.scopes(of: Array("writer-token-0123456789".utf8)) == [.read, .write])
        #expect(tokens.scopes(of: Array("typo-token-01234567890".utf8)) == [])
        for wrong in ["", "reader-token-012345678", "reader-token-01234567890", "Reader-token-0123456789", "short"] {
            #expect(tokens.scopes(of: Array(wrong.utf8)) == nil, "\(wrong)")
        }
        #expect(tokens.scopes(of: Array("lonely-token-0123456789".utf8)) == nil)
        #expect(tokens.scopes(of: Array("three-token-0123456789".utf8)) == nil)
    }

    @Test func `mistakes name their line, and never a token`() {
        #expect(
            tokens.mistakes.map { $0.prefix { $0 != " " } } == [
                "api-tokens:5:", "api-tokens:6:", "api-tokens:7:", "api-tokens:8:",
            ])
        #expect(!tokens.mistakes.joined().contains("0123456789") && !tokens.mistakes.joined().contains("raed"))
        #expect(APITokens([]).isEmpty && APITokens([]).mistakes.isEmpty)
    }
}

@Suite struct JobDocumentTests {
    @Test func `a job's document has the hosted service's keys in their order, and no header's value`() throws {
        let template = RequestTemplate(
            url: Template(pieces: [.literal("https://example.com/"), .placeholder(.credential("key"))]), method: "POST",
            headers: [
                HeaderTemplate(name: "X-Key", value: Template(pieces: [.literal("hunter2")])),
                HeaderTemplate(name: "x-key", value: Template(pieces: [.literal("hunter3")])),
            ], timeout: .milliseconds(1_500), hostKey: "example.com:443")
        let job = Job(
            id: JobID("a1"), name: "invoices", description: "", schedule: .every(.minutes(5)),
            onFailure: JobID("alert"),
            request: template, retry: RetryPolicy(maxRetries: 7))
        var bytes: [UInt8] = []
        job.appendDocument(
            JobFacts(
                isPaused: false, lastExecution: (noon, false), nextRunAt: .noon(300), changedAt: .noon(-60)), to: &bytes
        )
        #expect(
            String(decoding: bytes, as: UTF8.self) == """
                {"id":"a1","name":"invoices","schedule_type":"interval","schedule":"every_5m","timezone":"UTC",\
                "url":"https://example.com/${credential:key}","method":"POST","headers":{"X-Key":"***"},\
                "timeout_ms":1500,"max_retries":7,"enabled":true,"failure_notify":true,"last_status":"failed",\
                "last_run_at":"2026-03-02T12:00:00Z","next_run_at":"2026-03-02T12:05:00Z",\
                "created_at":"2026-03-02T11:59:00Z","updated_at":"2026-03-02T11:59:00Z"}
                """)
    }

    @Test func `each kind of schedule has its word`() throws {
        for (schedule, type, text) in [
            (try cron("0 7 * * Mon-Fri"), "cron", "\"0 7 * * Mon-Fri\""),
            (.every(.seconds(90)), "interval", "\"every_90s\""),
            (.every(.hours(24)), "interval", "\"every_24h\""),
            (.every(.milliseconds(1_500)), "interval", "\"every_1500ms\""),
            (.at(noon), "once", "\"2026-03-02T12:00:00Z\""), (.onDemand, "on_demand", "null"),
        ] as [(Schedule, String, String)] {
            var bytes: [UInt8] = []
            makeJob("a", schedule).appendDocument(JobFacts(isPaused: true), to: &bytes)
            let document = String(decoding: bytes, as: UTF8.self)
            #expect(document.contains("\"schedule_type\":\"\(type)\",\"schedule\":\(text),"), "\(document)")
            #expect(document.contains("\"enabled\":false") && document.contains("\"last_status\":null"))
        }
    }
}
