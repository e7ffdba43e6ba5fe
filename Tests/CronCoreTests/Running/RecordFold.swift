import CronCore

/// What a start learns from a list of records: the least that could be right, written apart from the real one.
struct RecordFold {
    var restored: RestoredHistory

    init(_ records: [Record], historyID: HistoryID) {
        var jobs: [JobID: RestoredJob] = [:]
        var executions: [ExecutionID: Execution] = [:]
        /// Of each run the newest record that says how it stands, and where that is.
        var open: [JobID: [RunID: (place: Int, run: OpenRun)]] = [:]
        var pauses: [JobID: Pause] = [:]
        for (place, record) in records.enumerated() {
            let header = record.header
            let pause = header.account.isPaused ? pauses[header.job] : nil
            jobs[header.job] = RestoredJob(account: header.account, open: [], pause: pause)
            switch record {
            case .start(let start):
                open[header.job, default: [:]][start.run.id] = (place, .interrupted(start, failed: nil))
            case .execution(let execution):
                executions[execution.id] = execution
                let goesOn = execution.nextAttemptAt != nil
                open[header.job, default: [:]][execution.run.id] =
                    goesOn ? (place, .retry(execution, failed: nil)) : nil
            case .note(let note):
                if let run = note.run { open[header.job]?[run] = nil }
            case .state(let state):
                if case .paused(let pause) = state.kind {
                    pauses[header.job] = pause
                    jobs[header.job]?.pause = pause
                }
                guard case .pending(let pending) = state.kind else { break }
                open[header.job, default: [:]][pending.run.id] = (place, .pending(pending, failed: nil))
            }
        }
        for (id, runs) in open {
            jobs[id]?.open = runs.values.sorted { $0.place < $1.place }.map { Self.adding(executions, to: $0.run) }
        }
        restored = RestoredHistory(
            historyID: historyID, nextSequence: (records.last?.header.sequence ?? 0) + 1,
            lastWrittenAt: records.last?.header.recordedAt, jobs: jobs)
    }

    /// The run with the execution that triggered it.
    private static func adding(_ executions: [ExecutionID: Execution], to open: OpenRun) -> OpenRun {
        switch open {
        case .interrupted(let start, _):
            .interrupted(start, failed: start.run.cause.flatMap { executions[$0.execution] })
        case .retry(let execution, _):
            .retry(execution, failed: execution.run.cause.flatMap { executions[$0.execution] })
        case .pending(let pending, _):
            .pending(pending, failed: pending.run.cause.flatMap { executions[$0.execution] })
        }
    }
}
