import CronCore
import Testing

@testable import httpcron

@Suite struct RowTests {
    private let ten = Sample.ten

    @Test func `notes of one reason in a row are one row, whatever other jobs did in between`() {
        var rows = RowCollector()
        for minute in (0..<5).reversed() {
            let occurrence = ten + .minutes(Int64(minute))
            _ = rows.add(.note(Sample.note(UInt64(minute), "a", .skippedOverlap, from: occurrence)))
            _ = rows.add(.execution(Sample.execution(9, "b", of: occurrence)))
        }
        #expect(rows.rows.count == 6)
        guard case .notes(let group) = rows.rows[0] else {
            Issue.record("the first row is no note")
            return
        }
        #expect(group.count == 5)
        #expect(group.first == ten)
        #expect(group.last == ten + .minutes(4))
        #expect(noteWords(group, HumanClock(zone: .utc, now: ten)) == "5 occurrences, 10:00:00 to 10:04:00")
    }

    @Test func `another reason, another detail or an execution begins a new row`() {
        var rows = RowCollector()
        _ = rows.add(.note(Sample.note(1, "a", .missed, from: ten)))
        _ = rows.add(.note(Sample.note(2, "a", .skippedOverlap, from: ten)))
        _ = rows.add(.note(Sample.note(3, "a", .skippedOverlap, from: ten, detail: "x")))
        _ = rows.add(.execution(Sample.execution(4, "a", of: ten)))
        _ = rows.add(.note(Sample.note(5, "a", .skippedOverlap, from: ten, detail: "x")))
        #expect(rows.rows.count == 5)
    }

    @Test func `counts from a hostile file do not trap`() {
        var rows = RowCollector()
        _ = rows.add(.note(Sample.note(1, "a", .missed, count: .max, from: ten)))
        _ = rows.add(.note(Sample.note(2, "a", .missed, count: .max, from: ten)))
        #expect(rows.rows.count == 1)
    }

    struct FilterRow: CustomTestStringConvertible {
        let name: String
        let filter: RecordFilter
        let success: Bool
        let failure: Bool
        let note: Bool

        var testDescription: String { name }
    }

    /// A success at 10:00, a failure at 10:10, a note on 10:00 to 10:05, made a second later.
    @Test(arguments: [
        FilterRow(name: "all", filter: .init(), success: true, failure: true, note: true),
        FilterRow(
            name: "since 10:04", filter: .init(since: Sample.ten + .minutes(4)), success: false, failure: true,
            note: true),
        FilterRow(
            name: "since 10:06", filter: .init(since: Sample.ten + .minutes(6)), success: false, failure: true,
            note: false),
        FilterRow(
            name: "until 10:04", filter: .init(until: Sample.ten + .minutes(4)), success: true, failure: false,
            note: true),
        FilterRow(
            name: "until 09:59", filter: .init(until: Sample.ten - .minutes(1)), success: false, failure: false,
            note: false),
        FilterRow(name: "success", filter: .init(status: .success), success: true, failure: false, note: false),
        FilterRow(name: "failed", filter: .init(status: .failed), success: false, failure: true, note: false),
    ])
    func `a filter is about time and outcome`(row: FilterRow) {
        let ten = Sample.ten
        #expect(row.filter.admits(.execution(Sample.execution(1, "a", of: ten))) == row.success)
        #expect(row.filter.admits(.execution(Sample.failed(2, "a", of: ten + .minutes(10)))) == row.failure)
        #expect(
            row.filter.admits(.note(Sample.note(3, "a", .missed, count: 2, from: ten, to: ten + .minutes(5))))
                == row.note)
    }
}
