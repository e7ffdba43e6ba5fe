extension TimeSpan {
    /// Reads a time span as systemd.time(7) has it; nil: it is none, or too long.
    package init?(parsing text: some StringProtocol) {
        guard let span = try? TimeSpan(systemd: text) else { return nil }
        self = span
    }

    /// Reads a time span as systemd.time(7) has it: `90` (seconds), `5min 20s`, `1.5h`, `5ms`.
    init(systemd text: some StringProtocol) throws(BadValue) {
        var rest = text.trimmed
        guard !rest.isEmpty else { throw BadValue() }
        var sum: Int64 = 0
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && ($0.isWholeNumber || $0 == ".") }
            let afterNumber = rest[number.endIndex...].trimmed
            let unit = afterNumber.prefix { !$0.isWhitespace && !$0.isNumber && $0 != "." && $0 != "-" }
            guard !number.isEmpty else {
                throw BadValue(rest.hasPrefix("-") ? "it cannot be negative" : "\(quoted(rest)) begins with no number")
            }
            rest = afterNumber[unit.endIndex...].trimmed
            let part = try Self.microseconds(number, unit: unit)
            let (total, overflow) = sum.addingReportingOverflow(part)
            guard !overflow else { throw BadValue("it is too long") }
            sum = total
        }
        self.init(microseconds: sum)
    }

    /// The product of a decimal number and a unit, cut to whole microseconds.
    private static func microseconds(
        _ number: some StringProtocol, unit: some StringProtocol
    ) throws(BadValue) -> Int64 {
        let name = unit.isEmpty ? "s" : String(unit)
        guard let scale = unitLengths[name] else {
            throw BadValue(
                "\(quoted(unit)) is no unit of time (us, ms, s, min, h, d, w, M, y)"
                    + NearMiss.hint(unit, among: units.lazy.map(\.name)))
        }
        return try Values.decimal(number, times: scale)
    }
}

extension TimeSpan: CustomStringConvertible {
    /// As systemd prints spans, in days at most: `5min 20s`, `1h 30min`, `2d`, `0`. Reads back as the same span.
    package var description: String {
        guard microseconds != 0 else { return "0" }
        var rest = microseconds.magnitude
        var parts: [String] = []
        for (name, length) in Self.printed where rest >= length {
            parts.append("\(rest / length)\(name)")
            rest %= length
        }
        return (microseconds < 0 ? "-" : "") + parts.joined(separator: " ")
    }

    private static let printed: [(String, UInt64)] = [
        ("d", 86_400_000_000), ("h", 3_600_000_000), ("min", 60_000_000), ("s", 1_000_000), ("ms", 1_000), ("us", 1),
    ]
}

/// The unit names of systemd.time(7); a month is 30.44 days and a year 365.25.
private let units: [(name: String, length: Int64)] = [
    ("s", 1_000_000), ("sec", 1_000_000), ("second", 1_000_000), ("seconds", 1_000_000),
    ("min", 60_000_000), ("m", 60_000_000), ("minute", 60_000_000), ("minutes", 60_000_000),
    ("h", 3_600_000_000), ("hr", 3_600_000_000), ("hour", 3_600_000_000), ("hours", 3_600_000_000),
    ("d", 86_400_000_000), ("day", 86_400_000_000), ("days", 86_400_000_000),
    ("w", 604_800_000_000), ("week", 604_800_000_000), ("weeks", 604_800_000_000),
    ("M", 2_629_800_000_000), ("month", 2_629_800_000_000), ("months", 2_629_800_000_000),
    ("y", 31_557_600_000_000), ("year", 31_557_600_000_000), ("years", 31_557_600_000_000),
    ("ms", 1_000), ("msec", 1_000), ("us", 1), ("usec", 1), ("\u{b5}s", 1), ("\u{3bc}s", 1),
]

private let unitLengths = Dictionary(uniqueKeysWithValues: units.map { ($0.name, $0.length) })
