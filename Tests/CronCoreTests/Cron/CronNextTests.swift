import CronCore
import Testing

@Suite struct CronNextTests {
    struct Row: CustomTestStringConvertible {
        let cron: String
        let from: String
        let occurrences: [String]
        var testDescription: String { "\(cron) from \(from)" }
    }

    static let rows = [
        // Strictly after, and to the minute.
        Row(cron: "* * * * *", from: "2025-01-15T10:10:00Z", occurrences: ["2025-01-15T10:11:00Z"]),
        Row(cron: "* * * * *", from: "2025-01-15T10:09:59.999999Z", occurrences: ["2025-01-15T10:10:00Z"]),
        Row(
            cron: "* * * * *", from: "1969-12-31T23:58:59.5Z",
            occurrences: ["1969-12-31T23:59:00Z", "1970-01-01T00:00:00Z"]),
        Row(cron: "59 23 31 12 *", from: "2024-12-31T23:59:00Z", occurrences: ["2025-12-31T23:59:00Z"]),
        Row(
            cron: "*/25 * * * *", from: "2025-01-15T10:26:00Z",
            occurrences: ["2025-01-15T10:50:00Z", "2025-01-15T11:00:00Z"]),
        // Months are skipped, and days that a month does not have.
        Row(
            cron: "0 0 31 * *", from: "2025-01-31T00:00:00Z",
            occurrences: ["2025-03-31T00:00:00Z", "2025-05-31T00:00:00Z", "2025-07-31T00:00:00Z"]),
        Row(
            cron: "0 0 29 2 *", from: "2096-02-29T00:00:00Z", occurrences: ["2104-02-29T00:00:00Z"]),
        // Debian's rule for the two day fields. 2025-06-01 is a Sunday. Either, if neither starts with a star…
        Row(
            cron: "0 0 13 * 5", from: "2025-06-01T00:00:00Z",
            occurrences: [
                "2025-06-06T00:00:00Z", "2025-06-13T00:00:00Z", "2025-06-20T00:00:00Z", "2025-06-27T00:00:00Z",
                "2025-07-04T00:00:00Z", "2025-07-11T00:00:00Z", "2025-07-13T00:00:00Z",
            ]),
        // …so "every day" by a range runs every day…
        Row(cron: "0 0 1-31 * 5", from: "2025-06-01T00:00:00Z", occurrences: ["2025-06-02T00:00:00Z"]),
        // …both, if one does, even where the star is not all: the uneven Fridays, the Sundays among the first seven.
        Row(
            cron: "0 0 */2 * 5", from: "2025-06-01T00:00:00Z",
            occurrences: ["2025-06-13T00:00:00Z", "2025-06-27T00:00:00Z", "2025-07-11T00:00:00Z"]),
        Row(
            cron: "0 0 1-7 * */7", from: "2025-06-01T00:00:00Z",
            occurrences: ["2025-07-06T00:00:00Z", "2025-08-03T00:00:00Z"]),
        Row(
            cron: "0 0 *,13 * 5", from: "2025-06-01T00:00:00Z",
            occurrences: ["2025-06-06T00:00:00Z", "2025-06-13T00:00:00Z"]),
        // The last day, the last weekday: 31 May 2025 is a Saturday, 31 August a Sunday.
        Row(
            cron: "0 0 L * *", from: "2024-01-31T12:00:00Z",
            occurrences: ["2024-02-29T00:00:00Z", "2024-03-31T00:00:00Z", "2024-04-30T00:00:00Z"]),
        Row(
            cron: "0 0 LW * *", from: "2025-05-01T00:00:00Z",
            occurrences: [
                "2025-05-30T00:00:00Z", "2025-06-30T00:00:00Z", "2025-07-31T00:00:00Z", "2025-08-29T00:00:00Z",
            ]),
        Row(
            cron: "0 0 L,15 * *", from: "2025-02-01T00:00:00Z",
            occurrences: ["2025-02-15T00:00:00Z", "2025-02-28T00:00:00Z", "2025-03-15T00:00:00Z"]),
        // L does not start with a star, so with a weekday either is enough.
        Row(
            cron: "0 0 L * 3", from: "2025-06-20T00:00:00Z",
            occurrences: ["2025-06-25T00:00:00Z", "2025-06-30T00:00:00Z"]),
        // The third Friday, the fifth, the last; a month without a fifth has none.
        Row(
            cron: "0 0 * * 5#3", from: "2025-06-01T00:00:00Z",
            occurrences: ["2025-06-20T00:00:00Z", "2025-07-18T00:00:00Z"]),
        Row(
            cron: "0 0 * * 5#5", from: "2025-06-01T00:00:00Z",
            occurrences: ["2025-08-29T00:00:00Z", "2025-10-31T00:00:00Z"]),
        Row(
            cron: "0 0 * * 5L", from: "2025-06-01T00:00:00Z",
            occurrences: ["2025-06-27T00:00:00Z", "2025-07-25T00:00:00Z"]),
        Row(
            cron: "0 0 * * 7#1,mon#1,friL", from: "2025-05-31T00:00:00Z",
            occurrences: [
                "2025-06-01T00:00:00Z", "2025-06-02T00:00:00Z", "2025-06-27T00:00:00Z", "2025-07-06T00:00:00Z",
                "2025-07-07T00:00:00Z",
            ]),
        Row(cron: "0 0 * 2 1#5", from: "2025-06-01T00:00:00Z", occurrences: ["2044-02-29T00:00:00Z"]),
        // The rarest: 29 February on a Sunday, across 2100, which has none.
        Row(
            cron: "0 0 29 2 */7", from: "2080-01-01T00:00:00Z",
            occurrences: ["2088-02-29T00:00:00Z", "2128-02-29T00:00:00Z"]),
    ]

    @Test(arguments: rows)
    func `the next occurrences`(row: Row) throws {
        let expression = try CronExpression(parsing: row.cron)
        var moment = try Timestamp(iso8601: row.from)
        for expected in row.occurrences {
            moment = try #require(expression.next(after: moment, in: .utc))
            #expect(moment.iso8601 == expected)
        }
    }

    @Test(arguments: ["0 0 30 2 *", "0 0 31 4,6,9,11 *", "* * 30-31 2 *", "0 0 31 2 */1"])
    func `never is an answer`(cron: String) throws {
        let expression = try CronExpression(parsing: cron)
        for start in [0, 1_700_000_000, -50_000_000_000, 9_000_000_000_000] as [Int64] {
            #expect(expression.next(after: Timestamp(seconds: start), in: .utc) == nil)
            #expect(expression.next(after: Timestamp(seconds: start), in: try .berlin) == nil)
        }
    }

    @Test func `a time that lies in the gap each year is never`() throws {
        // The last Sunday of March, in the hour that Berlin skips.
        let elapsed = try CronExpression(parsing: "*/30 2 25-31 3 */7")
        #expect(elapsed.next(after: Timestamp(seconds: 1_700_000_000), in: try .berlin) == nil)
        let fixed = try CronExpression(parsing: "30 2 25-31 3 */7")
        let next = try #require(fixed.next(after: Timestamp(seconds: 1_700_000_000), in: try .berlin))
        #expect(next.iso8601(in: try .berlin) == "2024-03-31T03:00:00+02:00")
    }

    @Test func `at the ends of time it answers or says never`() throws {
        for cron in ["* * * * *", "0 0 29 2 *", "30 2 * * *", "0 0 30 2 *"] {
            let expression = try CronExpression(parsing: cron)
            for zone in try [TimeZoneRules.utc, .berlin, .apia] {
                for start in [.min, .min + 1, .max - 1_000_000, .max - 1, .max] as [Int64] {
                    let start = Timestamp(microseconds: start)
                    #expect(expression.next(after: start, in: zone).map { $0 > start } ?? true)
                }
            }
        }
    }

    /// The definition, minute by minute, of a job that follows elapsed time: due when the clock shows a matching minute.
    @Test func `agrees with a clock watched minute by minute`() throws {
        var random = RandomSource(seed: 7)
        let zones = try [TimeZoneRules.utc, .berlin, .newYork, .lordHowe, .apia]
        // Around a change of each zone, and anywhere.
        let starts: [Int64] = [
            1_743_200_000, 1_761_350_000, 1_741_400_000, 1_762_000_000, 1_743_780_000, 1_759_500_000, 1_325_100_000,
        ]
        for _ in 0..<40 {
            let minute = Int.random(in: 0...59, using: &random)
            let step = Int.random(in: 1...59, using: &random)
            let hour = Int.random(in: 0...20, using: &random)
            let text = "*/\(step),\(minute) \(hour)-\(hour + 3) * * *"
            let expression = try CronExpression(parsing: text)
            for zone in zones {
                let pick = starts[Int.random(in: 0..<starts.count, using: &random)]
                let start = Timestamp(seconds: pick + Int64.random(in: -90_000...90_000, using: &random))
                var moment = start
                var expected: Timestamp?
                // Whole minutes of UTC are whole minutes of these clocks.
                moment = Timestamp(seconds: (start.seconds / 60 + 1) * 60)
                while expected == nil, moment.seconds < start.seconds + 3 * 86_400 {
                    let clock = zone.civil(at: moment)
                    if (hour...hour + 3).contains(clock.hour), clock.minute % step == 0 || clock.minute == minute {
                        expected = moment
                    }
                    moment = moment + .minutes(1)
                }
                #expect(
                    expression.next(after: start, in: zone) == expected,
                    "\(text) in \(zone.name) after \(start.seconds)")
            }
        }
    }

    /// Whatever the expression: occurrences rise, and asking from any moment between two gives the second of them.
    @Test func `strictly increasing, and nothing lies between`() throws {
        var random = RandomSource(seed: 8)
        let expressions = try [
            "*/7 * * * *", "13 2 * * *", "0,30 1-3 * * *", "30 2 L * *", "0 */5 * * 1#1", "59 23 29 2 *",
        ]
        .map { try CronExpression(parsing: $0) }
        for zone in try [TimeZoneRules.utc, .berlin, .newYork, .lordHowe, .apia] {
            for expression in expressions {
                var moment = Timestamp(seconds: Int64.random(in: 1_300_000_000...1_760_000_000, using: &random))
                // Two years of a daily job meet each change of the zone.
                for _ in 0..<750 {
                    guard let next = expression.next(after: moment, in: zone) else { break }
                    #expect(next > moment)
                    let between = Int64.random(in: moment.microseconds..<next.microseconds, using: &random)
                    // The last moments before it too: at a gap they lie on the other side of the change.
                    for ask in [between, next.microseconds - 1_000_000, next.microseconds - 1]
                    where ask >= moment.microseconds {
                        #expect(expression.next(after: Timestamp(microseconds: ask), in: zone) == next)
                    }
                    moment = next
                }
            }
        }
    }
}
