/// `HistoryMaxUse=` and `HistoryKeepFree=`: what a history may take of its disk.
package struct HistoryBounds: Hashable, Sendable {
    /// nil: 10 % of the file system, at most 4 GiB.
    private let maxUse: UInt64?
    /// nil: 15 % of the file system, at most 4 GiB.
    private let keepFree: UInt64?

    package init(maxUse: Int64? = nil, keepFree: Int64? = nil) {
        self.maxUse = maxUse.map { UInt64(clamping: $0) }
        self.keepFree = keepFree.map { UInt64(clamping: $0) }
    }

    /// The most that the history may take, and the setting that says so.
    ///
    /// What something else fills the disk with does not cost the record everything: `HistoryKeepFree=` alone never asks
    /// for less than a quarter of what `HistoryMaxUse=` allows.
    package func limit(for use: HistoryUse) -> (bytes: UInt64, setting: String) {
        let cap = maxUse ?? min(use.diskBytes / 10, Self.mostByDefault)
        let free = keepFree ?? min(use.diskBytes / 20 * 3, Self.mostByDefault)
        let (available, overflow) = use.bytes.addingReportingOverflow(use.freeBytes)
        let room = overflow ? .max : available < free ? 0 : available - free
        if cap <= room { return (cap, "HistoryMaxUse=") }
        return (max(room, cap / 4), "HistoryKeepFree=")
    }

    /// What a compaction may leave, for its order. Once the limit is reached it goes an eighth below it: else it would
    /// be reached again by the next segment. A limit that the files in use alone would break does not take all.
    package func room(for use: HistoryUse) -> UInt64 {
        let limit = limit(for: use).bytes
        let target = use.bytes > limit ? limit - limit / 8 : limit
        let others = use.bytes - min(use.bytes, use.segmentBytes)
        return max(limit / 2, target - min(target, others))
    }

    private static var mostByDefault: UInt64 { 4 << 30 }
}
