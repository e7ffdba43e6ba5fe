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

extension Record {
    /// The pause that a job is in, by its records, newest first; nil: none, or the record that says why is lost. One from
    /// before a time when the job was not paused is of another pause.
    static func pause(_ next: () -> Record?) -> Pause? {
        while let record = next(), record.header.account.isPaused {
            if case .state(let state) = record, case .paused(let pause) = state.kind { return pause }
        }
        return nil
    }
}
