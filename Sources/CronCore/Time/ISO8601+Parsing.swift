extension Timestamp {
    /// Reads `2025-01-15T10:10:00Z`, strictly: a date, `T` or one space, a time whose seconds and their fraction may be
    /// missing, and then `Z`, an offset (`+01:00`, `+0100`, `+01`), or nothing where `zone` is given. A local time that
    /// the zone repeats is the first of the two; one that it skips is the first moment after the gap. Digits beyond
    /// microseconds are dropped.
    package init(iso8601 text: String, in zone: TimeZoneRules? = nil) throws(ISO8601Error) {
        var scanner = ISO8601Scanner(text)
        let civil = try scanner.dateAndTime()
        let fraction = try scanner.fraction()
        let moment: Timestamp
        if scanner.isAtEnd {
            guard let zone else { throw ISO8601Error("it has no offset; end it with Z or with an offset as in +01:00") }
            let local = zone.resolve(civil)
            if case .gap(let end) = local {
                self = end
                return
            }
            moment = local.moment
        } else {
            let offset = try scanner.offset()
            guard scanner.isAtEnd else { throw ISO8601Error("something follows the offset") }
            moment = Timestamp(seconds: civil.clockSeconds - Int64(offset))
        }
        self = moment + TimeSpan(microseconds: fraction)
    }
}

/// Why a text is not a moment.
package struct ISO8601Error: Error, Hashable, Sendable {
    /// What is wrong, and what is accepted.
    package let message: String

    init(_ message: String) {
        self.message = message
    }
}

/// A cursor over a date-time. Field widths are fixed, so nothing can grow too large.
private struct ISO8601Scanner {
    private let bytes: [UInt8]
    private var index = 0

    init(_ text: String) {
        bytes = Array(text.utf8.prefix(64))
    }

    var isAtEnd: Bool { index == bytes.count }

    mutating func dateAndTime() throws(ISO8601Error) -> CivilDateTime {
        guard let year = number(digits: 4), skip("-"), let month = number(digits: 2), skip("-"),
            let day = number(digits: 2)
        else { throw ISO8601Error("a date is written 2025-01-15") }
        guard (1...12).contains(month) else { throw ISO8601Error("there is no month \(month)") }
        guard (1...CivilDate.days(inMonth: month, of: year)).contains(day) else {
            throw ISO8601Error("there is no day \(day) in that month")
        }
        guard skip("T") || skip("t") || skip(" ") else {
            throw ISO8601Error("a time must follow, as in 2025-01-15T10:10:00")
        }
        guard let hour = number(digits: 2), skip(":"), let minute = number(digits: 2) else {
            throw ISO8601Error("a time is written 10:10 or 10:10:00")
        }
        var second = 0
        if skip(":") {
            guard let value = number(digits: 2) else { throw ISO8601Error("a time is written 10:10 or 10:10:00") }
            second = value
        }
        guard hour < 24, minute < 60, second < 60 else { throw ISO8601Error("a time is between 00:00:00 and 23:59:59") }
        return CivilDateTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    }

    /// The fraction of a second, in microseconds.
    mutating func fraction() throws(ISO8601Error) -> Int64 {
        guard skip(".") || skip(",") else { return 0 }
        var value: Int64 = 0
        var digits = 0
        while index < bytes.count, bytes[index].isDigit {
            if digits < 6 { value = value * 10 + Int64(bytes[index] - 0x30) }
            digits += 1
            index += 1
        }
        guard digits > 0 else { throw ISO8601Error("digits must follow the point") }
        for _ in 0..<max(0, 6 - digits) { value *= 10 }
        return value
    }

    /// `Z` or `±hh[[:]mm]`, in seconds.
    mutating func offset() throws(ISO8601Error) -> Int {
        if skip("Z") || skip("z") { return 0 }
        let sign = skip("-") ? -1 : 1
        let accepted = "it ends with Z or with an offset as in +01:00"
        guard sign == -1 || skip("+"), let hours = number(digits: 2) else { throw ISO8601Error(accepted) }
        var minutes = 0
        if skip(":") || !isAtEnd {
            guard let value = number(digits: 2) else { throw ISO8601Error(accepted) }
            minutes = value
        }
        guard hours < 24, minutes < 60 else { throw ISO8601Error("an offset is less than 24 hours") }
        return sign * (hours * 3_600 + minutes * 60)
    }

    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    private mutating func number(digits: Int) -> Int? {
        guard bytes.count - index >= digits, bytes[index..<index + digits].allSatisfy(\.isDigit) else { return nil }
        let value = bytes[index..<index + digits].reduce(0) { $0 * 10 + Int($1 - 0x30) }
        index += digits
        return value
    }
}
