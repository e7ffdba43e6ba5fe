import CronCore
import Testing

@Suite struct CivilDateTimeTests {
    struct Row: CustomTestStringConvertible {
        let date: CivilDate
        let days: Int64
        let weekday: Int
        var testDescription: String { "\(date.year)-\(date.month)-\(date.day)" }
    }

    static let knownDays = [
        Row(date: CivilDate(year: 1970, month: 1, day: 1), days: 0, weekday: 4),
        Row(date: CivilDate(year: 1969, month: 12, day: 31), days: -1, weekday: 3),
        Row(date: CivilDate(year: 2000, month: 2, day: 29), days: 11_016, weekday: 2),
        Row(date: CivilDate(year: 2000, month: 3, day: 1), days: 11_017, weekday: 3),
        Row(date: CivilDate(year: 1900, month: 3, day: 1), days: -25_508, weekday: 4),
        Row(date: CivilDate(year: 2100, month: 3, day: 1), days: 47_541, weekday: 1),
        Row(date: CivilDate(year: 1, month: 1, day: 1), days: -719_162, weekday: 1),
        Row(date: CivilDate(year: 0, month: 2, day: 29), days: -719_469, weekday: 2),
        Row(date: CivilDate(year: -400, month: 3, day: 1), days: -865_565, weekday: 3),
    ]

    @Test(arguments: knownDays)
    func `days of the calendar`(row: Row) {
        #expect(row.date.daysSince1970 == row.days)
        #expect(CivilDate(daysSince1970: row.days) == row.date)
        #expect(row.date.weekday == row.weekday)
    }

    @Test func `counts day by day through nine centuries`() {
        var expected = CivilDate(year: 1599, month: 12, day: 31)
        for days in expected.daysSince1970...CivilDate(year: 2500, month: 1, day: 1).daysSince1970 {
            guard CivilDate(daysSince1970: days) == expected, expected.daysSince1970 == days else {
                Issue.record("day \(days) is not \(expected)")
                return
            }
            expected.day += 1
            if expected.day > CivilDate.days(inMonth: expected.month, of: expected.year) {
                expected = CivilDate(
                    year: expected.month == 12 ? expected.year + 1 : expected.year,
                    month: expected.month % 12 + 1, day: 1)
            }
        }
    }

    @Test func `clock seconds go there and back, before 1970 too`() {
        var random = RandomSource(seed: 1)
        for _ in 0..<20_000 {
            let second = Int64.random(in: -300_000_000_000...300_000_000_000, using: &random)
            let civil = CivilDateTime(clockSeconds: second)
            #expect(civil.clockSeconds == second)
            #expect((0..<24).contains(civil.hour) && (0..<60).contains(civil.minute) && (0..<60).contains(civil.second))
        }
    }

    @Test func `a moment's second is rounded toward the past, at the ends of the range too`() {
        #expect(Timestamp(microseconds: -1).seconds == -1)
        #expect(Timestamp(microseconds: 999_999).seconds == 0)
        #expect(Timestamp(microseconds: .min).seconds == -9_223_372_036_855)
        #expect(Timestamp(microseconds: .max).seconds == 9_223_372_036_854)
        #expect(Timestamp(seconds: .max).microseconds == .max)
        #expect(Timestamp(seconds: .min).microseconds == .min)
    }
}
