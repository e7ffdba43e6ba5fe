// The search works on the clock of the zone, as a plain count of seconds, and touches the zone as little as it can: most
// answers lie before the next zone change, and then one subtraction turns the clock's answer into a moment.

extension CronExpression {
    /// How far ahead to look. The rarest expression, 29 February on a given weekday, returns within 40 years.
    private static let horizon = 100

    /// The first occurrence strictly after `moment`, or nil if there is none: never again is an ordinary answer.
    ///
    /// Where the clocks change, Debian's rules hold. A job that follows elapsed time is due whenever the clock shows a
    /// matching minute: not in a gap, twice in a fold. A job at fixed times is due once for each matching minute on
    /// the calendar: straight after the gap if it fell into one (once, however many fell), the first time in a fold.
    package func next(after moment: Timestamp, in zone: TimeZoneRules) -> Timestamp? {
        // Occurrences are whole seconds, so after a fraction the next whole second is the first that can be one.
        let from = moment.seconds + 1
        let found = followsElapsedTime ? nextElapsed(from: from, in: zone) : nextFixed(from: from, in: zone)
        guard let found else { return nil }
        let result = Timestamp(seconds: found)
        return result > moment ? result : nil
    }

    private func nextElapsed(from: Int64, in zone: TimeZoneRules) -> Int64? {
        var span = zone.span(at: from)
        var clock = from + Int64(span.offset)
        let lastYear = CivilDate(daysSince1970: clock.flooredDivision(by: 86_400).quotient).year + Self.horizon
        // Each turn ends before a zone change or at a gap that swallowed the answer, which is rare: two turns suffice
        // for nearly all, and an expression that lives in gaps alone meets one a year until the horizon.
        for _ in 0..<4 * Self.horizon {
            guard let match = firstMatch(from: clock, lastYear: lastYear) else { return nil }
            if match - Int64(span.offset) < span.end { return match - Int64(span.offset) }

            // The zone changes first. If it sets the clock back, the repeated minutes come again.
            let following = zone.span(at: span.end)
            if following.offset < span.offset {
                clock = span.end.addingClamped(Int64(following.offset))
                span = following
                continue
            }
            // Otherwise later folds repeat only what lies ahead, so the match is the answer unless a gap skips it.
            switch zone.resolve(clockSeconds: match) {
            case .unique(let found):
                return found.seconds
            case .fold(let first, let second):
                return first.seconds >= from ? first.seconds : second.seconds
            case .gap(let end):
                span = zone.span(at: end.seconds)
                clock = end.seconds + Int64(span.offset)
            }
        }
        return nil
    }

    private func nextFixed(from: Int64, in zone: TimeZoneRules) -> Int64? {
        let span = zone.span(at: from)
        var clock = from + Int64(span.offset)
        let lastYear = CivilDate(daysSince1970: clock.flooredDivision(by: 86_400).quotient).year + Self.horizon
        // The second time in a fold: what the clock shows has had its turn until it shows something new.
        if from - 172_800 < span.start, span.start != .min {
            let shownBefore = span.start + Int64(zone.span(at: span.start - 1).offset)
            // At the change itself, what a gap skips is due at this very moment.
            clock = from == span.start ? shownBefore : max(clock, shownBefore)
        }
        for _ in 0..<4 * Self.horizon {
            guard let match = firstMatch(from: clock, lastYear: lastYear) else { return nil }
            let found = match - Int64(span.offset)
            if found < span.end, found >= from { return found }
            let resolved = zone.resolve(clockSeconds: match).moment.seconds
            if resolved >= from { return resolved }
            clock = match + 1
        }
        return nil
    }

    /// The least matching minute at or after `clock`, both in seconds since the clock of the zone showed 1970. Looks no
    /// further than the end of `lastYear`.
    private func firstMatch(from clock: Int64, lastYear: Int) -> Int64? {
        let (day, second) = (clock + 59).flooredDivision(by: 86_400)
        var date = CivilDate(daysSince1970: day)
        let minute = Int(second / 60)

        var candidates = months.contains(date.month) ? days.matches(year: date.year, month: date.month) : 0
        candidates = (candidates >> UInt64(date.day)) << UInt64(date.day)
        if candidates >> UInt64(date.day) & 1 == 1 {
            if let match = firstMinute(from: minute) { return day * 86_400 + Int64(match) * 60 }
            candidates &= candidates - 1
        }
        // From here on any day is a whole day.
        guard let firstMinute = firstMinute(from: 0) else { return nil }
        while candidates == 0 {
            if let month = months.first(from: date.month + 1) {
                date.month = month
            } else {
                guard date.year < lastYear, let month = months.first(from: 1) else { return nil }
                date.month = month
                date.year += 1
            }
            candidates = days.matches(year: date.year, month: date.month)
        }
        date.day = candidates.trailingZeroBitCount
        return date.daysSince1970 * 86_400 + Int64(firstMinute) * 60
    }

    /// The first matching minute of a day, as minutes since midnight, at or after `minute`.
    private func firstMinute(from minute: Int) -> Int? {
        let hour = minute / 60
        if hours.contains(hour), let match = minutes.first(from: minute % 60) { return hour * 60 + match }
        guard let later = hours.first(from: hour + 1), let match = minutes.first(from: 0) else { return nil }
        return later * 60 + match
    }
}
