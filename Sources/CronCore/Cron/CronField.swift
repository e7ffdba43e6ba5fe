/// The values that one field of a cron expression allows: a set of numbers below 64, a bit each.
struct CronField: Hashable, Sendable {
    private(set) var bits: UInt64 = 0

    init() {}

    init(_ values: some Sequence<Int>) {
        for value in values { insert(value) }
    }

    var isEmpty: Bool { bits == 0 }
    var count: Int { bits.nonzeroBitCount }

    /// The values in rising order.
    var values: [Int] { (0..<64).filter(contains) }

    mutating func insert(_ value: Int) {
        bits |= 1 << UInt64(value)
    }

    mutating func formUnion(_ other: CronField) {
        bits |= other.bits
    }

    func contains(_ value: Int) -> Bool {
        bits >> UInt64(value) & 1 == 1
    }

    /// The least value that is `value` or more.
    func first(from value: Int) -> Int? {
        let rest = (bits >> UInt64(value)) << UInt64(value)
        return rest == 0 ? nil : rest.trailingZeroBitCount
    }
}

/// The five places of a cron expression: what each is called and what it accepts.
package enum CronFieldKind: Int, CaseIterable, Hashable, Sendable {
    case minute
    case hour
    case dayOfMonth
    case month
    case dayOfWeek

    package var name: String {
        switch self {
        case .minute: "minute"
        case .hour: "hour"
        case .dayOfMonth: "day of month"
        case .month: "month"
        case .dayOfWeek: "day of week"
        }
    }

    /// The numbers accepted. In day of week both 0 and 7 are Sunday.
    var range: ClosedRange<Int> {
        switch self {
        case .minute: 0...59
        case .hour: 0...23
        case .dayOfMonth: 1...31
        case .month: 1...12
        case .dayOfWeek: 0...7
        }
    }

    /// The names accepted besides numbers, the first for the number `firstNamed`.
    var names: [String] {
        switch self {
        case .minute, .hour, .dayOfMonth: []
        case .month: Self.months
        case .dayOfWeek: Self.weekdays
        }
    }

    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    private static let weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

    private var firstNamed: Int { self == .month ? 1 : 0 }

    /// The number that a name stands for, in whatever case it is written.
    func value(named word: ArraySlice<UInt8>) -> Int? {
        guard word.count == 3, word.allSatisfy(\.isLetter) else { return nil }
        let index = names.firstIndex { name in zip(name.utf8, word).allSatisfy { $0 == $1 | 0x20 } }
        return index.map { $0 + firstNamed }
    }

    /// What may stand in the field, for a diagnostic.
    var accepted: String {
        switch self {
        case .minute: "0-59"
        case .hour: "0-23"
        case .dayOfMonth: "1-31, L (the last day) and LW (the last weekday)"
        case .month: "1-12 and jan-dec"
        case .dayOfWeek: "0-7 (0 and 7 are Sunday), sun-sat, 5#3 (the third Friday) and 5L (the last Friday)"
        }
    }
}
