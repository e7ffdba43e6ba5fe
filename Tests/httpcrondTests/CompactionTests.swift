import CronCore
import History
import Testing

@testable import httpcrond

@Suite struct CompactionTests {
    private static let report = CompactionReport(
        name: "0000000000000001-000000000000000c.seg", segments: 12, recordsRead: 1_200_000, recordsKept: 100_000,
        bytesBefore: 350 << 20, bytesAfter: 30 << 20, damage: [])

    private func lines(_ result: CompactionOutcome.Result, excess: String? = nil) -> [LogLine] {
        LogLine.lines(
            CompactionOutcome(result: result, took: .milliseconds(12_300), excess: excess),
            next: "2026-01-02T04:00:00Z")
    }

    struct RestRow: Sendable {
        var bytes: Int
        var took: Int64
        var rest: Int64
    }

    static let rests = [
        // As long as it took: half of one core.
        RestRow(bytes: 256 << 10, took: 20_000, rest: 20_000),
        // Faster than 64 MiB a second.
        RestRow(bytes: 1 << 20, took: 1_000, rest: 14_625),
        RestRow(bytes: 1 << 20, took: 7_813, rest: 7_813),
        // A disk that hangs is no reason to hang too.
        RestRow(bytes: 1 << 20, took: 9_000_000, rest: 80_000),
        RestRow(bytes: .max, took: 0, rest: 80_000),
        RestRow(bytes: 0, took: 0, rest: 0),
        RestRow(bytes: 0, took: -5, rest: 5),
    ]

    @Test(arguments: rests)
    func `it rests as long as it works, within bounds`(row: RestRow) {
        let rest = CompactionPace.rest(after: row.bytes, took: TimeSpan(microseconds: row.took))
        #expect(rest.microseconds == row.rest)
    }

    @Test func `ten million records take less than an hour, however slow the disk`() {
        let pieces = Int64(10_000_000 * 500 / (256 << 10))
        let rest = CompactionPace.rest(after: 256 << 10, took: .hours(1))
        #expect(rest * pieces < .minutes(30))
    }

    @Test func `one line tells what it did`() throws {
        let lines = lines(.done(Self.report))
        #expect(lines.count == 1)
        let line = try #require(lines.first)
        #expect(
            line.message
                == "compacted the history in 12.30 s: 12 segments, 1200000 records to 100000, 350 MiB to 30 MiB")
        #expect(line.priority == .info)
        let fields = Dictionary(uniqueKeysWithValues: line.fields.map { ($0.name, $0.value) })
        #expect(
            fields == [
                "SEGMENTS": "12", "RECORDS_BEFORE": "1200000", "RECORDS_AFTER": "100000", "BYTES_BEFORE": "367001600",
                "BYTES_AFTER": "31457280", "DURATION_USEC": "12300000",
                "FILE": "0000000000000001-000000000000000c.seg",
            ])
    }

    @Test func `damage is told first, and no more of it than is read`() {
        var report = Self.report
        report.damage = (0..<60).map { Damage(file: "/h/1.seg", range: UInt64($0)..<100, words: "corrupt") }
        let lines = lines(.done(report))
        #expect(lines.count == 52)
        #expect(lines[0].message == "/h/1.seg: bytes 0 to 100: corrupt")
        #expect(lines[50].message == "and 10 more places like these")
        #expect(lines[..<51].allSatisfy { $0.priority == .warning && $0.kind == .historyDamaged })
        #expect(lines[51].kind == .compacted)
    }

    @Test func `a failure is an error that says what it means and when it is tried again`() {
        let error = SystemError(operation: "pwrite", errno: 5, path: "/h/1.tmp")
        let lines = lines(.failed(.system(error)))
        #expect(lines.map(\.priority) == [.error])
        #expect(
            lines[0].message
                == "the history is not compacted: /h/1.tmp: pwrite: Input/output error; nothing is lost by that, but it "
                + "goes on growing; free space or mend the disk; it is tried again at 2026-01-02T04:00:00Z")
    }

    @Test func `nothing to do is no news, and a stop is no failure`() {
        #expect(lines(.nothingToDo).map(\.priority) == [.debug])
        #expect(lines(.gaveUp).map(\.priority) == [.info])
    }

    @Test func `a bound that could not be kept is a warning`() {
        let lines = lines(.nothingToDo, excess: "65 MiB, and HistoryMaxUse= leaves it 64 MiB")
        #expect(lines.map(\.priority) == [.debug, .warning])
        #expect(
            lines[1].message.hasPrefix(
                "a compaction does not get the history below its bound: it takes 65 MiB, and HistoryMaxUse= leaves it"))
        #expect(self.lines(.gaveUp, excess: "65 MiB").map(\.priority) == [.info])
    }
}
