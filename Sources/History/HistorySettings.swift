package import CronCore
internal import Glibc

/// What a history is opened with.
package struct HistorySettings: Sendable {
    /// `SegmentSize=`: a segment is sealed when it has grown to this many bytes.
    package var segmentSize: UInt64
    /// `UnsyncedLimit=`: bytes of records that may wait in memory for the disk.
    package var unsyncedLimit: Int
    /// Open a history on a network file system all the same.
    package var allowsNetworkFileSystem: Bool
    /// The wall clock.
    package var now: @Sendable () -> Timestamp
    /// 64 random bits for salts and the history id.
    package var random: @Sendable () -> UInt64

    package init(
        segmentSize: UInt64 = 16 << 20, unsyncedLimit: Int = 64 << 20, allowsNetworkFileSystem: Bool = false,
        now: @escaping @Sendable () -> Timestamp = { systemTime() },
        random: @escaping @Sendable () -> UInt64 = { .random(in: .min ... .max) }
    ) {
        self.segmentSize = max(segmentSize, 16 << 10)
        self.unsyncedLimit = max(unsyncedLimit, 1 << 16)
        self.allowsNetworkFileSystem = allowsNetworkFileSystem
        self.now = now
        self.random = random
    }
}

/// `CLOCK_MONOTONIC`, for waits.
func monotonicMilliseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
}

/// `CLOCK_REALTIME`.
package func systemTime() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
}
