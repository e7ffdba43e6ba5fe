import CronCore

/// What a start learns from a list of records: the least that could be right, written apart from the real one.
struct RecordFold {
    var restored: RestoredHistory

    init(_ records: [Record], historyID: HistoryID) {
        var jobs: [JobID: RestoredJob] = [:]
        var executions: [ExecutionID: Execution] = [:]
        for record in records {
            let header = record.header
            var job = jobs[header.job] ?? RestoredJob(account: header.account, open: [])
            job.account = header.account
            switch record {
            case .start(let start):
                Self.close(start.run.id, in: &job)
                job.open.append(.interrupted(start, failed: start.run.cause.flatMap { executions[$0.execution] }))
            case .execution(let execution):
                executions[execution.id] = execution
                job.lastExecution = execution
                Self.close(execution.run.id, in: &job)
                if execution.nextAttemptAt != nil {
                    let failed = execution.run.cause.flatMap { executions[$0.execution] }
                    job.open.append(.retry(execution, failed: failed))
                }
            case .note(let note):
                if let run = note.run { Self.close(run, in: &job) }
            case .state(let state):
                if case .pending(let pending) = state.kind {
                    Self.close(pending.run.id, in: &job)
                    job.open.append(.pending(pending, failed: nil))
                }
            }
            jobs[header.job] = job
        }
        for (id, job) in jobs {
            jobs[id]?.open = job.open.map { run in
                guard case .pending(let pending, _) = run else { return run }
                return .pending(pending, failed: pending.run.cause.flatMap { executions[$0.execution] })
            }
        }
        restored = RestoredHistory(
            historyID: historyID, nextSequence: (records.last?.header.sequence ?? 0) + 1,
            lastWrittenAt: records.last?.header.recordedAt, jobs: jobs)
    }

    private static func close(_ run: RunID, in job: inout RestoredJob) {
        job.open.removeAll { open in
            switch open {
            case .interrupted(let start, _): start.run.id == run
            case .retry(let execution, _): execution.run.id == run
            case .pending(let pending, _): pending.run.id == run
            }
        }
    }
}
