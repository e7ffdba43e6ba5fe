/// Reads one field: a list of values, ranges and steps, and the extensions of the two day fields.
struct CronFieldParser {
    let kind: CronFieldKind
    let word: String
    private var field = CronField()

    init(kind: CronFieldKind, word: String) {
        self.kind = kind
        self.word = word
    }

    /// The field's set. What a set of numbers cannot say (`L`, `LW`, `5#3`, `5L`) goes to `days`.
    mutating func parse(days: inout CronDays) throws(CronSyntaxError) -> CronField {
        for term in word.split(separator: ",", omittingEmptySubsequences: false) {
            guard !term.isEmpty else { throw wrong("has an empty place in its list") }
            if try parseExtension(term.lowercased(), days: &days) { continue }
            try parsePlain(String(term))
        }
        return field
    }

    /// `*`, `5`, `1-5`, each perhaps with `/2`; a step after a single value goes on to the end of the field.
    private mutating func parsePlain(_ term: String) throws(CronSyntaxError) {
        let halves = term.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let low: Int
        var high: Int
        if halves[0] == "*" {
            (low, high) = (kind.range.lowerBound, kind.range.upperBound)
        } else {
            let ends = halves[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            low = try value(ends[0], of: term)
            high = low
            if ends.count == 2 {
                high = try value(ends[1], of: term)
                // As a range's end, Sunday is the day after Saturday.
                if kind == .dayOfWeek, ends[1].lowercased() == "sun", low > 0 { high = 7 }
                guard low <= high else { throw backwards(term, low, high) }
            } else if halves.count == 2 {
                high = kind.range.upperBound
            }
        }
        let step = halves.count == 2 ? try step(halves[1], of: term) : 1
        for value in stride(from: low, through: high, by: step) {
            field.insert(kind == .dayOfWeek && value == 7 ? 0 : value)
        }
    }

    /// The step after a `/`. One that is longer than the field would quietly mean something else: `*/90` is not every
    /// 90 minutes but once an hour.
    private func step(_ text: String, of term: String) throws(CronSyntaxError) -> Int {
        guard let step = number(text) else {
            throw wrong("has \(CronSyntaxError.quoted(term)): a step is a number, as in */5")
        }
        guard step > 0 else { throw wrong("has \(CronSyntaxError.quoted(term)): a step of 0 never moves") }
        let longest = kind.range.upperBound
        guard step <= longest else {
            let meant = kind == .minute ? "; for every \(step) minutes use Every=\(step)min" : ""
            throw wrong("has \(CronSyntaxError.quoted(term)): a step is 1-\(longest) here\(meant)")
        }
        return step
    }

    /// A number of the field's range, or a name.
    private func value(_ text: String, of term: String) throws(CronSyntaxError) -> Int {
        if let number = number(text) {
            guard kind.range.contains(number) else { throw wrong("says \(CronSyntaxError.quoted(text))") }
            return number
        }
        let lowercase = text.lowercased()
        if let index = kind.names.firstIndex(of: lowercase) { return index + kind.firstNamed }
        throw unreadable(text, lowercase, of: term)
    }

    /// Decimal digits, at most four of them.
    private func number(_ text: String) -> Int? {
        let digits = text.utf8
        guard (1...4).contains(digits.count), digits.allSatisfy(\.isDigit) else { return nil }
        return Int(text)
    }
}

// MARK: - Extensions of the day fields

extension CronFieldParser {
    /// Whether the term (in lower case) was one, and has been entered.
    private func parseExtension(_ term: String, days: inout CronDays) throws(CronSyntaxError) -> Bool {
        switch kind {
        case .dayOfMonth where term == "l":
            days.lastDay = true
        case .dayOfMonth where term == "lw" || term == "wl":
            days.lastWeekday = true
        case .dayOfWeek where term.contains("#"):
            let halves = term.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let weekday = try value(halves[0], of: term) % 7
            guard let nth = number(halves[1]), (1...5).contains(nth) else {
                throw wrong("has \(CronSyntaxError.quoted(term)): after # stands which one of the month, 1-5")
            }
            days.nthWeekdays |= 1 << UInt64((nth - 1) * 7 + weekday)
        case .dayOfWeek where term == "l":
            throw wrong("has 'L' alone: say of which weekday, as in 5L for the last Friday")
        case .dayOfWeek where term.hasSuffix("l"):
            days.lastWeekdays |= 1 << UInt64(try value(String(term.dropLast()), of: term) % 7)
        default:
            return false
        }
        return true
    }
}

// MARK: - What to say

extension CronFieldParser {
    private func wrong(_ what: String) -> CronSyntaxError {
        CronSyntaxError("the \(kind.name) field \(what); accepted are \(kind.accepted)", in: kind)
    }

    private func backwards(_ term: String, _ low: Int, _ high: Int) -> CronSyntaxError {
        let first = kind.range.lowerBound
        let last = kind == .dayOfWeek ? 6 : kind.range.upperBound
        let tail = low == last ? "\(low)" : "\(low)-\(last)"
        let head = high == first ? "\(high)" : "\(first)-\(high)"
        return wrong("has \(CronSyntaxError.quoted(term)), which runs backwards; did you mean '\(tail),\(head)'?")
    }

    private func unreadable(_ text: String, _ lowercase: String, of term: String) -> CronSyntaxError {
        let shown = CronSyntaxError.quoted(text)
        if text.isEmpty { return wrong("has \(CronSyntaxError.quoted(term)), where a value is missing") }
        if text == "?" { return wrong("says '?'; write '*'") }
        if lowercase == "h" { return wrong("says 'H'; to spread jobs write a number and use RandomizedOffset=") }
        if text.utf8.allSatisfy(\.isDigit) { return wrong("says \(shown)") }
        if kind == .dayOfMonth, lowercase.hasPrefix("l") || lowercase.hasSuffix("w") {
            return wrong("says \(shown), which is not among the extensions known here")
        }
        let candidates = kind.names.filter { lowercase.hasPrefix($0) }
        if let meant = candidates.first ?? CronSyntaxError.nearest(to: lowercase, of: kind.names, within: 1) {
            return wrong("says \(shown); did you mean '\(meant)'?")
        }
        return wrong("says \(shown)")
    }
}
