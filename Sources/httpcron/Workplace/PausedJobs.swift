internal import CronCore
internal import History

extension HistorySnapshot {
    /// The pauses that jobs are in.
    var pauses: [JobID: Pause] {
        var pauses: [JobID: Pause] = [:]
        for job in pausedJobs {
            var cursor = newestFirst(jobs: [job])
            pauses[job] = Record.pause { cursor.next() }
        }
        return pauses
    }
}
