/// The rule in a TZif footer, for all time after the last listed transition: a standard time, and perhaps a second
/// one that begins and ends once a year (POSIX `TZ`, with the wider times of RFC 8536, section 3.3.1).
struct PosixTZ: Hashable, Sendable {
    let standard: LocalTimeType
    let daylight: Daylight?

    /// The other local time of the year, and when it holds.
    struct Daylight: Hashable, Sendable {
        let type: LocalTimeType
        let start: YearlyMoment
        let end: YearlyMoment
    }

    /// A day of the year, and a time on it in seconds (-167…167 hours) by the clock that is about to change.
    struct YearlyMoment: Hashable, Sendable {
        let day: Day
        let time: Int

        enum Day: Hashable, Sendable {
            /// `Jn`, 1…365: 29 February is never counted.
            case julian(Int)
            /// `n`, 0…365: 29 February is counted.
            case zeroBased(Int)
            /// `Mm.w.d`: weekday d (0 is Sunday) of week w of month m; week 5 is the last.
            case weekday(month: Int, week: Int, day: Int)
        }

        /// The moment in `year`, in seconds since 1970 on the clock about to change.
        func clockSeconds(in year: Int) -> Int64 {
            let date: Int64
            switch day {
            case .julian(let number):
                let leapDay = CivilDate.isLeap(year) && number >= 60 ? 1 : 0
                date = CivilDate(year: year, month: 1, day: 1).daysSince1970 + Int64(number - 1 + leapDay)
            case .zeroBased(let number):
                date = CivilDate(year: year, month: 1, day: 1).daysSince1970 + Int64(number)
            case .weekday(let month, let week, let weekday):
                let first = CivilDate(year: year, month: month, day: 1)
                var dayOfMonth = 1 + (weekday - first.weekday + 7) % 7 + (week - 1) * 7
                if dayOfMonth > CivilDate.days(inMonth: month, of: year) { dayOfMonth -= 7 }
                date = first.daysSince1970 + Int64(dayOfMonth - 1)
            }
            return date * 86_400 + Int64(time)
        }
    }

    /// The stretch of unchanging local time around `second` (since 1970).
    func span(at second: Int64) -> (start: Int64, end: Int64, type: LocalTimeType) {
        guard let daylight else { return (.min, .max, standard) }
        let year = CivilDate(daysSince1970: second.flooredDivision(by: 86_400).quotient).year
        // A change can fall outside its own year, by a time of up to a week and by the offset.
        for reach in 1...2 {
            var start = Int64.min
            var end = Int64.max
            var type = standard
            for candidate in year - reach...year + reach {
                let begins = daylight.start.clockSeconds(in: candidate) - Int64(standard.offset)
                let ends = daylight.end.clockSeconds(in: candidate) - Int64(daylight.type.offset)
                // Where one year's end is the next one's start, the start is later in this order and wins: daylight
                // time all year, as RFC 8536 writes it.
                let changes =
                    begins <= ends
                    ? ((begins, daylight.type), (ends, standard)) : ((ends, standard), (begins, daylight.type))
                for (moment, next) in [changes.0, changes.1] {
                    if moment <= second {
                        if moment >= start { (start, type) = (moment, next) }
                    } else {
                        end = min(end, moment)
                    }
                }
            }
            if start != .min, end != .max { return (start, end, type) }
        }
        return (.min, .max, standard)
    }
}
