/// Decides whether the history must be compacted before its time: because it has reached a bound, or has too many files.
///
/// A compaction that could not get it below must not be repeated with every segment that is sealed: after one the
/// history has to grow for a while first.
package struct EarlyCompaction: Sendable {
    /// What the last compaction left, and the bounds that it was to keep.
    private var left: (use: HistoryUse, bounds: HistoryBounds)?
    /// `SegmentSize=`.
    private let segmentSize: UInt64
    /// Segments waiting to be joined that are too many.
    package static let mostSegments = 256

    package init(segmentSize: UInt64) {
        self.segmentSize = segmentSize
    }

    /// Why it must, in words for the log; nil: it need not.
    package func reason(_ use: HistoryUse, _ bounds: HistoryBounds) -> String? {
        let limit = bounds.limit(for: use)
        if use.bytes > limit.bytes, hasGrown(use, limit.bytes, bounds) {
            return "the history takes \(use.bytes.inBytes), and \(limit.setting) leaves it \(limit.bytes.inBytes)"
        }
        if use.rawSegments >= max(Self.mostSegments, (left?.use.rawSegments ?? 0) + 64) {
            return "the history has \(use.rawSegments) files that are not compacted"
        }
        return nil
    }

    /// What a compaction has left, however it went.
    package mutating func note(_ use: HistoryUse, _ bounds: HistoryBounds) { left = (use, bounds) }

    private func hasGrown(_ use: HistoryUse, _ limit: UInt64, _ bounds: HistoryBounds) -> Bool {
        guard let left, left.bounds == bounds, left.use.bytes > limit - limit / 16 else { return true }
        return use.bytes >= left.use.bytes + max(limit / 8, 4 * segmentSize)
    }
}

extension UInt64 {
    /// Rounded for a person: `850 bytes`, `12 KiB`, `1.5 GiB`.
    package var inBytes: String {
        var value = self
        var rest: UInt64 = 0
        var unit = 0
        while value >= 1_024, unit < Self.units.count - 1 {
            rest = value % 1_024
            value /= 1_024
            unit += 1
        }
        let tenth = rest * 10 / 1_024
        let fraction = value < 10 && unit > 0 && tenth > 0 ? ".\(tenth)" : ""
        return "\(value)\(fraction) \(Self.units[unit])"
    }

    private static let units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
}
