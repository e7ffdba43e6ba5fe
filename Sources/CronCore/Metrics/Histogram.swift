/// Counts spans by upper bounds, as Prometheus has it.
package struct Histogram: Equatable, Sendable {
    /// In microseconds, ascending; what is longer falls into a last bucket of its own.
    package let bounds: [Int64]
    /// By bucket, not added up; one more than there are bounds.
    package private(set) var counts: [UInt64]
    package private(set) var sum: TimeSpan = .zero

    package init(bounds: [Int64]) {
        self.bounds = bounds
        counts = Array(repeating: 0, count: bounds.count + 1)
    }

    package mutating func add(_ span: TimeSpan) {
        let value = max(0, span.microseconds)
        counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
        sum = sum + TimeSpan(microseconds: value)
    }

    package var count: UInt64 { counts.reduce(0, +) }

    /// From a call on loopback to the longest usual Timeout=.
    package static let durations = Histogram(
        bounds: [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000].map { $0 * 1_000 })
    /// From what is aimed for to what is missed.
    package static let lateness = Histogram(
        bounds: [1, 2, 5, 10, 25, 50, 100, 250, 1_000, 5_000, 15_000, 60_000].map { $0 * 1_000 })
}
