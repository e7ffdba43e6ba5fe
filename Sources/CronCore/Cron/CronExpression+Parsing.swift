extension CronExpression {
    /// Longer than any sensible expression: 1,024 bytes.
    static let maximumLength = 1_024

    /// Reads five fields, or one of the macros that stand for five.
    package init(parsing text: String) throws(CronSyntaxError) {
        guard text.utf8.count <= Self.maximumLength else {
            throw CronSyntaxError("longer than \(Self.maximumLength) bytes; use several Cron= lines")
        }
        var words = text.utf8.split { $0 == 0x20 || $0 == 0x09 }.map { String(Substring($0)) }
        if let word = words.first, word.hasPrefix("@") {
            guard words.count == 1 else {
                throw CronSyntaxError(
                    "\(CronSyntaxError.quoted(word)) stands alone, without fields; found \(CronSyntaxError.quoted(text))"
                )
            }
            words = try Self.fields(ofMacro: word)
        }
        guard words.count == 5 else { throw CronSyntaxError(Self.wrongCount(words)) }

        var fields: [CronField] = []
        var days = CronDays()
        for (kind, word) in zip(CronFieldKind.allCases, words) {
            var parser = CronFieldParser(kind: kind, word: word)
            fields.append(try parser.parse(days: &days))
        }
        days.daysOfMonth = fields[2]
        days.weekdays = fields[4]
        days.bothMustMatch = words[2].hasPrefix("*") || words[4].hasPrefix("*")
        self.init(
            text: text, minutes: fields[0], hours: fields[1], days: days, months: fields[3],
            followsElapsedTime: words[0].hasPrefix("*") || words[1].hasPrefix("*"))
    }

    /// The macros of crontab(5), and what they stand for there.
    private static let macros = [
        ("@hourly", "0 * * * *"), ("@daily", "0 0 * * *"), ("@midnight", "0 0 * * *"), ("@weekly", "0 0 * * 0"),
        ("@monthly", "0 0 1 * *"), ("@yearly", "0 0 1 1 *"), ("@annually", "0 0 1 1 *"),
    ]

    private static func fields(ofMacro word: String) throws(CronSyntaxError) -> [String] {
        let lowercase = word.lowercased()
        if let macro = macros.first(where: { $0.0 == lowercase }) {
            return macro.1.split(separator: " ").map(String.init)
        }
        let accepted = "accepted are \(macros.map(\.0).joined(separator: " "))"
        switch lowercase {
        case "@reboot":
            throw CronSyntaxError("'@reboot' is not a time; \(accepted)")
        case "@every":
            throw CronSyntaxError("'@every' is written Every=, as in Every=5min; \(accepted)")
        default:
            let near =
                CronSyntaxError.nearest(to: lowercase, of: macros.map(\.0)).map { "; did you mean '\($0)'?" } ?? ""
            throw CronSyntaxError("\(CronSyntaxError.quoted(word)) is unknown; \(accepted)\(near)")
        }
    }

    private static func wrongCount(_ words: [String]) -> String {
        let wanted = "five are needed: minute, hour, day of month, month, day of week"
        switch words.count {
        case 0:
            return "an empty cron expression; \(wanted)"
        case 1 where macros.contains { $0.0.dropFirst() == words[0].lowercased() }:
            return "one field, \(CronSyntaxError.quoted(words[0])); did you mean '@\(words[0].lowercased())'?"
        case 1..<5:
            let found = CronSyntaxError.quoted(words.joined(separator: " "))
            return "\(words.count) field\(words.count == 1 ? "" : "s") in \(found); \(wanted)"
        case 6, 7:
            let tail = words.suffix(from: 1).prefix(5).joined(separator: " ")
            let meant = CronSyntaxError.quoted(tail)
            return "\(words.count) fields; \(wanted); there are no seconds and no years: did you mean \(meant)?"
        default:
            return "\(words.count) fields; \(wanted); what to call belongs in [Request]"
        }
    }
}
