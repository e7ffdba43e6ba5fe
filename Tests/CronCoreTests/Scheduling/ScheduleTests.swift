import CronCore
import Testing

@Suite struct ScheduleTests {
    private static func cron(_ texts: String..., in zone: TimeZoneRules = .utc) throws -> Schedule {
        .cron(try texts.map { try CronExpression(parsing: $0) }, zone)
    }

    private static func at(_ seconds: Int64) -> Timestamp { Timestamp(seconds: seconds) }

    // MARK: Every=

    @Test func `Every= counts whole spans from 1970, before it too`() {
        let schedule = Schedule.every(.seconds(90))
        #expect(schedule.next(after: Self.at(0)) == Self.at(90))
        #expect(schedule.next(after: Self.at(89)) == Self.at(90))
        #expect(schedule.next(after: Self.at(90)) == Self.at(180))
        #expect(schedule.next(after: Self.at(-1)) == Self.at(0))
        #expect(schedule.next(after: Self.at(-90)) == Self.at(0))
        #expect(schedule.next(after: Self.at(-91)) == Self.at(-90))
        #expect(schedule.next(after: Timestamp(microseconds: 89_999_999)) == Self.at(90))
    }

    @Test func `Every= at the ends of time does not trap`() {
        for span in [1, 7, 1_000_000, .max] as [Int64] {
            let schedule = Schedule.every(TimeSpan(microseconds: span))
            for moment in [.min, .min + 1, -1, 0, 1, .max - 1, .max] as [Int64] {
                let moment = Timestamp(microseconds: moment)
                #expect(schedule.next(after: moment).map { $0 > moment } ?? true)
                for end in [.min, 0, .max] as [Int64] {
                    let end = Timestamp(microseconds: end)
                    #expect(schedule.latest(atOrBefore: end, after: moment).map { $0 > moment && $0 <= end } ?? true)
                    _ = schedule.occurrences(after: moment, through: end)
                }
            }
        }
        #expect(Schedule.every(.zero).next(after: Self.at(0)) == nil)
    }

    @Test func `a day of Every= missed is counted at once`() {
        let schedule = Schedule.every(.seconds(1))
        let range = schedule.occurrences(after: Self.at(0), through: Self.at(86_400 * 365))
        #expect(range == OccurrenceRange(first: Self.at(1), last: Self.at(31_536_000), count: 31_536_000))
        #expect(schedule.occurrences(after: Self.at(5), through: Timestamp(microseconds: 5_999_999)) == nil)
    }

    // MARK: At=, OnDemand=

    @Test func `At= is due once, OnDemand= never`() {
        let once = Schedule.at(Self.at(100))
        #expect(once.next(after: Self.at(99)) == Self.at(100))
        #expect(once.next(after: Self.at(100)) == nil)
        #expect(once.latest(atOrBefore: Self.at(100), after: Self.at(0)) == Self.at(100))
        #expect(once.latest(atOrBefore: Self.at(99), after: Self.at(0)) == nil)
        #expect(
            once.occurrences(after: Self.at(0), through: Self.at(500))
                == OccurrenceRange(first: Self.at(100), last: Self.at(100), count: 1))
        #expect(Schedule.onDemand.next(after: Self.at(0)) == nil)
        #expect(Schedule.onDemand.occurrences(after: Self.at(0), through: Self.at(500)) == nil)
    }

    // MARK: Cron=

    @Test func `several expressions are due when any of them is, and once where two agree`() throws {
        let schedule = try Self.cron("0 6 * * *", "0 */3 * * *")
        var moment = try Timestamp(iso8601: "2025-01-15T01:00:00Z")
        for hour in [3, 6, 9, 12] {
            moment = try #require(schedule.next(after: moment))
            #expect(moment == (try Timestamp(iso8601: "2025-01-15T00:00:00Z")) + .hours(Int64(hour)))
        }
        #expect(Schedule.cron([], .utc).next(after: moment) == nil)
    }

    @Test func `latest and count agree with a walk`() throws {
        var random = RandomSource(seed: 9)
        let schedules = try [
            Self.cron("*/17 * * * *", in: .berlin), Self.cron("30 2 * * *", in: .berlin),
            Self.cron("0 0 1 1 *"), Self.cron("* * 1 1 *", in: .newYork), Self.cron("0 0 30 2 *"),
            Self.cron("15 3 * * 1-5", "*/20 22 * * *", in: .lordHowe),
            Schedule.every(.seconds(97)), .every(.days(3)), .at(Self.at(1_743_300_000)),
        ]
        for schedule in schedules {
            for _ in 0..<40 {
                let start = Self.at(1_743_200_000 + Int64.random(in: -400_000...400_000, using: &random))
                let end = start + TimeSpan(microseconds: Int64.random(in: -1_000_000...200_000_000_000, using: &random))
                var walked: [Timestamp] = []
                var moment = start
                while let next = schedule.next(after: moment), next <= end {
                    walked.append(next)
                    moment = next
                }
                #expect(schedule.latest(atOrBefore: end, after: start) == walked.last)
                let range = schedule.occurrences(after: start, through: end)
                #expect(range?.first == walked.first)
                #expect(range?.last == walked.last)
                #expect(range?.count ?? 0 == UInt64(walked.count))
                #expect(range?.isCapped ?? false == false)
            }
        }
    }

    @Test func `a long absence is counted up to a limit, its last occurrence found all the same`() throws {
        let schedule = try Self.cron("* * * * *", in: .berlin)
        let end = try Timestamp(iso8601: "2025-06-01T12:34:56Z")
        let range = try #require(schedule.occurrences(after: Self.at(0), through: end, limit: 1_000))
        #expect(range.first == Self.at(60))
        #expect(range.last.iso8601 == "2025-06-01T12:34:00Z")
        #expect(range.count == 1_000)
        #expect(range.isCapped)
        let exact = try #require(schedule.occurrences(after: Self.at(0), through: Self.at(60_000), limit: 1_000))
        #expect(exact.count == 1_000)
        #expect(!exact.isCapped)
    }

    @Test func `follows elapsed time only if all of it does`() throws {
        #expect(try Self.cron("*/5 * * * *").followsElapsedTime)
        #expect(try Self.cron("5 * * * *").followsElapsedTime)
        #expect(try !Self.cron("5 0-23 * * *").followsElapsedTime)
        #expect(try !Self.cron("*/5 * * * *", "0 3 * * *").followsElapsedTime)
        #expect(try Self.cron("@hourly").followsElapsedTime)
        #expect(try !Self.cron("@daily").followsElapsedTime)
        #expect(Schedule.every(.minutes(5)).followsElapsedTime)
        #expect(!Schedule.at(Self.at(0)).followsElapsedTime)
        #expect(!Schedule.onDemand.followsElapsedTime)
    }

    // MARK: Identity

    /// These numbers are in the records on people's disks: a change of one makes every job of that kind start its
    /// accounting anew.
    @Test func `fingerprints are for ever`() throws {
        let cron = try Self.cron("0 0 * * *").fingerprint
        #expect(cron == 9_855_768_017_239_833_844)
        #expect(Schedule.every(.minutes(5)).fingerprint == 325_475_562_743_187_114)
        #expect(Schedule.at(Self.at(1_736_935_800)).fingerprint == 2_918_484_479_778_290_637)
        #expect(Schedule.onDemand.fingerprint == 15_800_536_230_645_808_547)
    }

    @Test func `fingerprints tell schedules apart, by the zone's name and not its data`() throws {
        let all = try [
            Self.cron("0 0 * * *"), Self.cron("0 0 * * *", in: .berlin), Self.cron("0 0 * * 0"),
            Self.cron("0 0 * * *", "0 0 * * 0"), .every(.seconds(1)), .every(.seconds(2)), .at(Self.at(1)), .onDemand,
        ].map(\.fingerprint)
        #expect(Set(all).count == all.count)
        #expect(!all.contains(0))
        let newData = try ZoneFixture.rule("CET-1", name: "Europe/Berlin")
        #expect(try Self.cron("0 0 * * *", in: newData).fingerprint == Self.cron("0 0 * * *", in: .berlin).fingerprint)
        #expect(try Self.cron("0 0 * * *", in: newData) != Self.cron("0 0 * * *", in: .berlin))
    }

    // MARK: Words

    struct Words: CustomTestStringConvertible {
        let cron: String
        let words: String
        var testDescription: String { cron }
    }

    static let words = [
        Words(cron: "* * * * *", words: "every minute"),
        Words(cron: "*/5 * * * *", words: "every 5 min"),
        Words(cron: "0-59/5 * * * *", words: "every 5 min"),
        Words(cron: "*/7 * * * *", words: "*/7 * * * *"),
        Words(cron: "0 * * * *", words: "every hour"),
        Words(cron: "@hourly", words: "every hour"),
        Words(cron: "5,35 * * * *", words: "every hour at :05, :35"),
        Words(cron: "0 */6 * * *", words: "every 6 h"),
        Words(cron: "30 */2 * * *", words: "every 2 h at :30"),
        Words(cron: "0 0,6,12,18 * * *", words: "at 00:00, 06:00, 12:00, 18:00"),
        Words(cron: "0 */5 * * *", words: "0 */5 * * *"),
        Words(cron: "@daily", words: "at 00:00"),
        Words(cron: "0 9 * * 1-5", words: "at 09:00 on Mon-Fri"),
        Words(cron: "0 9,17 * * mon,wed,sun", words: "at 09:00, 17:00 on Mon, Wed, Sun"),
        Words(cron: "0 9 * * 0,5,6", words: "at 09:00 on Fri-Sun"),
        Words(cron: "15 3 1 * *", words: "at 03:15 on day 1 of the month"),
        Words(cron: "15 3 L * *", words: "at 03:15 on the last day of the month"),
        Words(cron: "15 3 LW 3,6-9 *", words: "at 03:15 on the last weekday of the month in Mar, Jun-Sep"),
        Words(cron: "0 9 * * 5#3", words: "at 09:00 on the 3rd Fri"),
        Words(cron: "0 9 * * 7L", words: "at 09:00 on the last Sun"),
        Words(cron: "@yearly", words: "at 00:00 on day 1 of the month in Jan"),
        Words(cron: "*/5 * * * 1-5", words: "every 5 min on Mon-Fri"),
        // Two restricted day fields are an "or"; better read as written.
        Words(cron: "0 0 13 * 5", words: "0 0 13 * 5"),
        Words(cron: "0 0 */2 * 5", words: "0 0 */2 * 5"),
        Words(cron: "*/20 1-5 * * *", words: "*/20 1-5 * * *"),
    ]

    @Test(arguments: words)
    func `in words`(row: Words) throws {
        #expect(try Self.cron(row.cron).inWords == row.words)
        #expect(try Self.cron(row.cron, in: .berlin).inWords == row.words + ", Europe/Berlin")
    }

    @Test func `other schedules in words`() throws {
        #expect(Schedule.every(.minutes(5)).inWords == "every 5 min")
        #expect(Schedule.every(.seconds(5_400)).inWords == "every 1 h 30 min")
        #expect(Schedule.every(TimeSpan(microseconds: 1_500_000)).inWords == "every 1 s 500 ms")
        #expect(Schedule.at(Self.at(1_736_935_800)).inWords == "once, at 2025-01-15T10:10:00Z")
        #expect(Schedule.onDemand.inWords == "on demand")
        #expect(try Self.cron("@daily", "0 12 * * 7").inWords == "at 00:00; at 12:00 on Sun")
    }
}
