internal import CronCore

/// Joins sealed segments into one file that holds what the rules keep, grouped by job. `Format.md`, section Compaction.
package enum Compaction {
    /// Blocks until it is done; for a thread of its own. Changes nothing but the segments up to `order.through`, so a
    /// writer may go on meanwhile. Any failure before the commit leaves the history as it was.
    ///
    /// nil: there is nothing to join, or `pace` said to stop. `pace` is told of each piece read or written, in bytes, at
    /// most about 1 MiB; it may take its time, and gives false to give up. "Now" is `settings.now()`.
    package static func run(
        _ storage: any Storage, settings: HistorySettings, order: CompactionOrder, pace: (Int) -> Bool
    ) throws(HistoryError) -> CompactionReport? {
        guard let run = try CompactionRun(storage, through: order.through) else { return nil }
        return try withoutActuallyEscaping(pace) { pace throws(HistoryError) in
            let attempt = CompactionAttempt(run, storage, settings, order, IOMeter(pace))
            do throws(CompactionFault) {
                return try attempt.run()
            } catch {
                switch error {
                case .stopped: return nil
                case .history(let error): throw error
                case .damaged(let number, _): throw .copyDiffers(file: run.inputs[number].segment.path)
                case .system(let error) where error.isFull:
                    throw .noRoom(path: storage.path, needed: attempt.needed, error)
                case .system(let error): throw .system(error)
                }
            }
        }
    }
}
