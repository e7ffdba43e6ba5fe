internal import Configuration
internal import CronCore
internal import Glibc
internal import History

/// What the compactor's thread works with, and remembers from one compaction to the next.
struct CompactorDesk {
    private let directory: String
    private let history: HistoryWriter
    private let stop: StopFlag
    private var early: EarlyCompaction

    init(directory: String, segmentSize: UInt64, history: HistoryWriter, stop: StopFlag) {
        self.directory = directory
        self.history = history
        self.stop = stop
        early = EarlyCompaction(segmentSize: segmentSize)
    }

    /// Why the history must be compacted before its time; nil: it need not.
    func look(_ bounds: HistoryBounds) -> String? {
        // A directory that cannot be read is for the writer to tell.
        guard !stop.isSet, let use = try? HistoryUse.measure(directory: directory) else { return nil }
        return early.reason(use, bounds)
    }

    mutating func compact(_ order: Compactor.Order) -> CompactionOutcome {
        let began = SystemClock.monotonicMicroseconds()
        awaitSeal(after: order.sealedBefore)
        let result = result(of: order)
        var outcome = CompactionOutcome(
            result: result, took: TimeSpan(microseconds: SystemClock.monotonicMicroseconds() - began))
        if !stop.isSet, let use = try? HistoryUse.measure(directory: directory) {
            early.note(use, order.bounds)
            let limit = order.bounds.limit(for: use)
            if use.bytes > limit.bytes {
                outcome.excess = "\(use.bytes.inBytes), and \(limit.setting) leaves it \(limit.bytes.inBytes)"
            }
        }
        return outcome
    }

    private func result(of order: Compactor.Order) -> CompactionOutcome.Result {
        do throws(HistoryError) {
            let rules = RetentionRules(jobs: order.files.retention, keepRemoved: order.keepRemoved)
            let use = try? HistoryUse.measure(directory: directory)
            var last = SystemClock.monotonicMicroseconds()
            let report = try history.compact(rules, maxUse: use.map { order.bounds.room(for: $0) }) {
                bytes in
                let now = SystemClock.monotonicMicroseconds()
                rest(CompactionPace.rest(after: bytes, took: TimeSpan(microseconds: now - last)))
                last = SystemClock.monotonicMicroseconds()
                return !stop.isSet
            }
            if let report { return .done(report) }
            return stop.isSet ? .gaveUp : .nothingToDo
        } catch {
            return .failed(error)
        }
    }

    /// The active segment is sealed by two other threads; what it holds should be part of this. But not at any price: a
    /// disk that refuses does not seal it, and an empty one is not sealed at all.
    private func awaitSeal(after segment: UInt64) {
        for _ in 0..<40 where history.sealedThrough <= segment && !stop.isSet { rest(.milliseconds(50)) }
    }

    private func rest(_ span: TimeSpan) {
        usleep(UInt32(clamping: span.microseconds))
    }
}
