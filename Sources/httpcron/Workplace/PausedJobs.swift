internal import CronCore
internal import History

extension HistorySnapshot {
    /// The pauses that jobs are in.
    var pauses: [JobID: Pause] {
        var pauses: [JobID: Pause] = [:]
        for job in pausedJobs {
            var cursor = newestFirst(jobs: [job])
            while let record = cursor.next() {
                guard let pause = record.pause else { continue }
                pauses[job] = pause
                break
            }
        }
        return pauses
    }
}

extension Record {
    /// nil: it is not the one that a pause begins with.
    var pause: Pause? {
        guard case .state(let state) = self, case .paused(let pause) = state.kind else { return nil }
        return pause
    }
}
