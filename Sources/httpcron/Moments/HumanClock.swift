internal import CronCore

/// How moments are shown to people: in one zone, which is named each time.
struct HumanClock: Equatable {
    let zone: TimeZoneRules
    /// When the tool was started: what `1h ago` and `in 4min` count from.
    let now: Timestamp

    /// `2025-01-15 10:10:00 CET`.
    func text(_ moment: Timestamp) -> String {
        let shown = zone.civil(at: moment)
        return "\(date(shown)) \(time(shown)) \(zone.abbreviation(at: moment))"
    }

    /// `Wed 2025-01-15 10:10:00 CET`.
    func textWithWeekday(_ moment: Timestamp) -> String {
        weekdayNames[zone.civil(at: moment).weekday] + " " + text(moment)
    }

    /// `10:10:00`, for a moment near another that was shown whole.
    func timeOfDay(_ moment: Timestamp) -> String {
        time(zone.civil(at: moment))
    }

    func isSameDay(_ left: Timestamp, _ right: Timestamp) -> Bool {
        let (left, right) = (zone.civil(at: left), zone.civil(at: right))
        return (left.year, left.month, left.day) == (right.year, right.month, right.day)
    }

    /// `in 4min`, `3h ago`, `now`.
    func distance(to moment: Timestamp) -> String {
        let span = moment - now
        if abs(span.microseconds / 1_000_000) == 0 { return "now" }
        return span > .zero ? "in \(span.roughWords)" : "\(span.roughWords) ago"
    }

    private func date(_ shown: CivilDateTime) -> String {
        "\(shown.year.digits(4))-\(shown.month.digits(2))-\(shown.day.digits(2))"
    }

    private func time(_ shown: CivilDateTime) -> String {
        "\(shown.hour.digits(2)):\(shown.minute.digits(2)):\(shown.second.digits(2))"
    }
}

let weekdayNames = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
