/// A moment of wall-clock time: microseconds since 1970-01-01T00:00:00Z, leap seconds not counted (POSIX time).
///
/// Wall time says *when something is due*; it can be stepped. For *how long*, see ``Instant``.
package struct Timestamp: Hashable, Comparable, Sendable {
    package var microseconds: Int64

    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// Whole seconds since 1970.
    package init(seconds: Int64) {
        self.microseconds = seconds * 1_000_000
    }

    /// Whole seconds since 1970, rounded toward the past.
    package var seconds: Int64 {
        microseconds >= 0 ? microseconds / 1_000_000 : -((-microseconds + 999_999) / 1_000_000)
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }

    package static func + (left: Timestamp, right: TimeSpan) -> Timestamp {
        Timestamp(microseconds: left.microseconds.addingClamped(right.microseconds))
    }

    package static func - (left: Timestamp, right: TimeSpan) -> Timestamp {
        Timestamp(microseconds: left.microseconds.addingClamped(-right.microseconds))
    }

    package static func - (left: Timestamp, right: Timestamp) -> TimeSpan {
        TimeSpan(microseconds: left.microseconds.addingClamped(-right.microseconds))
    }
}

extension Int64 {
    /// The sum, held at the ends of the range: a span of years added to a moment must not trap the daemon.
    func addingClamped(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        guard overflow else { return sum }
        return other > 0 ? .max : .min
    }
}
