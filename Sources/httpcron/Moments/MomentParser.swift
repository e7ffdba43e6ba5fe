internal import CronCore

/// A moment as a person writes it, and how much of the clock that leaves open: `10:05` is a whole minute.
struct HumanMoment: Equatable {
    let start: Timestamp
    /// The length of what was named: a second, a minute, a day.
    let precision: TimeSpan
}

/// The forms of systemd.time(7) and journalctl(1), ISO 8601, and whatever this tool prints itself: `now`, `today`,
/// `yesterday 10:00`, `-1h`, `1h ago`, `@1736935800`, `2025-01-15`, `2025-01-15 10:10`, `Wed 2025-01-15 10:10:00 CET`,
/// `2025-01-15T10:10:00Z`. Without a zone it is the reader's own.
struct MomentParser {
    let clock: HumanClock
    /// The rules of an IANA name; nil: there is no such zone.
    let zoneNamed: (String) -> TimeZoneRules?

    static let forms =
        "\"2025-01-15 10:00\", \"10:00\", today, yesterday, now, -1h, \"1h ago\", @SECONDS, or ISO 8601"

    func parse(_ text: String) throws(UsageError) -> HumanMoment {
        let words = text.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
        if let moment = relative(words) ?? epoch(words) ?? calendar(words) { return moment }
        throw UsageError("\"\(text)\" is no time; it may be \(MomentParser.forms)")
    }

    /// `now`, `-1h`, `+5min 20s`, `1h 30min ago`.
    private func relative(_ words: [String]) -> HumanMoment? {
        let text = words.joined(separator: " ")
        let second = TimeSpan.seconds(1)
        if text == "now" { return HumanMoment(start: clock.now, precision: second) }
        if let sign = text.first, sign == "-" || sign == "+", let span = TimeSpan(words: text.dropFirst()) {
            return HumanMoment(start: sign == "-" ? clock.now - span : clock.now + span, precision: second)
        }
        if text.hasSuffix(" ago"), let span = TimeSpan(words: text.dropLast(4)) {
            return HumanMoment(start: clock.now - span, precision: second)
        }
        return nil
    }

    /// `@1736935800`, with a fraction if need be.
    private func epoch(_ words: [String]) -> HumanMoment? {
        guard words.count == 1, words[0].hasPrefix("@") else { return nil }
        let text = words[0].dropFirst()
        let isNegative = text.hasPrefix("-")
        guard let (seconds, fraction) = secondsAndFraction(text.drop { $0 == "-" }) else { return nil }
        let span = TimeSpan(microseconds: 1_000_000) * seconds + TimeSpan(microseconds: fraction)
        let zero = Timestamp(microseconds: 0)
        return HumanMoment(start: isNegative ? zero - span : zero + span, precision: .seconds(1))
    }

    private func calendar(_ words: [String]) -> HumanMoment? {
        var words = words[...]
        let weekday = words.first.flatMap(weekdayIndex)
        if weekday != nil { words.removeFirst() }
        guard let first = words.first else { return nil }
        var date: CivilDate
        var timeText: String?
        if let named = dayNamed(first) {
            date = named
            words.removeFirst()
        } else if let (written, rest) = isoDate(first) {
            date = written
            words.removeFirst()
            if !rest.isEmpty { timeText = rest }
        } else {
            date = today
            guard first.contains(":") else { return nil }
        }
        if let weekday, weekday != date.weekday { return nil }
        if timeText == nil, let next = words.first, next.first?.isNumber == true { timeText = words.removeFirst() }
        return moment(date, timeText, zone: words.joined(separator: " "))
    }

    private func moment(_ date: CivilDate, _ timeText: String?, zone zoneText: String) -> HumanMoment? {
        var time = TimeOfDay(seconds: 0, fraction: 0, precision: .days(1))
        var zoneText = zoneText
        if let timeText {
            let (clockText, attached) = splitOffset(timeText)
            guard let parsed = TimeOfDay(clockText), zoneText.isEmpty || attached.isEmpty else { return nil }
            time = parsed
            zoneText += attached
        }
        let local = CivilDateTime(clockSeconds: date.daysSince1970 * 86_400 + time.seconds)
        guard let start = resolve(local, zone: zoneText) else { return nil }
        return HumanMoment(start: start + TimeSpan(microseconds: time.fraction), precision: time.precision)
    }

    /// The moment that `local` is in the zone written behind it.
    private func resolve(_ local: CivilDateTime, zone text: String) -> Timestamp? {
        if text.isEmpty { return clock.zone.resolve(local).moment }
        if text == "Z" || text == "z" || text == "UTC" { return Timestamp(seconds: local.clockSeconds) }
        if let offset = offsetSeconds(text) { return Timestamp(seconds: local.clockSeconds - offset) }
        // What the tables print: the reader's own zone by its abbreviation, which also tells the halves of a fold apart.
        let own = clock.zone.resolve(local)
        var candidates = [own.moment]
        if case .fold(_, let second) = own { candidates.append(second) }
        if let match = candidates.first(where: { clock.zone.abbreviation(at: $0) == text }) { return match }
        return zoneNamed(text)?.resolve(local).moment
    }

    private var today: CivilDate {
        let shown = clock.zone.civil(at: clock.now)
        return CivilDate(year: shown.year, month: shown.month, day: shown.day)
    }

    private func dayNamed(_ word: String) -> CivilDate? {
        switch word {
        case "today": today
        case "yesterday": CivilDate(daysSince1970: today.daysSince1970 - 1)
        case "tomorrow": CivilDate(daysSince1970: today.daysSince1970 + 1)
        default: nil
        }
    }
}

/// Seconds since midnight, as `10:05`, `10:05:30` or `10:05:30.25` name them.
private struct TimeOfDay {
    let seconds: Int64
    /// Microseconds.
    let fraction: Int64
    let precision: TimeSpan

    init(seconds: Int64, fraction: Int64, precision: TimeSpan) {
        self.seconds = seconds
        self.fraction = fraction
        self.precision = precision
    }

    init?(_ text: Substring) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count) else { return nil }
        guard let hour = shortNumber(parts[0], 0...23), let minute = shortNumber(parts[1], 0...59) else { return nil }
        var (second, fraction) = (Int64(0), Int64(0))
        if parts.count == 3 {
            guard let (whole, rest) = secondsAndFraction(parts[2]), (0...59).contains(whole) else { return nil }
            (second, fraction) = (whole, rest)
        }
        self.init(
            seconds: Int64(hour * 3_600 + minute * 60) + second, fraction: fraction,
            precision: parts.count == 2 ? .minutes(1) : .seconds(1))
    }
}

/// `2025-01-15`, and what follows the `T` of ISO 8601.
private func isoDate(_ word: String) -> (CivilDate, String)? {
    let halves = word.split(separator: "T", maxSplits: 1, omittingEmptySubsequences: false)
    let parts = halves[0].split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].count == 4, let year = shortNumber(parts[0], 1...9_999) else { return nil }
    guard let month = shortNumber(parts[1], 1...12) else { return nil }
    guard let day = shortNumber(parts[2], 1...CivilDate.days(inMonth: month, of: year)) else { return nil }
    return (CivilDate(year: year, month: month, day: day), halves.count > 1 ? String(halves[1]) : "")
}

/// `10:05:30+02:00` as time and offset.
private func splitOffset(_ text: String) -> (Substring, Substring) {
    let end = text.firstIndex { $0 == "+" || $0 == "-" || $0 == "Z" || $0 == "z" } ?? text.endIndex
    return (text[..<end], text[end...])
}

/// `+02:00`, `-0330`, `+02` in seconds east of UTC.
private func offsetSeconds(_ text: String) -> Int64? {
    guard let sign = text.first, sign == "+" || sign == "-" else { return nil }
    let digits = text.dropFirst().filter { $0 != ":" }
    guard digits.count == 2 || digits.count == 4, let hours = shortNumber(digits.prefix(2), 0...23) else { return nil }
    guard let minutes = digits.count == 2 ? 0 : shortNumber(digits.suffix(2), 0...59) else { return nil }
    let seconds = Int64(hours * 3_600 + minutes * 60)
    return sign == "-" ? -seconds : seconds
}

private func shortNumber(_ text: some StringProtocol, _ range: ClosedRange<Int>) -> Int? {
    guard text.utf8.count <= 4, text.isDigits else { return nil }
    guard let value = Int(text), range.contains(value) else { return nil }
    return value
}

/// `30.25` as seconds and microseconds; more digits than six are dropped.
private func secondsAndFraction(_ text: some StringProtocol) -> (Int64, Int64)? {
    let parts = String(text).split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let seconds = parts.first, seconds.isDigits else { return nil }
    let fraction = parts.count == 2 ? parts[1] : "0"
    guard fraction.isDigits, let whole = Int64(seconds) else { return nil }
    return Int64((fraction + "000000").prefix(6)).map { (whole, $0) }
}

extension StringProtocol {
    /// Nothing but the ten digits, at least one.
    fileprivate var isDigits: Bool {
        !isEmpty && utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}

private func weekdayIndex(_ word: String) -> Int? {
    guard word.count >= 3 else { return nil }
    let names = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
    let word = word.lowercased()
    return names.firstIndex { $0 == word || $0.prefix(3) == word }
}

extension ParsedArguments {
    /// The time that an option names; nil: the option was not given.
    func moment(_ option: String, _ clock: HumanClock) throws(UsageError) -> HumanMoment? {
        guard let text = value(of: option) else { return nil }
        let parser = MomentParser(clock: clock, zoneNamed: HostZone.named)
        do {
            return try parser.parse(text)
        } catch {
            throw UsageError("--\(option): \(error.message)")
        }
    }
}
