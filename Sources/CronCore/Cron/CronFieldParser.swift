/// Reads one field: a list of values, ranges and steps, and the extensions of the two day fields. Works on bytes, since a
/// start reads a hundred thousand of these; words are made where there is something to complain about.
struct CronFieldParser {
    let kind: CronFieldKind
    let word: ArraySlice<UInt8>
    /// What has been read so far.
    private(set) var field = CronField()

    init(kind: CronFieldKind, word: ArraySlice<UInt8>) {
        self.kind = kind
        self.word = word
    }

    /// Reads the whole word into `field`. What a set of numbers cannot say (`L`, `LW`, `5#3`, `5L`) goes to `days`.
    mutating func parse(days: inout CronDays) throws(CronSyntaxError) {
        var rest = word
        while true {
            let (term, tail) = rest.cut(at: ",")
            guard !term.isEmpty else { throw wrong("has an empty place in its list") }
            if try !parseExtension(term, days: &days) { try parsePlain(term) }
            guard let tail else { return }
            rest = tail
        }
    }

    /// `*`, `5`, `1-5`, each perhaps with `/2`; a step after a single value goes on to the end of the field.
    private mutating func parsePlain(_ term: ArraySlice<UInt8>) throws(CronSyntaxError) {
        let (values, step) = term.cut(at: "/")
        let low: Int
        var high = kind.range.upperBound
        if values.elementsEqual(CollectionOfOne(UInt8(ascii: "*"))) {
            low = kind.range.lowerBound
        } else {
            let (first, last) = values.cut(at: "-")
            low = try value(first, of: term)
            if let last {
                high = try value(last, of: term)
                // As the end of a range, Sunday is the day after Saturday.
                if kind == .dayOfWeek, high == 0, low > 0, !last.allSatisfy(\.isDigit) { high = 7 }
                guard low <= high else { throw backwards(term, low, high) }
            } else if step == nil {
                high = low
            }
        }
        let stride = try step.map { (step) throws(CronSyntaxError) in try self.step(step, of: term) } ?? 1
        var value = low
        while value <= high {
            field.insert(kind == .dayOfWeek && value == 7 ? 0 : value)
            value += stride
        }
    }

    /// The step after a `/`. One that is longer than the field would quietly mean something else: `*/90` is not every
    /// 90 minutes but once an hour.
    private func step(_ text: ArraySlice<UInt8>, of term: ArraySlice<UInt8>) throws(CronSyntaxError) -> Int {
        guard let step = text.smallNumber else { throw wrong("has \(shown(term)): a step is a number, as in */5") }
        guard step > 0 else { throw wrong("has \(shown(term)): a step of 0 never moves") }
        let longest = kind.range.upperBound
        guard step <= longest else {
            let meant = kind == .minute ? "; for every \(step) minutes use Every=\(step)min" : ""
            throw wrong("has \(shown(term)): a step is 1-\(longest) here\(meant)")
        }
        return step
    }

    /// A number of the field's range, or a name.
    private func value(_ text: ArraySlice<UInt8>, of term: ArraySlice<UInt8>) throws(CronSyntaxError) -> Int {
        if let number = text.smallNumber {
            guard kind.range.contains(number) else { throw wrong("says \(shown(text))") }
            return number
        }
        guard let named = kind.value(named: text) else { throw unreadable(text, of: term) }
        return named
    }
}

// MARK: - Extensions of the day fields

extension CronFieldParser {
    /// Whether the term was one, and has been entered.
    private func parseExtension(
        _ term: ArraySlice<UInt8>, days: inout CronDays
    ) throws(CronSyntaxError) -> Bool {
        switch kind {
        case .dayOfMonth where term.equalsIgnoringCase("l"):
            days.lastDay = true
        case .dayOfMonth where term.equalsIgnoringCase("lw"):
            days.lastWeekday = true
        case .dayOfWeek where term.contains(UInt8(ascii: "#")):
            let (first, last) = term.cut(at: "#")
            let weekday = try value(first, of: term) % 7
            guard let nth = last?.smallNumber, (1...5).contains(nth) else {
                throw wrong("has \(shown(term)): after # stands which one of the month, 1-5")
            }
            days.nthWeekdays |= 1 << UInt64((nth - 1) * 7 + weekday)
        case .dayOfWeek where term.equalsIgnoringCase("l"):
            throw wrong("has \(shown(term)) alone: say of which weekday, as in 5L for the last Friday")
        case .dayOfWeek where term.suffix(1).equalsIgnoringCase("l"):
            days.lastWeekdays |= 1 << UInt64(try value(term.dropLast(), of: term) % 7)
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

    private func shown(_ text: ArraySlice<UInt8>) -> String {
        quoted(String(decoding: text, as: UTF8.self))
    }

    private func backwards(_ term: ArraySlice<UInt8>, _ low: Int, _ high: Int) -> CronSyntaxError {
        let first = kind.range.lowerBound
        let last = kind == .dayOfWeek ? 6 : kind.range.upperBound
        let tail = low >= last ? "\(low)" : "\(low)-\(last)"
        let head = high == first ? "\(high)" : "\(first)-\(high)"
        return wrong("has \(shown(term)), which runs backwards; did you mean '\(tail),\(head)'?")
    }

    private func unreadable(_ text: ArraySlice<UInt8>, of term: ArraySlice<UInt8>) -> CronSyntaxError {
        let word = String(decoding: text, as: UTF8.self).lowercased()
        switch word {
        case "": return wrong("has \(shown(term)), where a value is missing")
        case "?": return wrong("says '?'; write '*'")
        case "h": return wrong("says \(shown(text)); write a number, and to spread jobs use RandomizedOffset=")
        default: break
        }
        if kind == .dayOfMonth, word.hasPrefix("l") || word.hasSuffix("w") {
            return wrong("says \(shown(text)), an extension that is not known here")
        }
        let whole = kind.names.first { word.hasPrefix($0) }
        return wrong(
            "says \(shown(text))" + (whole.map { "; did you mean '\($0)'?" } ?? NearMiss.hint(word, among: kind.names)))
    }
}

extension ArraySlice<UInt8> {
    /// What lies before and after the first `separator`; nothing after it if there is none.
    fileprivate func cut(at separator: Unicode.Scalar) -> (head: ArraySlice<UInt8>, tail: ArraySlice<UInt8>?) {
        guard let index = firstIndex(of: UInt8(ascii: separator)) else { return (self, nil) }
        return (self[..<index], self[(index + 1)...])
    }

    /// Decimal digits, at most four of them.
    fileprivate var smallNumber: Int? {
        guard (1...4).contains(count) else { return nil }
        var value = 0
        for byte in self {
            guard byte.isDigit else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        return value
    }

    /// Whether these are the letters of `word`, which is in lower case.
    fileprivate func equalsIgnoringCase(_ word: StaticString) -> Bool {
        count == word.utf8CodeUnitCount && zip(self, 0...).allSatisfy { $0.0 | 0x20 == word.utf8Start[$0.1] }
    }
}
