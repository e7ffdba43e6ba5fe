import CronCore
import Testing

@Suite struct TimeZoneRulesTests {
    struct Row: CustomTestStringConvertible {
        let rule: String
        let moment: String
        let local: String
        let abbreviation: String
        var testDescription: String { "\(rule) at \(moment)" }
    }

    /// The forms of a POSIX rule, each just before and at its changes.
    static let rules = [
        Row(rule: "UTC0", moment: "2025-01-01T00:00:00Z", local: "2025-01-01T00:00:00+00:00", abbreviation: "UTC"),
        Row(
            rule: "<-03>3", moment: "2025-07-01T00:00:00Z", local: "2025-06-30T21:00:00-03:00", abbreviation: "-03"),
        // Mm.w.d, the default time 02:00.
        Row(
            rule: "EST5EDT,M3.2.0,M11.1.0", moment: "2025-03-09T06:59:59Z", local: "2025-03-09T01:59:59-05:00",
            abbreviation: "EST"),
        Row(
            rule: "EST5EDT,M3.2.0,M11.1.0", moment: "2025-03-09T07:00:00Z", local: "2025-03-09T03:00:00-04:00",
            abbreviation: "EDT"),
        Row(
            rule: "EST5EDT,M3.2.0,M11.1.0", moment: "2025-11-02T05:59:59Z", local: "2025-11-02T01:59:59-04:00",
            abbreviation: "EDT"),
        Row(
            rule: "EST5EDT,M3.2.0,M11.1.0", moment: "2025-11-02T06:00:00Z", local: "2025-11-02T01:00:00-05:00",
            abbreviation: "EST"),
        // The southern half: daylight time over new year.
        Row(
            rule: "NZST-12NZDT,M9.5.0,M4.1.0/3", moment: "2025-01-01T00:00:00Z", local: "2025-01-01T13:00:00+13:00",
            abbreviation: "NZDT"),
        Row(
            rule: "NZST-12NZDT,M9.5.0,M4.1.0/3", moment: "2025-07-01T00:00:00Z", local: "2025-07-01T12:00:00+12:00",
            abbreviation: "NZST"),
        // Negative daylight saving: Irish winter time is the exception.
        Row(
            rule: "IST-1GMT0,M10.5.0,M3.5.0/1", moment: "2025-01-01T00:00:00Z", local: "2025-01-01T00:00:00+00:00",
            abbreviation: "GMT"),
        Row(
            rule: "IST-1GMT0,M10.5.0,M3.5.0/1", moment: "2025-07-01T00:00:00Z", local: "2025-07-01T01:00:00+01:00",
            abbreviation: "IST"),
        // A negative time (Nuuk until 2023) and one beyond 24 h (Jerusalem, the Friday before the last Sunday).
        Row(
            rule: "<-03>3<-02>,M3.5.0/-2,M10.5.0/-1", moment: "2025-03-30T00:59:59Z",
            local: "2025-03-29T21:59:59-03:00", abbreviation: "-03"),
        Row(
            rule: "<-03>3<-02>,M3.5.0/-2,M10.5.0/-1", moment: "2025-03-30T01:00:00Z",
            local: "2025-03-29T23:00:00-02:00", abbreviation: "-02"),
        Row(
            rule: "IST-2IDT,M3.4.4/26,M10.5.0", moment: "2025-03-27T23:59:59Z", local: "2025-03-28T01:59:59+02:00",
            abbreviation: "IST"),
        Row(
            rule: "IST-2IDT,M3.4.4/26,M10.5.0", moment: "2025-03-28T00:00:00Z", local: "2025-03-28T03:00:00+03:00",
            abbreviation: "IDT"),
        // Jn never counts 29 February: J60 is 1 March in a leap year too; n does.
        Row(
            rule: "AAA0BBB,J60/0,J300/0", moment: "2024-02-29T23:59:59Z", local: "2024-02-29T23:59:59+00:00",
            abbreviation: "AAA"),
        Row(
            rule: "AAA0BBB,J60/0,J300/0", moment: "2024-03-01T00:00:00Z", local: "2024-03-01T01:00:00+01:00",
            abbreviation: "BBB"),
        Row(
            rule: "AAA0BBB,59/0,300/0", moment: "2024-02-29T00:00:00Z", local: "2024-02-29T01:00:00+01:00",
            abbreviation: "BBB"),
        Row(
            rule: "AAA0BBB,59/0,300/0", moment: "2025-02-28T23:59:59Z", local: "2025-02-28T23:59:59+00:00",
            abbreviation: "AAA"),
        // RFC 8536, section 3.3.1: daylight time all year.
        Row(
            rule: "EST5EDT,0/0,J365/25", moment: "2024-12-31T23:59:59Z", local: "2024-12-31T19:59:59-04:00",
            abbreviation: "EDT"),
        Row(
            rule: "EST5EDT,0/0,J365/25", moment: "2025-01-01T05:00:00Z", local: "2025-01-01T01:00:00-04:00",
            abbreviation: "EDT"),
        // A change more than a week away from its day: into the next year.
        Row(
            rule: "AAA0BBB,M6.1.0,J365/167", moment: "2025-01-06T00:00:00Z", local: "2025-01-06T01:00:00+01:00",
            abbreviation: "BBB"),
        Row(
            rule: "AAA0BBB,M6.1.0,J365/167", moment: "2025-01-07T00:00:00Z", local: "2025-01-07T00:00:00+00:00",
            abbreviation: "AAA"),
    ]

    @Test(arguments: rules)
    func `a POSIX rule`(row: Row) throws {
        let zone = try ZoneFixture.rule(row.rule, name: "Test/Zone")
        let moment = try Timestamp(iso8601: row.moment)
        #expect(moment.iso8601(in: zone) == row.local)
        #expect(zone.abbreviation(at: moment) == row.abbreviation)
    }

    @Test(arguments: [
        "CET", "CET-", "C1", "CET-25", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M3.5.0,M10.5.0,",
        "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,J0,J365",
        "CET-1CEST,J366,J1", "CET-1CEST,366,1", "CET-1CEST,M3.5.0/168,M10.5.0", "CET-1CEST,M3.5.0/2:60,M10.5.0",
        "<CET-1", "<+0>0", "CET-1 ", " CET-1", "CET-9999999999999999999", "CET--1", "\u{e9}\u{e9}\u{e9}0",
    ])
    func `a rule that is none`(rule: String) {
        #expect(throws: TZifError.malformed("its footer is not a POSIX TZ rule")) {
            try ZoneFixture.rule(rule, name: "Test/Zone")
        }
    }

    @Test func `transitions listed before the rule, the first type before all of them`() throws {
        let zone = try ZoneFixture(
            transitions: [(1_000, 1), (2_000, 0)],
            types: [(3_600, false, "ONE"), (7_200, true, "TWO")], footer: "CET-1CEST,M3.5.0,M10.5.0/3"
        ).rules()
        #expect(zone.offset(at: Timestamp(seconds: -5_000_000_000)) == 3_600)
        #expect(zone.abbreviation(at: Timestamp(seconds: 999)) == "ONE")
        #expect(zone.offset(at: Timestamp(microseconds: 999_999_999)) == 3_600)
        #expect(zone.offset(at: Timestamp(seconds: 1_000)) == 7_200)
        #expect(zone.abbreviation(at: Timestamp(seconds: 1_999)) == "TWO")
        #expect(zone.abbreviation(at: Timestamp(seconds: 2_000)) == "CET")
        #expect(zone.nextTransition(after: Timestamp(seconds: 0)) == Timestamp(seconds: 1_000))
        #expect(zone.nextTransition(after: Timestamp(seconds: 1_000)) == Timestamp(seconds: 2_000))
        // 29 March 1970, 02:00 CET.
        #expect(zone.nextTransition(after: Timestamp(seconds: 2_000))?.iso8601 == "1970-03-29T01:00:00Z")
    }

    @Test func `the last type holds where there is no rule`() throws {
        let zone = try ZoneFixture(
            transitions: [(1_000, 1)], types: [(3_600, false, "ONE"), (7_200, true, "TWO")]
        ).rules()
        #expect(zone.offset(at: Timestamp(seconds: 4_000_000_000)) == 7_200)
        #expect(zone.nextTransition(after: Timestamp(seconds: 1_000)) == nil)
        #expect(TimeZoneRules.utc.nextTransition(after: Timestamp(seconds: 0)) == nil)
    }

    @Test func `a local time is unique, in a gap or in a fold`() throws {
        let zone = try TimeZoneRules.berlin
        func resolve(_ month: Int, _ day: Int, _ hour: Int, _ minute: Int, _ second: Int = 0) -> String {
            let local = CivilDateTime(year: 2025, month: month, day: day, hour: hour, minute: minute, second: second)
            switch zone.resolve(local) {
            case .unique(let moment): return moment.iso8601(in: zone)
            case .gap(let end): return "gap until \(end.iso8601(in: zone))"
            case .fold(let first, let second): return "\(first.iso8601(in: zone)) and \(second.iso8601(in: zone))"
            }
        }
        #expect(resolve(3, 30, 1, 59, 59) == "2025-03-30T01:59:59+01:00")
        #expect(resolve(3, 30, 2, 0) == "gap until 2025-03-30T03:00:00+02:00")
        #expect(resolve(3, 30, 2, 59, 59) == "gap until 2025-03-30T03:00:00+02:00")
        #expect(resolve(3, 30, 3, 0) == "2025-03-30T03:00:00+02:00")
        #expect(resolve(10, 26, 1, 59, 59) == "2025-10-26T01:59:59+02:00")
        #expect(resolve(10, 26, 2, 0) == "2025-10-26T02:00:00+02:00 and 2025-10-26T02:00:00+01:00")
        #expect(resolve(10, 26, 2, 59, 59) == "2025-10-26T02:59:59+02:00 and 2025-10-26T02:59:59+01:00")
        #expect(resolve(10, 26, 3, 0) == "2025-10-26T03:00:00+01:00")
    }

    @Test func `the clock shown at a moment resolves to it`() throws {
        var random = RandomSource(seed: 4)
        for zone in try [TimeZoneRules.berlin, .newYork, .lordHowe, .apia, .utc] {
            for _ in 0..<5_000 {
                let moment = Timestamp(seconds: Int64.random(in: -4_000_000_000...8_000_000_000, using: &random))
                switch zone.resolve(zone.civil(at: moment)) {
                case .unique(let found): #expect(found == moment)
                case .fold(let first, let second): #expect(first == moment || second == moment)
                case .gap: Issue.record("\(moment) in \(zone.name) is shown by no clock")
                }
            }
        }
    }

    @Test func `rules are equal by name and by content`() throws {
        let berlin = try TimeZoneRules.berlin
        #expect(try berlin == .berlin)
        #expect(try berlin != ZoneFixture.rule("CET-1CEST,M3.5.0,M10.5.0/3", name: "Europe/Paris"))
        #expect(try berlin != ZoneFixture.rule("CET-1", name: "Europe/Berlin"))
    }

    @Test func `asked for any moment at all it answers`() throws {
        for zone in try [TimeZoneRules.berlin, .lordHowe, .apia, .utc] {
            for moment in [Int64.min, .min + 1, -1, 0, .max - 1, .max].map(Timestamp.init(microseconds:)) {
                _ = zone.resolve(zone.civil(at: moment))
                _ = zone.nextTransition(after: moment)
                _ = zone.abbreviation(at: moment)
                _ = moment.iso8601(in: zone)
            }
        }
    }
}
