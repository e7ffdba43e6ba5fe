import CronCore
import History
import Testing

@Suite struct HistoryBoundsTests {
    private static let gibibyte: UInt64 = 1 << 30
    private static let mebibyte: UInt64 = 1 << 20

    private func use(
        _ bytes: UInt64, disk: UInt64 = 100 * gibibyte, free: UInt64 = 50 * gibibyte, raw: Int = 1, others: UInt64 = 0
    ) -> HistoryUse {
        HistoryUse(bytes: bytes, segmentBytes: bytes - others, rawSegments: raw, diskBytes: disk, freeBytes: free)
    }

    struct LimitRow: Sendable {
        var maxUse: Int64?
        var keepFree: Int64?
        var disk: UInt64
        var free: UInt64
        var used: UInt64
        var limit: UInt64
        var setting: String
    }

    static let limits = [
        // The defaults: 10 % and 15 %, each at most 4 GiB.
        LimitRow(disk: 10 * gibibyte, free: 8 * gibibyte, used: 0, limit: gibibyte, setting: "HistoryMaxUse="),
        LimitRow(disk: 400 * gibibyte, free: 8 * gibibyte, used: 0, limit: 4 * gibibyte, setting: "HistoryMaxUse="),
        LimitRow(
            disk: 400 * gibibyte, free: 2 * gibibyte, used: 3 * gibibyte, limit: gibibyte, setting: "HistoryKeepFree="),
        LimitRow(
            disk: 20 * gibibyte, free: 2 * gibibyte, used: 2 * gibibyte, limit: gibibyte, setting: "HistoryKeepFree="),
        // What is asked for, and a quarter of it when the disk has been filled by something else.
        LimitRow(
            maxUse: 8 << 20, keepFree: 0, disk: gibibyte, free: 100 * mebibyte, used: 0, limit: 8 * mebibyte,
            setting: "HistoryMaxUse="),
        LimitRow(
            maxUse: 8 << 20, keepFree: 99 << 20, disk: gibibyte, free: 100 * mebibyte, used: 5 * mebibyte,
            limit: 6 * mebibyte, setting: "HistoryKeepFree="),
        LimitRow(
            maxUse: 8 << 20, keepFree: .max, disk: gibibyte, free: 100 * mebibyte, used: 5 * mebibyte,
            limit: 2 * mebibyte, setting: "HistoryKeepFree="),
        LimitRow(
            maxUse: .max, keepFree: 0, disk: .max, free: .max, used: .max, limit: UInt64(Int64.max),
            setting: "HistoryMaxUse="),
        LimitRow(disk: 0, free: 0, used: 0, limit: 0, setting: "HistoryMaxUse="),
    ]

    @Test(arguments: limits)
    func `the limit is the lower of two, but never for the sake of others alone`(row: LimitRow) {
        let limit = HistoryBounds(maxUse: row.maxUse, keepFree: row.keepFree).limit(
            for: use(row.used, disk: row.disk, free: row.free))
        #expect(limit.bytes == row.limit)
        #expect(limit.setting == row.setting)
    }

    @Test func `a compaction may leave the limit, or an eighth less once it was reached`() {
        let bounds = HistoryBounds(maxUse: 800 << 20)
        #expect(bounds.room(for: use(400 << 20)) == 800 << 20)
        #expect(bounds.room(for: use(400 << 20, others: 100 << 20)) == 700 << 20)
        #expect(bounds.room(for: use(801 << 20)) == 700 << 20)
        #expect(bounds.room(for: use(801 << 20, others: 100 << 20)) == 600 << 20)
        #expect(bounds.room(for: use(801 << 20, others: 600 << 20)) == 400 << 20)
    }

    @Test func `a bound that is reached, and nothing less, compacts early`() {
        let early = EarlyCompaction(segmentSize: 1 << 20)
        let bounds = HistoryBounds(maxUse: 64 << 20, keepFree: 0)
        #expect(early.reason(use(64 << 20), bounds) == nil)
        #expect(
            early.reason(use(65 << 20), bounds)
                == "the history takes 65 MiB, and HistoryMaxUse= leaves it 64 MiB")
        #expect(early.reason(use(1 << 20, raw: 255), bounds) == nil)
        #expect(
            early.reason(use(1 << 20, raw: 256), bounds) == "the history has 256 files that are not compacted")
    }

    @Test func `one that did not help is not repeated before the history has grown`() {
        var early = EarlyCompaction(segmentSize: 1 << 20)
        let bounds = HistoryBounds(maxUse: 64 << 20, keepFree: 0)
        early.note(use(70 << 20), bounds)
        #expect(early.reason(use(77 << 20), bounds) == nil)
        #expect(early.reason(use(78 << 20), bounds) != nil)
        // A bound that was lowered since is a new one.
        #expect(early.reason(use(71 << 20), HistoryBounds(maxUse: 60 << 20, keepFree: 0)) != nil)
        early.note(use(50 << 20), bounds)
        #expect(early.reason(use(65 << 20), bounds) != nil)
        early.note(use(1 << 20, raw: 260), bounds)
        #expect(early.reason(use(1 << 20, raw: 323), bounds) == nil)
        #expect(early.reason(use(1 << 20, raw: 324), bounds) != nil)
        early.note(use(1 << 20, raw: 3), bounds)
        #expect(early.reason(use(1 << 20, raw: 256), bounds) != nil)
    }

    @Test func `sizes are rounded for a person`() {
        let shown: [(UInt64, String)] = [
            (0, "0 bytes"), (1_023, "1023 bytes"), (1_024, "1 KiB"), (1_600, "1.5 KiB"), (10_700, "10 KiB"),
            (3 << 29, "1.5 GiB"), (.max, "15 EiB"),
        ]
        for (bytes, words) in shown { #expect(bytes.inBytes == words) }
    }
}
