import CronCore
import Foundation
import Testing

@testable import httpcron

@Suite struct MomentParserTests {
    struct Row: CustomTestStringConvertible {
        let text: String
        let iso: String
        var precision = TimeSpan.seconds(1)

        var testDescription: String { text }
    }

    /// Berlin, Wednesday 2025-01-15 12:30:45 local time.
    private func parser() throws -> MomentParser {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: "/usr/share/zoneinfo/Europe/Berlin"))
        let zone = try TimeZoneRules(name: "Europe/Berlin", tzif: Array(bytes))
        let now = Timestamp(seconds: 1_736_940_645)
        return MomentParser(clock: HumanClock(zone: zone, now: now), zoneNamed: HostZone.named)
    }

    @Test(arguments: [
        Row(text: "now", iso: "2025-01-15T11:30:45Z"),
        Row(text: "today", iso: "2025-01-14T23:00:00Z", precision: .days(1)),
        Row(text: "yesterday", iso: "2025-01-13T23:00:00Z", precision: .days(1)),
        Row(text: "tomorrow", iso: "2025-01-15T23:00:00Z", precision: .days(1)),
        Row(text: "yesterday 10:00", iso: "2025-01-14T09:00:00Z", precision: .minutes(1)),
        Row(text: "-1h", iso: "2025-01-15T10:30:45Z"),
        Row(text: "+5min", iso: "2025-01-15T11:35:45Z"),
        Row(text: "1h ago", iso: "2025-01-15T10:30:45Z"),
        Row(text: "2 h ago", iso: "2025-01-15T09:30:45Z"),
        Row(text: "@1736935800", iso: "2025-01-15T10:10:00Z"),
        Row(text: "@-1", iso: "1969-12-31T23:59:59Z"),
        Row(text: "2025-01-15", iso: "2025-01-14T23:00:00Z", precision: .days(1)),
        Row(text: "2025-01-15 10:00", iso: "2025-01-15T09:00:00Z", precision: .minutes(1)),
        Row(text: "2025-01-15 10:00:30", iso: "2025-01-15T09:00:30Z"),
        Row(text: "2025-07-15 10:00", iso: "2025-07-15T08:00:00Z", precision: .minutes(1)),
        Row(text: "10:00", iso: "2025-01-15T09:00:00Z", precision: .minutes(1)),
        Row(text: "Wed 2025-01-15 10:00:00 CET", iso: "2025-01-15T09:00:00Z"),
        Row(text: "2025-01-15 10:00:00 UTC", iso: "2025-01-15T10:00:00Z"),
        Row(text: "2025-01-15 10:00:00 Asia/Tokyo", iso: "2025-01-15T01:00:00Z"),
        Row(text: "2025-01-15T10:10:00Z", iso: "2025-01-15T10:10:00Z"),
        Row(text: "2025-01-15T10:10:00", iso: "2025-01-15T09:10:00Z"),
        Row(text: "2025-01-15T10:10:00+02:00", iso: "2025-01-15T08:10:00Z"),
        Row(text: "2025-01-15T10:10-0330", iso: "2025-01-15T13:40:00Z", precision: .minutes(1)),
        // The hour that October repeats, told apart by the name that the tables print.
        Row(text: "2025-10-26 02:30:00 CEST", iso: "2025-10-26T00:30:00Z"),
        Row(text: "2025-10-26 02:30:00 CET", iso: "2025-10-26T01:30:00Z"),
        Row(text: "2025-10-26 02:30:00", iso: "2025-10-26T00:30:00Z"),
        // The hour that March skips: the moment after it.
        Row(text: "2025-03-30 02:30:00", iso: "2025-03-30T01:00:00Z"),
    ])
    func `reads the forms of journalctl, ISO 8601 and its own tables`(row: Row) throws {
        let moment = try parser().parse(row.text)
        let expected = try #require(ISO8601DateFormatter().date(from: row.iso))
        #expect(moment.start == Timestamp(seconds: Int64(expected.timeIntervalSince1970)))
        #expect(moment.precision == row.precision)
    }

    @Test func `fractions of a second are kept to the microsecond`() throws {
        #expect(try parser().parse("2025-01-15T10:10:00.25Z").start == Timestamp(microseconds: 1_736_935_800_250_000))
        #expect(try parser().parse("@1736935800.5").start == Timestamp(microseconds: 1_736_935_800_500_000))
    }

    @Test func `what it prints it reads back`() throws {
        let parser = try parser()
        for second in stride(from: Int64(1_700_000_000), to: 1_800_000_000, by: 1_234_567) {
            let moment = Timestamp(seconds: second)
            #expect(try parser.parse(parser.clock.text(moment)).start == moment)
            #expect(try parser.parse(parser.clock.textWithWeekday(moment)).start == moment)
        }
    }

    @Test(arguments: [
        "", "soon", "25:00", "10:60", "2025-02-30", "2025-13-01", "2025-1-1-1", "@", "@x", "@--", "-", "+x", "ago",
        "Thu 2025-01-15", "2025-01-15 10:00 Nowhere/Land", "2025-01-15T10:00Z UTC", "2025-01-15 10", "10:00:00:00",
        "2025-01-15 10:00 ../../etc/passwd", "@99999999999999999999", "00:00:61", "2025-01-15 10:00+25:00",
    ])
    func `anything else is refused with what is accepted`(text: String) throws {
        let parser = try parser()
        let error = #expect(throws: UsageError.self) { try parser.parse(text) }
        #expect(error?.message.contains("yesterday") == true)
    }

    @Test func `nothing traps, however far away`() throws {
        let parser = try parser()
        for text in [
            "@9223372036854775807", "-9223372036854775807s", "+9999999999999h", "9999-12-31 23:59:59", "0001-01-01",
        ] {
            _ = try? parser.parse(text)
        }
    }
}
