import CronCore
import Foundation
import Testing

/// The two executions of the hosted service's page.
let krafterExecutions: [Execution] = [
    execution(
        id: CronCore.UUID(high: 0xe1f2_a3b4_c5d6_e7f8, low: 0xa9b0_c1d2_e3f4_a5b6), attempt: 1, at: 1_736_935_800,
        milliseconds: 142,
        Response(failure: nil, httpStatus: 200, body: Array(#"{"status":"ok"}"#.utf8), byteCount: 15)),
    execution(
        id: CronCore.UUID(high: 0xf2a3_b4c5_d6e7_f8a9, low: 0xb0c1_d2e3_f4a5_b6c7), attempt: 3, at: 1_736_935_500,
        milliseconds: 1_523,
        Response(
            failure: Failure(code: "http_status", error: "HTTP 500", requestMayHaveLeft: true), httpStatus: 500,
            body: Array(#"{"error":"Internal Server Error"}"#.utf8), byteCount: 33)),
]

func execution(id: CronCore.UUID, attempt: Int, at seconds: Int64, milliseconds: Int64, _ response: Response)
    -> Execution
{
    let startedAt = Timestamp(microseconds: seconds * 1_000_000 + 250_000)
    return Execution(
        header: RecordHeader(
            sequence: 41, job: JobID("health"), recordedAt: startedAt,
            account: Account(cursor: startedAt, epoch: 0, failuresInARow: 0, openRuns: 0, schedule: 1)),
        run: Run(
            id: RunID(CronCore.UUID(high: 0x0123_4567_89ab_8def, low: 0x8123_4567_89ab_cdef)), trigger: .schedule,
            scheduledAt: Timestamp(seconds: seconds)),
        id: ExecutionID(id), attempt: attempt, maxAttempts: 4, startedAt: startedAt,
        finishedAt: startedAt + .milliseconds(milliseconds), duration: .milliseconds(milliseconds), nextAttemptAt: nil,
        response: response)
}

@Suite struct ExecutionJSONTests {
    private func text(_ write: (inout [UInt8]) -> Void) -> String {
        var output: [UInt8] = []
        write(&output)
        return String(decoding: output, as: UTF8.self)
    }

    @Test func `the document is the hosted service's, to the letter`() {
        let pretty = text { output in
            var document = KrafterDocument(style: .pretty)
            document.begin(to: &output)
            for execution in krafterExecutions { document.append(execution, to: &output) }
            document.end(to: &output)
        }
        #expect(
            pretty == #"""
                {
                  "data": [
                    {
                      "id": "e1f2a3b4-c5d6-e7f8-a9b0-c1d2e3f4a5b6",
                      "status": "success",
                      "http_status": 200,
                      "response_body": "{\"status\":\"ok\"}",
                      "error": null,
                      "attempt": 1,
                      "duration_ms": 142,
                      "started_at": "2025-01-15T10:10:00Z",
                      "finished_at": "2025-01-15T10:10:00Z"
                    },
                    {
                      "id": "f2a3b4c5-d6e7-f8a9-b0c1-d2e3f4a5b6c7",
                      "status": "failed",
                      "http_status": 500,
                      "response_body": "{\"error\":\"Internal Server Error\"}",
                      "error": "HTTP 500",
                      "attempt": 3,
                      "duration_ms": 1523,
                      "started_at": "2025-01-15T10:05:00Z",
                      "finished_at": "2025-01-15T10:05:01Z"
                    }
                  ]
                }

                """#)
    }

    @Test func `the compact document is the same without its blanks`() throws {
        let compact = text { output in
            var document = KrafterDocument(style: .compact)
            document.begin(to: &output)
            for execution in krafterExecutions { document.append(execution, to: &output) }
            document.end(to: &output)
        }
        #expect(
            compact.hasPrefix(
                #"{"data":[{"id":"e1f2a3b4-c5d6-e7f8-a9b0-c1d2e3f4a5b6","status":"success","http_status":200,"#))
        #expect(compact.hasSuffix(#""finished_at":"2025-01-15T10:05:01Z"}]}"#))
        let first = text { krafterExecutions[0].appendKrafterJSON(to: &$0) }
        #expect(compact.hasPrefix(#"{"data":["# + first + ","))
        for style in [KrafterDocument.Style.compact, .pretty] {
            let empty = text { output in
                let document = KrafterDocument(style: style)
                document.begin(to: &output)
                document.end(to: &output)
            }
            let object = try #require(JSONSerialization.jsonObject(with: Data(empty.utf8)) as? [String: [Int]])
            #expect(object == ["data": []])
        }
    }

    @Test func `a line has every field, in its order`() {
        #expect(
            text { krafterExecutions[0].appendJSON(to: &$0) }
                == [
                    #"{"kind":"execution","id":"e1f2a3b4-c5d6-e7f8-a9b0-c1d2e3f4a5b6","status":"success","http_status":200,"#,
                    #""response_body":"{\"status\":\"ok\"}","error":null,"attempt":1,"duration_ms":142,"#,
                    #""started_at":"2025-01-15T10:10:00Z","finished_at":"2025-01-15T10:10:00Z","job":"health","#,
                    #""run_id":"01234567-89ab-8def-8123-456789abcdef","scheduled_at":"2025-01-15T10:10:00Z","#,
                    #""trigger":"schedule","cause":null,"error_code":null,"max_attempts":4,"next_attempt_at":null,"#,
                    #""response_bytes":15,"response_truncated":false,"#,
                    #""timings":{"dns":null,"connect":null,"tls":null,"first_byte":null,"total":null},"#,
                    #""remote_address":null,"http_version":null,"started_at_us":"2025-01-15T10:10:00.250000Z","#,
                    #""finished_at_us":"2025-01-15T10:10:00.392000Z","duration_us":142000,"seq":41}"#,
                ].joined())
    }

    @Test func `every value of a line survives Foundation`() throws {
        var full = krafterExecutions[1]
        full.run.trigger = .failure
        full.run.cause = Cause(job: JobID("other"), execution: full.id)
        full.nextAttemptAt = Timestamp(microseconds: 1_736_935_560_000_001)
        full.response.body = [0x22, 0xff, 0x0a]
        full.response.bodyTruncated = true
        full.response.timings = PhaseTimings(
            dns: .zero, connect: .milliseconds(1), tls: .milliseconds(2), firstByte: .seconds(1), total: .seconds(2))
        full.response.remoteAddress = "::1"
        full.response.httpVersion = "1.1"
        let json = text { full.appendJSON(to: &$0) }
        let object = try #require(JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        #expect(object["response_body"] as? String == "\"\u{fffd}\n...[truncated]")
        #expect(object["error_code"] as? String == "http_status")
        #expect(object["trigger"] as? String == "failure")
        #expect((object["cause"] as? [String: String])?["job"] == "other")
        #expect(object["next_attempt_at"] as? String == "2025-01-15T10:06:00.000001Z")
        #expect((object["timings"] as? [String: Int])?["first_byte"] == 1_000_000)
        #expect(object["remote_address"] as? String == "::1")
        #expect(object["response_truncated"] as? Bool == true)
        #expect(!json.contains("\n"))
    }

    @Test func `a connection that failed has neither status nor body`() throws {
        let failed = execution(
            id: CronCore.UUID(high: 1, low: 2), attempt: 1, at: 0, milliseconds: 0,
            Response(
                failure: Failure(
                    code: "connect_refused", error: "%Mint.TransportError{reason: :econnrefused}",
                    requestMayHaveLeft: false)))
        let json = text { failed.appendKrafterJSON(to: &$0) }
        #expect(
            json.contains(
                #""http_status":null,"response_body":null,"error":"%Mint.TransportError{reason: :econnrefused}""#))
    }

    @Test func `a note is a line of its own kind`() {
        let note = Note(
            header: krafterExecutions[0].header, reason: .skippedOverlap, count: 3, first: Timestamp(seconds: 0),
            last: Timestamp(seconds: 120), run: nil, detail: "")
        #expect(
            text { note.appendJSON(to: &$0) }
                == [
                    #"{"kind":"note","job":"health","reason":"skipped: overlap","count":3,"#,
                    #""first_scheduled_at":"1970-01-01T00:00:00Z","last_scheduled_at":"1970-01-01T00:02:00Z","run_id":null,"#,
                    #""detail":null,"recorded_at":"2025-01-15T10:10:00.250000Z","seq":41}"#,
                ].joined())
    }
}
