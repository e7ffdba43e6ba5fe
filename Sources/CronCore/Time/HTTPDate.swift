/// The dates of HTTP (RFC 9110, section 5.6.7), for `Retry-After`.
package enum HTTPDate {
    /// Reads any of the three forms that a recipient must accept:
    ///
    ///     Sun, 06 Nov 1994 08:49:37 GMT
    ///     Sunday, 06-Nov-94 08:49:37 GMT
    ///     Sun Nov  6 08:49:37 1994
    ///
    /// Nil for anything else, and for days that are not on the calendar. `now` settles the century of the second form:
    /// a date that seems more than 50 years ahead is in the past. The name of the weekday is not held against the date.
    package static func parse(_ text: String, now: Timestamp) -> Timestamp? {
        let bytes = Array(text.utf8.prefix(64))
        let words = bytes.split { $0 == UInt8(ascii: " ") }.map(Array.init)
        switch words.count {
        case 6 where bytes.count == 29 && words[5].elementsEqual("GMT".utf8) && words[0].last == UInt8(ascii: ","):
            guard isWeekday(words[0].dropLast()) else { return nil }
            return moment(year: words[3], month: words[2], day: words[1], time: words[4])
        case 4 where words[3].elementsEqual("GMT".utf8) && words[0].last == UInt8(ascii: ","):
            let date = words[1].split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false).map(Array.init)
            guard date.count == 3, date[2].count == 2, isWeekday(words[0].dropLast()), let year = number(date[2])
            else { return nil }
            return moment(
                year: Array(String(fullYear(year, now: now)).utf8), month: date[1], day: date[0], time: words[2])
        case 5 where bytes.count == 24 && isWeekday(words[0][...]):
            let day = words[2].count == 1 ? [UInt8(ascii: "0")] + words[2] : words[2]
            return moment(year: words[4], month: words[1], day: day, time: words[3])
        default:
            return nil
        }
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    private static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

    private static func isWeekday(_ name: ArraySlice<UInt8>) -> Bool {
        weekdays.contains { name.elementsEqual($0.utf8) || name.elementsEqual($0.utf8.prefix(3)) }
    }

    private static func fullYear(_ lastDigits: Int, now: Timestamp) -> Int {
        let thisYear = min(max(CivilDateTime(clockSeconds: now.seconds).year, 1_900), 9_000)
        let year = thisYear - thisYear % 100 + lastDigits
        return year > thisYear + 50 ? year - 100 : year
    }

    private static func moment(year: [UInt8], month: [UInt8], day: [UInt8], time: [UInt8]) -> Timestamp? {
        let clock = time.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).map(Array.init)
        guard year.count == 4, let year = number(year), year >= 1_601,
            let month = months.firstIndex(where: { month.elementsEqual($0.utf8) }).map({ $0 + 1 }),
            day.count == 2, let day = number(day), (1...CivilDate.days(inMonth: month, of: year)).contains(day),
            clock.count == 3, clock.allSatisfy({ $0.count == 2 }),
            let hour = number(clock[0]), let minute = number(clock[1]), let second = number(clock[2]),
            hour < 24, minute < 60, second <= 60
        else { return nil }
        // A leap second, which the grammar allows, counts as the second after it.
        let start = CivilDateTime(year: year, month: month, day: day, hour: hour, minute: minute)
        return Timestamp(seconds: start.clockSeconds + Int64(second))
    }

    /// Digits only, at most four.
    private static func number(_ digits: [UInt8]) -> Int? {
        guard (1...4).contains(digits.count), digits.allSatisfy(\.isDigit) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
}
