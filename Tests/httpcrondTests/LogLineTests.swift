import CronCore
import Foundation
import Testing

@testable import httpcrond

@Suite struct LogLineTests {
    private static let account = Account(
        cursor: Timestamp(seconds: 0), epoch: 0, failuresInARow: 0, openRuns: 0, schedule: 1)

    private func execution(_ response: Response, attempt: Int = 1) -> Execution {
        Execution(
            header: RecordHeader(
                sequence: 1, job: JobID("report"), recordedAt: Timestamp(seconds: 0), account: Self.account),
            run: Run(id: RunID(UUID(high: 1, low: 2)), trigger: .schedule, scheduledAt: Timestamp(seconds: 0)),
            id: ExecutionID(UUID(high: 3, low: 4)), attempt: attempt, maxAttempts: 4, startedAt: Timestamp(seconds: 0),
            finishedAt: Timestamp(seconds: 1), duration: .milliseconds(142),
            nextAttemptAt: nil, response: response)
    }

    @Test func `a success is one info line with its fields`() {
        let line = LogLine(
            .succeeded(execution(Response(failure: nil, httpStatus: 200)), lateness: .zero, recorded: true))
        #expect(line.message == "report: HTTP 200 in 142 ms")
        #expect(line.priority == .info)
        let fields = Dictionary(uniqueKeysWithValues: line.fields.map { ($0.name, $0.value) })
        #expect(
            fields == [
                "JOB": "report", "RUN_ID": "00000000-0000-0001-0000-000000000002",
                "EXECUTION_ID": "00000000-0000-0003-0000-000000000004", "ATTEMPT": "1", "STATUS": "success",
                "HTTP_STATUS": "200", "DURATION_USEC": "142000",
            ])
    }

    @Test func `a failure has its code, and says when it is not on the disk`() {
        let failure = Failure(
            code: "connect_refused", error: "%Mint.TransportError{reason: :econnrefused}", requestMayHaveLeft: false)
        let line = LogLine(.runFailed(execution(Response(failure: failure), attempt: 4), recorded: false))
        #expect(line.message == "report: run failed: connect_refused in 142 ms, attempt 4 of 4")
        #expect(line.priority == .warning)
        #expect(line.fields.contains { $0.name == "ERROR_CODE" && $0.value == "connect_refused" })
        #expect(line.fields.contains { $0.name == "RECORDED" && $0.value == "no" })
        #expect(!line.fields.contains { $0.name == "HTTP_STATUS" })
    }

    @Test func `what a server sent does nothing to a terminal`() {
        let line = LogLine(.redirectNotFollowed(JobID("a"), location: "\u{1b}[2Jhttp://x/\n\u{9b}1m"))
        #expect(!line.message.unicodeScalars.contains { $0.value < 0x20 || 0x7f...0x9f ~= $0.value })
        #expect(line.message.contains("\\u{1b}[2Jhttp://x/\\u{a}\\u{9b}1m"))
    }

    @Test func `every kind of line is explained in the catalog, and nothing else is`() throws {
        let catalog = try String(contentsOfFile: "systemd/httpcron.catalog", encoding: .utf8)
        let explained = catalog.split(separator: "\n").filter { $0.hasPrefix("-- ") }.map { String($0.dropFirst(3)) }
        #expect(Set(explained) == Set(LogKind.allCases.map(\.messageID)))
        #expect(explained.count == LogKind.allCases.count)
    }

    @Test(
        arguments: [
            (0, "0 µs"), (999, "999 µs"), (1_000, "1 ms"), (999_999, "999 ms"), (1_000_000, "1.00 s"),
            (1_524_999, "1.52 s"), (59_999_999, "59.99 s"), (60_000_000, "1 min 0 s"), (3_725_000_000, "1 h 2 min"),
            (-5, "0 µs"),
        ] as [(Int64, String)])
    func `a span is rounded for a person`(microseconds: Int64, words: String) {
        #expect(TimeSpan(microseconds: microseconds).shortForm == words)
    }
}
