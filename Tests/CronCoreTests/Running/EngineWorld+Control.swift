import CronCore

/// What somebody may ask of a running engine.
extension EngineWorld {
    func run(_ job: String, _ token: ControlToken = 1) {
        tell(.control(.run(JobID(job), by: "uid 0"), token))
    }

    func pause(_ job: String, until: Timestamp? = nil, reason: String = "deploy", _ token: ControlToken = 2) {
        tell(.control(.pause(JobID(job), Pause(since: now.wall, until: until, reason: reason, by: "uid 0")), token))
    }

    func resume(_ job: String, _ token: ControlToken = 3) {
        tell(.control(.resume(JobID(job), by: "uid 0"), token))
    }

    /// The run that the answer to `token` names.
    func accepted(_ token: ControlToken) -> RunID? {
        guard case .accepted(let id) = answers[token] else { return nil }
        return id
    }

    /// What is wrong with the record of pauses: a flag that the states do not explain, or something that began, or was
    /// to go on, while it stood.
    var brokenPause: String? {
        var paused: Set<JobID> = []
        for record in records {
            let header = record.header
            switch record {
            case .state(let state):
                switch state.kind {
                case .paused: paused.insert(header.job)
                case .resumed:
                    guard paused.remove(header.job) != nil else { return "\(header.job) resumed, but was not paused" }
                case .pending where paused.contains(header.job): return "\(header.job) has a run while it is paused"
                case .accountingBegan, .absent, .clockCorrected, .pending: break
                }
            case .start where paused.contains(header.job): return "\(header.job) starts while it is paused"
            case .execution(let execution):
                if execution.nextAttemptAt != nil, paused.contains(header.job) {
                    return "\(header.job) is to retry while it is paused"
                }
            case .start, .note: break
            }
            if header.account.isPaused != paused.contains(header.job) {
                return "\(header.job) is wrong about its pause at \(header.sequence)"
            }
        }
        return nil
    }

    /// Occurrences of the job that the record accounts for: those with a run, and those that notes count.
    func accounted(_ id: String) -> (runs: Set<Timestamp>, noted: UInt64) {
        var runs: Set<Timestamp> = []
        var noted: UInt64 = 0
        for record in records where record.header.job == JobID(id) {
            var run: Run?
            switch record {
            case .start(let start): run = start.run
            case .execution(let execution): run = execution.run
            case .state(let state): if case .pending(let pending) = state.kind { run = pending.run }
            case .note(let note):
                if note.run == nil {
                    noted += note.count
                } else if note.run == RunID(history: historyID, job: JobID(id), occurrence: note.first, epoch: 0) {
                    runs.insert(note.first)
                }
            }
            if let run, run.trigger == .schedule || run.trigger == .catchUp { runs.insert(run.scheduledAt) }
        }
        return (runs, noted)
    }
}
