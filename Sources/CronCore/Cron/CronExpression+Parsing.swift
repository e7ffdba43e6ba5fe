extension CronExpression {
    /// Longer than any sensible expression, in bytes.
    static let maximumLength = 1_024

    /// Reads five fields, or one of the macros that stand for five.
    package init(parsing text: String) throws(CronSyntaxError) {
        guard text.utf8.count <= Self.maximumLength else {
            throw CronSyntaxError("longer than \(Self.maximumLength) bytes; use several Cron= lines")
        }
        var words = Array(text.utf8).split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        if let word = words.first, word.first == UInt8(ascii: "@") {
            guard words.count == 1 else {
                throw CronSyntaxError("\(Self.shown(word)) stands alone, without fields; found \(quoted(text))")
            }
            words = try Self.fields(ofMacro: word)
        }
        guard words.count == 5 else { throw CronSyntaxError(Self.wrongCount(words)) }

        var days = CronDays()
        let minutes = try Self.field(.minute, words[0], &days)
        let hours = try Self.field(.hour, words[1], &days)
        days.daysOfMonth = try Self.field(.dayOfMonth, words[2], &days)
        let months = try Self.field(.month, words[3], &days)
        days.weekdays = try Self.field(.dayOfWeek, words[4], &days)
        days.bothMustMatch = Self.startsWithStar(words[2]) || Self.startsWithStar(words[4])
        self.init(
            text: text, minutes: minutes, hours: hours, days: days, months: months,
            followsElapsedTime: Self.startsWithStar(words[0]) || Self.startsWithStar(words[1]))
    }

    private static func field(
        _ kind: CronFieldKind, _ word: ArraySlice<UInt8>, _ days: inout CronDays
    ) throws(CronSyntaxError) -> CronField {
        var parser = CronFieldParser(kind: kind, word: word)
        try parser.parse(days: &days)
        return parser.field
    }

    private static func startsWithStar(_ word: ArraySlice<UInt8>) -> Bool {
        word.first == UInt8(ascii: "*")
    }

    /// The macros of crontab(5), and what they stand for there.
    private static let macros = [
        ("@hourly", "0 * * * *"), ("@daily", "0 0 * * *"), ("@midnight", "0 0 * * *"), ("@weekly", "0 0 * * 0"),
        ("@monthly", "0 0 1 * *"), ("@yearly", "0 0 1 1 *"), ("@annually", "0 0 1 1 *"),
    ]

    private static func fields(ofMacro word: ArraySlice<UInt8>) throws(CronSyntaxError) -> [ArraySlice<UInt8>] {
        let name = String(decoding: word, as: UTF8.self).lowercased()
        if let macro = macros.first(where: { $0.0 == name }) { return Array(macro.1.utf8).split(separator: 0x20) }
        let names = macros.map(\.0)
        let accepted = "accepted are \(names.joined(separator: " "))"
        switch name {
        case "@reboot":
            throw CronSyntaxError("'@reboot' is not a time; \(accepted)")
        case "@every":
            throw CronSyntaxError("'@every' is written Every=, as in Every=5min; \(accepted)")
        default:
            throw CronSyntaxError("\(shown(word)) is unknown; \(accepted)\(NearMiss.hint(name, among: names))")
        }
    }

    private static func shown(_ word: ArraySlice<UInt8>) -> String {
        quoted(String(decoding: word, as: UTF8.self))
    }

    private static func wrongCount(_ words: [ArraySlice<UInt8>]) -> String {
        let wanted = "five are needed: minute, hour, day of month, month, day of week"
        let shown = { (words: ArraySlice<ArraySlice<UInt8>>) in
            quoted(words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " "))
        }
        switch words.count {
        case 0:
            return "an empty cron expression; \(wanted)"
        case 1:
            let macro = "@" + String(decoding: words[0], as: UTF8.self).lowercased()
            let meant = macros.contains { $0.0 == macro } ? "; did you mean '\(macro)'?" : ""
            return "1 field, \(shown(words[...])); \(wanted)\(meant)"
        case 2..<5:
            return "\(words.count) fields, \(shown(words[...])); \(wanted)"
        case 6:
            return "6 fields; \(wanted), and no seconds; did you mean \(shown(words[1...]))?"
        case 7:
            return "7 fields; \(wanted), and no seconds or years; did you mean \(shown(words[1..<6]))?"
        default:
            return "\(words.count) fields; \(wanted); what to call belongs in [Request]"
        }
    }
}
