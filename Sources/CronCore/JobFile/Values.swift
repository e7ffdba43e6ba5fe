/// The parsers of plain values. Each takes the text behind `=`, never empty, and says what is wrong with it.
enum Values {
    /// systemd's booleans, in any case.
    static func boolean(_ text: String) throws(BadValue) -> Bool {
        switch text.lowercased() {
        case "1", "yes", "y", "true", "t", "on": return true
        case "0", "no", "n", "false", "f", "off": return false
        default: throw BadValue()
        }
    }

    static func text(_ text: String) -> String { text }

    static func integer(_ range: ClosedRange<Int>) -> @Sendable (String) throws(BadValue) -> Int {
        { (text) throws(BadValue) in
            guard isNumber(text), let value = Int(text), range.contains(value) else { throw BadValue() }
            return value
        }
    }

    static func span(_ range: ClosedRange<TimeSpan>) -> @Sendable (String) throws(BadValue) -> TimeSpan {
        { (text) throws(BadValue) in
            let span = try TimeSpan(systemd: text)
            guard span >= range.lowerBound else { throw BadValue("\(range.lowerBound) is the least") }
            guard span <= range.upperBound else { throw BadValue("\(range.upperBound) is the most") }
            return span
        }
    }

    /// One of the words of an enumeration, as they are spelled.
    static func word<T: RawRepresentable & CaseIterable>(_ text: String) throws(BadValue) -> T
    where T.RawValue == String {
        if let value = T(rawValue: text) { return value }
        let meant = NearMiss.find(text, among: T.allCases.lazy.map(\.rawValue))
        throw BadValue(meant.map { "did you mean '\($0)'?" } ?? "")
    }

    /// `10%` or `10`.
    static func percent(_ text: String) throws(BadValue) -> Int {
        let digits = text.hasSuffix("%") ? String(text.dropLast().trimmed) : text
        guard isNumber(digits), let value = Int(digits), value <= 100 else { throw BadValue() }
        return value
    }

    /// Bytes: `4096`, `64K`, `1M`, `1.5G`; the suffixes count by 1024, as systemd's do.
    static func byteSize(_ range: ClosedRange<Int64>) -> @Sendable (String) throws(BadValue) -> Int64 {
        { (text) throws(BadValue) in
            let size = try bytes(text)
            guard size >= range.lowerBound else { throw BadValue("\(range.lowerBound) bytes are the least") }
            guard size <= range.upperBound else { throw BadValue("\(range.upperBound) bytes are the most") }
            return size
        }
    }

    private static func bytes(_ text: String) throws(BadValue) -> Int64 {
        var number = text[...]
        if number.hasSuffix("B") { number = number.dropLast() }
        var scale: Int64 = 1
        if let power = number.last.flatMap({ "KMGTPE".firstIndex(of: $0) }) {
            let exponent = "KMGTPE".distance(from: "KMGTPE".startIndex, to: power) + 1
            scale <<= Int64(10 * exponent)
            number = number.dropLast()
        }
        return try decimal(number.trimmed, times: scale)
    }

    /// The product of a decimal number and a unit, cut to a whole number; `1.5` and also `.5` and `1.` are numbers.
    static func decimal(_ number: some StringProtocol, times scale: Int64) throws(BadValue) -> Int64 {
        let parts = number.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let digits = (whole: parts.first ?? "", fraction: parts.count == 2 ? parts[1] : "")
        guard !(digits.whole.isEmpty && digits.fraction.isEmpty), digits.whole.utf8.allSatisfy(isDigit),
            digits.fraction.utf8.allSatisfy(isDigit)
        else { throw BadValue("\(quoted(number)) is no number") }
        let whole = digits.whole.isEmpty ? 0 : Int64(digits.whole)
        let (product, overflow) = (whole ?? 0).multipliedReportingOverflow(by: scale)
        let (sum, carried) = product.addingReportingOverflow(fraction(digits.fraction.utf8, of: scale))
        guard whole != nil, !overflow, !carried else { throw BadValue("it is too large") }
        return sum
    }

    /// The part of `scale` that the digits behind a point stand for. More than 18 of them say nothing.
    private static func fraction(_ digits: some Sequence<UInt8>, of scale: Int64) -> Int64 {
        var (numerator, denominator): (UInt64, UInt64) = (0, 1)
        for digit in digits.prefix(18) {
            numerator = numerator * 10 + UInt64(digit - UInt8(ascii: "0"))
            denominator *= 10
        }
        let product = numerator.multipliedFullWidth(by: scale.magnitude)
        return Int64(denominator.dividingFullWidth(product).quotient)
    }

    /// Status codes and ranges between blanks or commas: `200-299 304`.
    static func statuses(_ text: String) throws(BadValue) -> StatusSet {
        var ranges: [ClosedRange<Int>] = []
        for word in text.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "," }) {
            ranges.append(try statusRange(word))
        }
        guard !ranges.isEmpty else { throw BadValue() }
        return StatusSet(merging: ranges)
    }

    /// `any`, or the word `transport` among status codes and ranges.
    static func retryCondition(_ text: String) throws(BadValue) -> RetryCondition {
        guard text != "any" else { return .anyFailure }
        var transport = false
        var ranges: [ClosedRange<Int>] = []
        for word in text.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "," }) {
            if word == "transport" {
                transport = true
            } else if word.utf8.allSatisfy({ $0 == UInt8(ascii: "-") || isDigit($0) }) {
                ranges.append(try statusRange(word))
            } else {
                throw BadValue(
                    "\(quoted(word)) is neither" + NearMiss.hint(word, among: ["transport", "any"]))
            }
        }
        guard transport || !ranges.isEmpty else { throw BadValue() }
        return .some(transport: transport, statuses: StatusSet(merging: ranges))
    }

    private static func statusRange(_ word: Substring) throws(BadValue) -> ClosedRange<Int> {
        let ends = word.split(separator: "-", omittingEmptySubsequences: false)
        guard (1...2).contains(ends.count), ends.allSatisfy({ $0.utf8.count == 3 && isNumber($0) }),
            let low = Int(ends[0]), let high = Int(ends[ends.count - 1]), low >= 100, high <= 599
        else { throw BadValue("\(quoted(word)) is no status code from 100 to 599 and no range of them") }
        guard low <= high else { throw BadValue("the range \(quoted(word)) is the wrong way round") }
        return low...high
    }

    /// What a job may be called: the name of its file, and `Id=`.
    static func identity(_ text: String) throws(BadValue) -> JobID {
        guard JobID.isValid(text) else { throw BadValue() }
        return JobID(text)
    }

    static func isNumber(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy(isDigit)
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }
}

extension JobID {
    /// `[A-Za-z0-9][A-Za-z0-9_.-]{0,99}`: fit for a file name, a URL, a label and a terminal. A UUID fits.
    package static func isValid(_ text: Substring) -> Bool {
        let bytes = text.utf8
        guard (1...100).contains(bytes.count), let first = bytes.first, isLetterOrDigit(first) else { return false }
        return bytes.allSatisfy {
            isLetterOrDigit($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
        }
    }

    package static func isValid(_ text: String) -> Bool {
        isValid(text[...])
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        Values.isDigit(byte) || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z"))
    }
}

extension StatusSet {
    /// The same codes in the fewest ranges, in order.
    init(merging ranges: [ClosedRange<Int>]) {
        var merged: [ClosedRange<Int>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, range.lowerBound <= last.upperBound + 1 {
                merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        self.init(merged)
    }
}
