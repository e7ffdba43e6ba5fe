extension PosixTZ {
    /// Reads `text`, the footer without its newlines: `CET-1CEST,M3.5.0,M10.5.0/3`, `<+0330>-3:30`. Nil for anything
    /// that is not exactly such a rule. The sign of POSIX is west-positive; ours is RFC 8536's, east-positive.
    init?(parsing text: some Sequence<UInt8>) {
        var scanner = Scanner(text)
        guard let name = scanner.name(), let west = scanner.time(hours: 24) else { return nil }
        let standard = LocalTimeType(offset: -west, isDaylight: false, abbreviation: name)
        guard !scanner.isAtEnd else {
            self.init(standard: standard, daylight: nil)
            return
        }
        guard let otherName = scanner.name() else { return nil }
        var offset = standard.offset + 3_600
        if scanner.peek != UInt8(ascii: ",") {
            guard let west = scanner.time(hours: 24) else { return nil }
            offset = -west
        }
        guard let start = scanner.yearlyMoment(), let end = scanner.yearlyMoment(), scanner.isAtEnd else { return nil }
        let daylight = LocalTimeType(offset: offset, isDaylight: true, abbreviation: otherName)
        self.init(standard: standard, daylight: Daylight(type: daylight, start: start, end: end))
    }

    /// A cursor over the rule. Every number is bounded where it is read.
    private struct Scanner {
        private let bytes: [UInt8]
        private var index = 0

        init(_ text: some Sequence<UInt8>) {
            bytes = Array(text)
        }

        var isAtEnd: Bool { index == bytes.count }
        var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

        private mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard peek == UInt8(ascii: character) else { return false }
            index += 1
            return true
        }

        /// Three letters or more, or `<…>` with digits and signs too.
        mutating func name() -> String? {
            let isQuoted = skip("<")
            let start = index
            while let byte = peek, byte.isLetter || (isQuoted && (byte.isDigit || byte == 0x2b || byte == 0x2d)) {
                index += 1
            }
            let name = String(decoding: bytes[start..<index], as: UTF8.self)
            guard (3...16).contains(index - start), !isQuoted || skip(">") else { return nil }
            return name
        }

        /// A number of at most three digits.
        private mutating func number(_ range: ClosedRange<Int>) -> Int? {
            let start = index
            var value = 0
            while let byte = peek, byte.isDigit, index - start < 3 {
                value = value * 10 + Int(byte - 0x30)
                index += 1
            }
            return index > start && range.contains(value) ? value : nil
        }

        /// `[+-]hh[:mm[:ss]]`, in seconds.
        mutating func time(hours limit: Int) -> Int? {
            let sign = skip("-") ? -1 : 1
            if sign == 1 { _ = skip("+") }
            guard let hours = number(0...limit) else { return nil }
            var seconds = hours * 3_600
            if skip(":") {
                guard let minutes = number(0...59) else { return nil }
                seconds += minutes * 60
                if skip(":") {
                    guard let rest = number(0...59) else { return nil }
                    seconds += rest
                }
            }
            return sign * seconds
        }

        /// `,date[/time]`; 02:00:00 where no time is given.
        mutating func yearlyMoment() -> YearlyMoment? {
            guard skip(","), let day = day() else { return nil }
            guard skip("/") else { return YearlyMoment(day: day, time: 7_200) }
            guard let time = time(hours: 167) else { return nil }
            return YearlyMoment(day: day, time: time)
        }

        private mutating func day() -> YearlyMoment.Day? {
            if skip("J") { return number(1...365).map { .julian($0) } }
            guard skip("M") else { return number(0...365).map { .zeroBased($0) } }
            guard let month = number(1...12), skip("."), let week = number(1...5), skip("."), let day = number(0...6)
            else { return nil }
            return .weekday(month: month, week: week, day: day)
        }
    }
}

extension UInt8 {
    var isDigit: Bool { self &- 0x30 < 10 }
    var isLetter: Bool { (self | 0x20) &- 0x61 < 26 }
}
