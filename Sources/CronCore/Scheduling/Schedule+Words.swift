extension Schedule {
    /// The schedule as a person would say it, for `list`: `every 5 min`, `at 09:00 on Mon-Fri, Europe/Berlin`. A cron
    /// expression that has no short reading stands as it was written.
    package var inWords: String {
        switch self {
        case .cron(let expressions, let zone):
            let words = expressions.map { $0.inWords ?? $0.text }.joined(separator: "; ")
            return zone.name == TimeZoneRules.utc.name ? words : "\(words), \(zone.name)"
        case .every(let span):
            return "every \(span.inWords)"
        case .at(let instant):
            return "once, at \(instant.iso8601)"
        case .onDemand:
            return "on demand"
        }
    }
}

extension CronExpression {
    /// Nil where words would be longer than the expression, or less exact.
    var inWords: String? {
        guard let time = timeInWords, let days = daysInWords else { return nil }
        return days.isEmpty ? time : "\(time) \(days)"
    }

    private var timeInWords: String? {
        let minuteWord = text.prefix { $0 != " " && $0 != "\t" }
        if hours.count == 24 {
            if minutes.count == 60 { return "every minute" }
            if let step = Self.step(of: minutes, below: 60) { return "every \(step) min" }
            guard minutes.count <= 3, !minuteWord.hasPrefix("*") else { return nil }
            let list = minutes.values.map { ":" + Self.twoDigits($0) }.joined(separator: ", ")
            return minutes.count == 1 && minutes.contains(0) ? "every hour" : "every hour at \(list)"
        }
        if followsElapsedTime {
            guard minutes.count == 1, let minute = minutes.values.first, let step = Self.step(of: hours, below: 24)
            else { return nil }
            return "every \(step) h" + (minute == 0 ? "" : " at :" + Self.twoDigits(minute))
        }
        guard minutes.count * hours.count <= 4 else { return nil }
        let times = hours.values.flatMap { hour in
            minutes.values.map { "\(Self.twoDigits(hour)):\(Self.twoDigits($0))" }
        }
        return "at " + times.joined(separator: ", ")
    }

    private var daysInWords: String? {
        let anyDate = days.daysOfMonth.count == 31
        let anyWeekday = days.weekdays.count == 7
        var parts: [String] = []
        if !(days.bothMustMatch && anyDate && anyWeekday) {
            // Two restricted fields are an "or" in cron, which words would only blur.
            guard days.bothMustMatch, anyDate || anyWeekday else { return nil }
            if anyDate {
                guard let words = weekdaysInWords else { return nil }
                parts.append("on \(words)")
            } else {
                guard let words = datesInWords else { return nil }
                parts.append("on \(words)")
            }
        }
        if months.count < 12 {
            let names = Self.runs(months.values, names: CronFieldKind.month.names, first: 1)
            parts.append("in \(names)")
        }
        return parts.joined(separator: " ")
    }

    private var weekdaysInWords: String? {
        guard !days.weekdays.isEmpty else {
            guard days.nthWeekdays.nonzeroBitCount + days.lastWeekdays.nonzeroBitCount == 1 else { return nil }
            if days.lastWeekdays != 0 {
                return "the last \(Self.capitalized(Self.weekdayNames[days.lastWeekdays.trailingZeroBitCount]))"
            }
            let bit = days.nthWeekdays.trailingZeroBitCount
            let ordinal = ["1st", "2nd", "3rd", "4th", "5th"][bit / 7]
            return "the \(ordinal) \(Self.capitalized(Self.weekdayNames[bit % 7]))"
        }
        guard days.nthWeekdays == 0, days.lastWeekdays == 0 else { return nil }
        // A week reads from Monday on.
        let fromMonday = days.weekdays.values.map { $0 == 0 ? 7 : $0 }.sorted()
        return Self.runs(fromMonday, names: Array(Self.weekdayNames.dropFirst()) + ["sun"], first: 1)
    }

    private var datesInWords: String? {
        switch (days.daysOfMonth.isEmpty, days.lastDay, days.lastWeekday) {
        case (true, true, false): return "the last day of the month"
        case (true, false, true): return "the last weekday of the month"
        case (false, false, false):
            guard days.daysOfMonth.count <= 5 else { return nil }
            return "day \(days.daysOfMonth.values.map(String.init).joined(separator: ", ")) of the month"
        default: return nil
        }
    }

    private static let weekdayNames = CronFieldKind.dayOfWeek.names

    /// The step if the values are 0, step, 2 × step… and a whole number of steps makes the whole.
    private static func step(of field: CronField, below whole: Int) -> Int? {
        guard field.count > 1, whole % field.count == 0 else { return nil }
        let step = whole / field.count
        return field.values.enumerated().allSatisfy { $0.element == $0.offset * step } ? step : nil
    }

    /// `Mon-Fri, Sun`: neighbours become ranges, from three on.
    private static func runs(_ values: [Int], names: [String], first: Int) -> String {
        var parts: [String] = []
        var index = 0
        while index < values.count {
            var end = index
            while end + 1 < values.count, values[end + 1] == values[end] + 1 { end += 1 }
            let words = values[index...end].map { capitalized(names[$0 - first]) }
            if words.count > 2 { parts.append("\(words[0])-\(words[words.count - 1])") } else { parts += words }
            index = end + 1
        }
        return parts.joined(separator: ", ")
    }

    private static func capitalized(_ word: String) -> String {
        word.prefix(1).uppercased() + word.dropFirst()
    }

    private static func twoDigits(_ value: Int) -> String {
        value < 10 ? "0\(value)" : "\(value)"
    }
}

extension TimeSpan {
    /// `5 min`, `1 h 30 min`: the largest units that leave no rest.
    fileprivate var inWords: String {
        var rest = microseconds
        var parts: [String] = []
        let units: [(String, Int64)] = [
            ("d", 86_400_000_000), ("h", 3_600_000_000), ("min", 60_000_000), ("s", 1_000_000), ("ms", 1_000),
            ("µs", 1),
        ]
        for (name, length) in units where rest >= length {
            parts.append("\(rest / length) \(name)")
            rest %= length
        }
        return parts.isEmpty ? "0 s" : parts.joined(separator: " ")
    }
}
