import CronCore
import Testing

/// Debian's cron(8): "Local time changes of less than three hours, such as those caused by the Daylight Saving changes,
/// are handled in a special way. This only applies to jobs that run at a specific time and jobs that run with a
/// granularity greater than one hour."
///
/// Berlin, 2025: 30 March 02:00+01:00 is 03:00+02:00; 26 October 03:00+02:00 is 02:00+01:00.
@Suite struct DaylightSavingTests {
    struct Row: CustomTestStringConvertible {
        let name: String
        let cron: String
        let from: String
        let occurrences: [String]
        var testDescription: String { "\(name): \(cron)" }
    }

    static let berlin = [
        Row(
            name: "01 march, a time in the gap runs straight after it", cron: "30 2 * * *",
            from: "2025-03-29T12:00:00+01:00",
            occurrences: ["2025-03-30T03:00:00+02:00", "2025-03-31T02:30:00+02:00"]),
        Row(
            name: "01 october, a time in the fold runs the first time", cron: "30 2 * * *",
            from: "2025-10-25T12:00:00+02:00",
            occurrences: ["2025-10-26T02:30:00+02:00", "2025-10-27T02:30:00+01:00"]),
        Row(
            name: "02 march, all that the gap skipped runs once", cron: "0,15,45 2 * * *",
            from: "2025-03-30T00:00:00+01:00",
            occurrences: ["2025-03-30T03:00:00+02:00", "2025-03-31T02:00:00+02:00"]),
        Row(
            name: "02 october, each of them once", cron: "0,15,45 2 * * *", from: "2025-10-26T00:00:00+02:00",
            occurrences: [
                "2025-10-26T02:00:00+02:00", "2025-10-26T02:15:00+02:00", "2025-10-26T02:45:00+02:00",
                "2025-10-27T02:00:00+01:00",
            ]),
        Row(
            name: "03 march, the end of the gap is not run twice", cron: "0 2,3 * * *",
            from: "2025-03-30T00:00:00+01:00",
            occurrences: ["2025-03-30T03:00:00+02:00", "2025-03-31T02:00:00+02:00"]),
        Row(
            name: "03 october, after the fold", cron: "0 2,3 * * *", from: "2025-10-26T00:00:00+02:00",
            occurrences: [
                "2025-10-26T02:00:00+02:00", "2025-10-26T03:00:00+01:00", "2025-10-27T02:00:00+01:00",
            ]),
        Row(
            name: "04 march, a star in the minute follows elapsed time", cron: "*/30 * * * *",
            from: "2025-03-30T01:00:00+01:00",
            occurrences: [
                "2025-03-30T01:30:00+01:00", "2025-03-30T03:00:00+02:00", "2025-03-30T03:30:00+02:00",
            ]),
        Row(
            name: "04 october, and runs in both hours", cron: "*/30 * * * *", from: "2025-10-26T01:30:00+02:00",
            occurrences: [
                "2025-10-26T02:00:00+02:00", "2025-10-26T02:30:00+02:00", "2025-10-26T02:00:00+01:00",
                "2025-10-26T02:30:00+01:00", "2025-10-26T03:00:00+01:00",
            ]),
        Row(
            name: "05 march, a star in the hour follows elapsed time", cron: "30 * * * *",
            from: "2025-03-30T01:00:00+01:00",
            occurrences: ["2025-03-30T01:30:00+01:00", "2025-03-30T03:30:00+02:00"]),
        Row(
            name: "05 october, every hour of the 25", cron: "30 * * * *", from: "2025-10-26T01:30:00+02:00",
            occurrences: [
                "2025-10-26T02:30:00+02:00", "2025-10-26T02:30:00+01:00", "2025-10-26T03:30:00+01:00",
            ]),
        Row(
            name: "06 march, a star in the minute and a fixed hour: the gap has none", cron: "*/20 2 * * *",
            from: "2025-03-30T00:00:00+01:00", occurrences: ["2025-03-31T02:00:00+02:00"]),
        Row(
            name: "06 october, and the fold has it twice", cron: "*/30 2 * * *", from: "2025-10-26T00:00:00+02:00",
            occurrences: [
                "2025-10-26T02:00:00+02:00", "2025-10-26T02:30:00+02:00", "2025-10-26T02:00:00+01:00",
                "2025-10-26T02:30:00+01:00", "2025-10-27T02:00:00+01:00",
            ]),
        Row(
            name: "07 october, asked in the second pass, a fixed time is tomorrow's", cron: "30 2 * * *",
            from: "2025-10-26T02:10:00+01:00", occurrences: ["2025-10-27T02:30:00+01:00"]),
        Row(
            name: "08 october, asked late in the first pass, the second is next", cron: "10 * * * *",
            from: "2025-10-26T02:40:00+02:00",
            occurrences: ["2025-10-26T02:10:00+01:00", "2025-10-26T03:10:00+01:00"]),
        Row(
            name: "09 march, 0-59 is no star", cron: "0-59 2 * * *", from: "2025-03-30T00:00:00+01:00",
            occurrences: ["2025-03-30T03:00:00+02:00", "2025-03-31T02:00:00+02:00"]),
        Row(
            name: "13 march, asked in the second before the gap", cron: "30 2 * * *",
            from: "2025-03-30T01:59:59+01:00",
            occurrences: ["2025-03-30T03:00:00+02:00", "2025-03-31T02:30:00+02:00"]),
    ]

    @Test(arguments: berlin)
    func `Debian's rules in Berlin`(row: Row) throws {
        try check(row, in: .berlin)
    }

    static let lordHowe = [
        Row(
            name: "10 october, half an hour is skipped", cron: "15 2 * * *", from: "2025-10-04T12:00:00+10:30",
            occurrences: ["2025-10-05T02:30:00+11:00", "2025-10-06T02:15:00+11:00"]),
        Row(
            name: "10 april, half an hour is repeated", cron: "45 1 * * *", from: "2025-04-05T12:00:00+11:00",
            occurrences: ["2025-04-06T01:45:00+11:00", "2025-04-07T01:45:00+10:30"]),
        Row(
            name: "11 october, elapsed", cron: "0,45 * * * *", from: "2025-10-05T01:00:00+10:30",
            occurrences: ["2025-10-05T01:45:00+10:30", "2025-10-05T02:45:00+11:00", "2025-10-05T03:00:00+11:00"]),
        Row(
            name: "11 april, elapsed", cron: "0,45 * * * *", from: "2025-04-06T01:00:00+11:00",
            occurrences: ["2025-04-06T01:45:00+11:00", "2025-04-06T01:45:00+10:30", "2025-04-06T02:00:00+10:30"]),
    ]

    @Test(arguments: lordHowe)
    func `half an hour of daylight saving`(row: Row) throws {
        try check(row, in: .lordHowe)
    }

    static let apia = [
        Row(
            name: "12 a day that was left out runs straight after it", cron: "0 9,17 * * *",
            from: "2011-12-29T12:00:00-10:00",
            occurrences: [
                "2011-12-29T17:00:00-10:00", "2011-12-31T00:00:00+14:00", "2011-12-31T09:00:00+14:00",
            ]),
        Row(
            name: "12 elapsed time knows no such day", cron: "0 */12 * * *", from: "2011-12-29T12:00:00-10:00",
            occurrences: ["2011-12-31T00:00:00+14:00", "2011-12-31T12:00:00+14:00"]),
    ]

    @Test(arguments: apia)
    func `a whole day left out`(row: Row) throws {
        try check(row, in: .apia)
    }

    private func check(_ row: Row, in zone: TimeZoneRules) throws {
        let expression = try CronExpression(parsing: row.cron)
        var moment = try Timestamp(iso8601: row.from)
        for expected in row.occurrences {
            moment = try #require(expression.next(after: moment, in: zone))
            #expect(moment.iso8601(in: zone) == expected)
        }
    }
}
