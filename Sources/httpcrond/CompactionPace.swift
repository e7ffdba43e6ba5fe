internal import CronCore

/// How long a compaction rests after each piece of work, so that nobody notices it.
struct CompactionPace {
    /// Bytes a second that it reads and writes at most.
    private static let rate: Int64 = 64 << 20
    /// However slow the disk or busy the machine: ten million records, some 5 GB in pieces of a quarter of a MiB at
    /// least, take no half hour longer for it.
    private static let longest = TimeSpan.milliseconds(80)

    /// As long as the work took, so that it has half of one core at most, and longer where it was faster than the rate.
    static func rest(after bytes: Int, took: TimeSpan) -> TimeSpan {
        let least = TimeSpan(microseconds: Int64(clamping: bytes).multipliedClamped(by: 1_000_000) / rate)
        return min(longest, max(took, least - took))
    }
}

extension Int64 {
    fileprivate func multipliedClamped(by other: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}
