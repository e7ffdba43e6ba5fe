import CronCore
import Foundation
import Testing

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

    @Test func `whatever a job file holds, the document is read back, and no header's value is in it`() throws {
        let odd = "a\"\\\u{1}\n/é😀"
        let template = RequestTemplate(
            url: Template(pieces: [.literal("https://example.com/?q=\"")]), method: "POST",
            headers: [
                HeaderTemplate(name: "Authorization", value: Template(pieces: [.literal("Bearer hunter2")])),
                HeaderTemplate(name: "X-\"", value: Template(pieces: [.literal("hunter2")])),
                HeaderTemplate(name: "X-Empty", value: Template(pieces: [])),
            ], hostKey: "example.com:443")
        let job = Job(
            id: JobID(odd), name: odd, description: "hunter2", schedule: .onDemand, onFailure: nil, request: template,
            retry: RetryPolicy())
        var bytes: [UInt8] = []
        job.appendDocument(JobFacts(isPaused: false), to: &bytes)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
        #expect(object["id"] as? String == odd && object["name"] as? String == odd)
        #expect(
            object["headers"] as? [String: String] == ["Authorization": "***", "X-\"": "***", "X-Empty": "***"])
        #expect(object["url"] as? String == "https://example.com/?q=\"")
        #expect(!String(decoding: bytes, as: UTF8.self).contains("hunter2"))
        for key in ["schedule", "last_status", "last_run_at", "next_run_at", "created_at", "updated_at"] {
            #expect(object[key] is NSNull, "\(key)")
        }
        #expect(object.count == 17)
    }

    @Test func `several expressions are told in a row, and a zone by its name`() throws {
        let zone = try ZoneFixture.rule("CET-1CEST,M3.5.0,M10.5.0/3", name: "Europe/Berlin")
        let schedule = Schedule.cron(
            [try CronExpression(parsing: "0 7 * * *"), try CronExpression(parsing: "30 19 * * Sat")], zone)
        var bytes: [UInt8] = []
        makeJob("a", schedule).appendDocument(
            JobFacts(isPaused: false, lastExecution: (noon, true)), to: &bytes)
        let document = String(decoding: bytes, as: UTF8.self)
        #expect(document.contains(#""schedule":"0 7 * * *; 30 19 * * Sat","timezone":"Europe/Berlin","#))
        #expect(document.contains(#""enabled":true"#) && document.contains(#""last_status":"success""#))
    }
}
