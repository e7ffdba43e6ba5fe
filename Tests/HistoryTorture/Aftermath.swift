import CronCore
import History

/// What the daemon's start makes of a damaged history: nothing may be lost that could be read before it, and a second
/// start finds nothing left to do.
enum Aftermath {
    static func problem(
        _ disk: MemoryDisk, before: Reading, _ judge: Judge, mayLack: (SequenceNumber) -> Bool
    ) -> String? {
        let left = MemoryDisk(disk.contents)
        let restored: RestoredHistory
        do throws(HistoryError) {
            restored = try HistoryStore.prepare(left, settings: .fixed(seed: 99)).restored
        } catch {
            return "the start fails: \(error)"
        }
        let after = Reading(left, judge, mayLack: mayLack, thoroughly: true)
        let readable = Set(before.records.map(\.header.sequence))
        if let problem = after.problem ?? judge.problem(after.records, mayLack: { !readable.contains($0) }) {
            return "after the start: \(problem)"
        }
        if after.records.count != before.records.count { return "the start found records that the readers did not" }
        if let last = after.records.last, restored.nextSequence <= last.header.sequence {
            return "after the start record \(restored.nextSequence) would be written again"
        }
        return restart(left)
    }

    /// Opens what is in order already: nothing must change.
    static func restart(_ disk: MemoryDisk) -> String? {
        let contents = disk.contents
        let changes = disk.changes
        do throws(HistoryError) {
            _ = try HistoryStore.prepare(disk, settings: .fixed(seed: 98))
        } catch {
            return "the second start fails: \(error)"
        }
        if disk.changes != changes || disk.contents != contents { return "the second start changes something" }
        return nil
    }
}
