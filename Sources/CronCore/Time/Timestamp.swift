/// A moment of wall-clock time: microseconds since 1970-01-01T00:00:00Z, leap seconds not counted (POSIX time).
///
/// Wall time says *when something is due*; it can be stepped. For *how long*, see ``Instant``.
package struct Timestamp: Hashable, Comparable, Sendable {
    package var microseconds: Int64

    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// Whole seconds since 1970, held at the ends of the range: about 292,000 years either way.
    package init(seconds: Int64) {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        self.microseconds = overflow ? (seconds < 0 ? .min : .max) : product
    }

    /// Whole seconds since 1970, rounded toward the past.
    package var seconds: Int64 {
        microseconds.flooredDivision(by: 1_000_000).quotient
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }

    package static func + (left: Timestamp, right: TimeSpan) -> Timestamp {
        Timestamp(microseconds: left.microseconds.addingClamped(right.microseconds))
    }

    package static func - (left: Timestamp, right: TimeSpan) -> Timestamp {
        Timestamp(microseconds: left.microseconds.subtractingClamped(right.microseconds))
    }

    package static func - (left: Timestamp, right: Timestamp) -> TimeSpan {
        TimeSpan(microseconds: left.microseconds.subtractingClamped(right.microseconds))
    }
}

extension Int64 {
    /// The sum, held at the ends of the range: a span of years added to a moment must not trap the daemon.
    func addingClamped(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        guard overflow else { return sum }
        return other > 0 ? .max : .min
    }

    /// The difference, likewise.
    func subtractingClamped(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        guard overflow else { return difference }
        return other > 0 ? .min : .max
    }
}
