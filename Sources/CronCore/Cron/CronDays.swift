/// Day of month and day of week together: which days of a month match.
struct CronDays: Hashable, Sendable {
    /// 1…31.
    var daysOfMonth = CronField()
    /// `L` in day of month.
    var lastDay = false
    /// `LW`: the last Monday-to-Friday of the month.
    var lastWeekday = false
    /// 0…6.
    var weekdays = CronField()
    /// `5#3`: bit (n - 1) * 7 + weekday for the n-th of a month. The days of a month in weeks that begin with the 1st.
    var nthWeekdays: UInt64 = 0
    /// `5L`: a bit for each weekday.
    var lastWeekdays: UInt64 = 0
    /// Debian's rule: both fields must match if either is written with a leading `*`; otherwise one is enough.
    var bothMustMatch = false

    /// The matching days, bit n for day n.
    func matches(year: Int, month: Int) -> UInt64 {
        let length = UInt64(CivilDate.days(inMonth: month, of: year))
        let days = CivilDate(year: year, month: month, day: 1)
        let first = UInt64(days.weekday)
        let whole: UInt64 = (2 << length) - 2

        var byDate = daysOfMonth.bits
        if lastDay { byDate |= 1 << length }
        if lastWeekday {
            switch (first + length - 1) % 7 {
            case 0: byDate |= 1 << (length - 2)
            case 6: byDate |= 1 << (length - 1)
            default: byDate |= 1 << length
            }
        }

        var byWeekday = Self.everyWeek &* Self.fromFirst(weekdays.bits, first)
        if nthWeekdays != 0 {
            for week in 0..<5 as Range<UInt64> {
                byWeekday |= Self.fromFirst(nthWeekdays >> (week * 7) & 0x7f, first) << (week * 7)
            }
        }
        if lastWeekdays != 0 {
            let lastWeek = ((1 << 7) - 1) << (length - 7) as UInt64
            byWeekday |= Self.everyWeek &* Self.fromFirst(lastWeekdays, first) & lastWeek
        }
        byWeekday <<= 1
        return (bothMustMatch ? byDate & byWeekday : byDate | byWeekday) & whole
    }

    /// A multiplier that repeats seven bits five times.
    private static let everyWeek: UInt64 = 1 | 1 << 7 | 1 << 14 | 1 << 21 | 1 << 28

    /// Seven bits that begin with Sunday, turned to begin with `first`.
    private static func fromFirst(_ weekdays: UInt64, _ first: UInt64) -> UInt64 {
        (weekdays >> first | weekdays << (7 - first)) & 0x7f
    }
}
