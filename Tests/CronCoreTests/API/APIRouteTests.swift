import CronCore
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
        Row(method: "GET", path: "metrics/", outcome: .notFound),
        Row(method: "GET", path: "api/v1/cron/status/x", outcome: .notFound),
        Row(method: "POST", path: "api/v1/cron/reload/", outcome: .notFound),
        Row(method: "POST", path: "api/v1/cron/jobs/a/b/trigger", outcome: .notFound),
        Row(method: "GET", path: "API/v1/cron/jobs", outcome: .notFound),
        Row(method: "GET", path: "x/api/v1/cron/jobs", outcome: .notFound),
        Row(method: "HEAD", path: "api/v1/cron/reload", outcome: .methodNotAllowed(allowed: "POST")),
        Row(method: "HEAD", path: "metrics", outcome: .route(.metrics)),
        Row(method: "", path: "healthz", outcome: .methodNotAllowed(allowed: "GET, HEAD")),
        Row(method: "GET", path: "api/v1/cron/jobs/ünï %2f", outcome: .route(.job(JobID("ünï %2f")))),
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
}
