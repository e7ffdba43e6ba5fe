import CronCore
import Foundation
import History
import Testing

@testable import httpcron

/// The tool on a small history: what people and machines see of it.
@Suite struct DumpTests {
    private static let ten = Sample.ten

    /// Two jobs: one that fails and is retried, one that was missed and skipped.
    private static let records: [Record] = {
        var sequence: UInt64 = 0
        func next() -> UInt64 {
            sequence += 1
            return sequence
        }
        let second = ExecutionID(UUID(high: 3, low: 4))
        return [
            .state(StateChange(header: Sample.header(next(), "health", at: ten - .minutes(1)), kind: .accountingBegan)),
            .note(Sample.note(next(), "backup", .missed, count: 3, from: ten - .minutes(30), to: ten - .minutes(10))),
            .execution(Sample.failed(next(), "health", of: ten, next: ten + .seconds(15))),
            .note(Sample.note(next(), "backup", .skippedOverlap, from: ten)),
            .execution(Sample.execution(next(), "health", of: ten, attempt: 2, delay: .seconds(15))),
            .note(Sample.note(next(), "backup", .skippedOverlap, from: ten + .minutes(5))),
            .execution(Sample.refused(next(), "health", of: ten + .minutes(5))),
            .start(
                Start(
                    header: Sample.header(next(), "health", at: ten + .minutes(10)),
                    run: Sample.run("health", ten + .minutes(10)),
                    attempt: 1, execution: second, startedAt: ten + .minutes(10))),
            .execution(
                Sample.execution(
                    next(), "backup", of: ten + .minutes(10), body: "\u{1b}]0;owned\u{7}\"quoted\",\r\nü \u{9b}2J")),
        ]
    }()

    private func workshop() throws -> Workshop {
        let workshop = try Workshop()
        try workshop.record(Self.records)
        return workshop
    }

    struct Golden: CustomTestStringConvertible {
        let file: String
        let arguments: [String]

        var testDescription: String { file }
    }

    @Test(arguments: [
        Golden(file: "dump.txt", arguments: []),
        Golden(file: "dump-oldest-first.txt", arguments: ["--oldest-first"]),
        Golden(file: "dump-utc.txt", arguments: ["--utc", "-n2"]),
        Golden(file: "dump-failed.txt", arguments: ["--status=failed"]),
        Golden(file: "dump-health.json", arguments: ["health", "-o", "json"]),
        Golden(file: "dump.jsonl", arguments: ["-o", "jsonl", "-n", "all"]),
        Golden(file: "dump.csv", arguments: ["-o", "csv"]),
    ])
    func `every format looks as it should`(row: Golden) throws {
        let result = try workshop().run(["dump"] + row.arguments)
        #expect(result.errors == "")
        #expect(result.status == 0)
        try expectGolden(result.output, row.file)
    }

    /// The document that the project began from, read as its readers would.
    private struct Document: Decodable {
        struct Execution: Decodable {
            let id: String
            let status: String
            let http_status: Int?
            let response_body: String?
            let error: String?
            let attempt: Int
            let duration_ms: Int
            let started_at: String
            let finished_at: String
        }

        let data: [Execution]
    }

    @Test func `json is the hosted service's document, field by field`() throws {
        let result = try workshop().run("dump", "health", "-o", "json")
        let document = try JSONDecoder().decode(Document.self, from: Data(result.output.utf8))
        #expect(document.data.map(\.status) == ["failed", "success", "failed"])
        #expect(document.data.map(\.attempt) == [1, 2, 1])
        #expect(document.data[0].http_status == nil)
        #expect(document.data[0].response_body == nil)
        #expect(document.data[0].error == "%Mint.TransportError{reason: :econnrefused}")
        #expect(document.data[1].response_body == "{\"status\":\"ok\"}")
        #expect(document.data[2].error == "HTTP 500")
        #expect(document.data[2].duration_ms == 142)
        #expect(document.data[2].started_at == "2025-01-15T10:00:00Z")
        let keys = [
            "id", "status", "http_status", "response_body", "error", "attempt", "duration_ms", "started_at",
            "finished_at",
        ]
        let lines = result.output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        #expect(lines[3..<12].map { $0.split(separator: "\"")[0] } == keys.map { Substring($0) })
    }

    @Test func `json of a job with nothing to show is an empty document`() throws {
        let workshop = try workshop()
        #expect(try workshop.run("dump", "health", "-o", "json", "-n0").output == "{\n  \"data\": []\n}\n")
    }

    @Test func `json of several jobs is refused, with what to do instead`() throws {
        let result = try workshop().run("dump", "-o", "json")
        #expect(result.status == 2)
        #expect(result.errors.contains("jsonl"))
    }

    @Test func `jsonl can be read line by line, and says what each line is`() throws {
        let objects = try workshop().run("dump", "-o", "jsonl", "--oldest-first").objects
        #expect(
            objects.map { $0["kind"] as? String } == [
                "note", "execution", "note", "execution", "note", "execution", "execution",
            ])
        #expect(objects[6]["response_body"] as? String == "\u{1b}]0;owned\u{7}\"quoted\",\r\nü \u{9b}2J")
    }

    @Test(arguments: ["table", "jsonl", "json"])
    func `a hostile body sends nothing to a terminal`(format: String) throws {
        let result = try workshop().run("dump", "backup", "-o", format)
        let scalars = result.output.unicodeScalars
        #expect(!scalars.contains { ($0.value < 0x20 && $0 != "\n") || (0x7f...0x9f).contains($0.value) })
    }

    struct Selection: CustomTestStringConvertible {
        let arguments: [String]
        let count: Int

        var testDescription: String { arguments.joined(separator: " ") }
    }

    @Test(arguments: [
        Selection(arguments: [], count: 7),
        Selection(arguments: ["-n", "3"], count: 3),
        Selection(arguments: ["-n0"], count: 0),
        Selection(arguments: ["health"], count: 3),
        Selection(arguments: ["health.job"], count: 3),
        Selection(arguments: ["h*", "back??"], count: 7),
        Selection(arguments: ["checkup"], count: 3),
        Selection(arguments: ["--status", "success"], count: 2),
        Selection(arguments: ["--status", "failed"], count: 2),
        Selection(arguments: ["--since", "2025-01-15 11:05"], count: 3),
        Selection(arguments: ["--since", "2025-01-15T10:05:00Z"], count: 3),
        Selection(arguments: ["--until", "2025-01-15 11:00:05"], count: 3),
        Selection(arguments: ["--since", "2025-01-15 11:00:10", "--until", "2025-01-15 11:01"], count: 1),
        Selection(arguments: ["--since", "@1736935700"], count: 1),
        Selection(arguments: ["--oldest-first", "-n", "2"], count: 2),
        Selection(arguments: ["--oldest-first", "-n", "all"], count: 7),
    ])
    func `shows what was asked for`(row: Selection) throws {
        let workshop = try workshop()
        // A file that sets Id= is known by either name.
        try workshop.job("checkup", "[Job]\nId=health\nEvery=5min\n[Request]\nURL=http://127.0.0.1/")
        let result = try workshop.run(["dump", "-o", "jsonl"] + row.arguments)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.split(separator: "\n").count == row.count)
    }

    @Test func `the newest come first, and last when asked`() throws {
        let workshop = try workshop()
        func numbers(_ arguments: String...) throws -> [Int] {
            try workshop.run(["dump", "-o", "jsonl"] + arguments).objects.compactMap { $0["seq"] as? Int }
        }
        #expect(try numbers() == [9, 7, 6, 5, 4, 3, 2])
        #expect(try numbers("-n3") == [9, 7, 6])
        #expect(try numbers("-n3", "--oldest-first") == [6, 7, 9])
        #expect(try numbers("--oldest-first", "-nall") == [2, 3, 4, 5, 6, 7, 9])
    }

    @Test func `a job that is not there is told, with the one that was meant`() throws {
        let result = try workshop().run("dump", "helth")
        #expect(result.status == 1)
        #expect(result.output == "")
        #expect(result.errors == "httpcron: there is no job \"helth\"; did you mean health?\n")
        #expect(try workshop().run("dump", "x*").errors == "httpcron: no job matches \"x*\"\n")
    }

    @Test func `a history that is not there is told with its path and the option`() throws {
        let workshop = try Workshop()
        let result = try workshop.run("dump")
        #expect(result.status == 1)
        #expect(result.errors.contains(workshop.history.path))
        #expect(result.errors.contains("--state"))
    }

    @Test func `a copy of the history directory will do`() throws {
        let workshop = try workshop()
        let copy = workshop.root.appending(path: "copy")
        try FileManager.default.copyItem(at: workshop.history, to: copy)
        let result = try workshop.run("dump", "--state", copy.path, "-o", "jsonl", withPaths: false)
        #expect(try result.objects.count == 7)
    }

    @Test func `a torn history gives what is left, and says what is not`() throws {
        let workshop = try workshop()
        let segments = try FileManager.default.contentsOfDirectory(atPath: workshop.history.path)
        let body = Data("Internal Server Error".utf8)
        for name in segments where name.hasSuffix(".seg") {
            let file = workshop.history.appending(path: name)
            var bytes = try Data(contentsOf: file)
            guard let range = bytes.range(of: body) else { continue }
            bytes[range.lowerBound] ^= 1
            try bytes.write(to: file)
            let result = try workshop.run("dump", "-o", "jsonl")
            #expect(result.status == 0)
            #expect(result.errors.hasPrefix("httpcron: passed over: \(file.path): bytes "))
            #expect(!result.output.contains("Internal Server Error"))
            _ = try result.objects
            return
        }
        Issue.record("no segment holds the body")
    }

    @Test func `a reader that goes away ends it quietly`() throws {
        let workshop = try workshop()
        let command =
            "'\(try Workshop.binary().path)' dump --state '\(workshop.state.path)' -o jsonl -n all | head -n 1; echo ${PIPESTATUS[0]}"
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/bash")
        shell.arguments = ["-c", command]
        let (output, errors) = (Pipe(), Pipe())
        shell.standardOutput = output
        shell.standardError = errors
        try shell.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        #expect(String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self) == "")
        #expect(text.hasSuffix("\n0\n"))
    }
}
