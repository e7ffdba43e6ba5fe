/// A length of time in microseconds, the resolution of systemd's time spans and of the record.
package struct TimeSpan: Hashable, Comparable, Sendable {
    package var microseconds: Int64

    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    package static let zero = TimeSpan(microseconds: 0)

    package static func milliseconds(_ count: Int64) -> TimeSpan { TimeSpan(microseconds: count * 1_000) }
    package static func seconds(_ count: Int64) -> TimeSpan { TimeSpan(microseconds: count * 1_000_000) }
    package static func minutes(_ count: Int64) -> TimeSpan { .seconds(count * 60) }
    package static func hours(_ count: Int64) -> TimeSpan { .seconds(count * 3_600) }
    package static func days(_ count: Int64) -> TimeSpan { .seconds(count * 86_400) }

    package static func < (left: TimeSpan, right: TimeSpan) -> Bool {
        left.microseconds < right.microseconds
    }

    package static func + (left: TimeSpan, right: TimeSpan) -> TimeSpan {
        TimeSpan(microseconds: left.microseconds.addingClamped(right.microseconds))
    }

    package static func - (left: TimeSpan, right: TimeSpan) -> TimeSpan {
        TimeSpan(microseconds: left.microseconds.subtractingClamped(right.microseconds))
    }

    /// The product, held at the ends of the range.
    package static func * (left: TimeSpan, right: Int64) -> TimeSpan {
        let (product, overflow) = left.microseconds.multipliedReportingOverflow(by: right)
        guard overflow else { return TimeSpan(microseconds: product) }
        return TimeSpan(microseconds: (left.microseconds < 0) == (right < 0) ? .max : .min)
    }
}
