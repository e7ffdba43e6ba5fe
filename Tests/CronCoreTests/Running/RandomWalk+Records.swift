import CronCore

// What the record must say, wherever it is cut and at the end.

extension RandomWalk {
    /// What holds for every prefix of the history.
    func checkRecords() {
        checkCounts()
        if let broken = world.brokenPause { complain(broken) }
    }

    /// Wherever the history is cut, its newest record of a job counts the runs that are open up to there.
    private func checkCounts() {
        var open: [JobID: Set<RunID>] = [:]
        for record in world.records {
            let header = record.header
            switch record {
            case .start(let start):
                open[header.job, default: []].insert(start.run.id)
            case .execution(let execution) where execution.nextAttemptAt != nil:
                open[header.job, default: []].insert(execution.run.id)
            case .execution(let execution):
                open[header.job]?.remove(execution.run.id)
            case .note(let note):
                if let run = note.run { open[header.job]?.remove(run) }
            case .state(let state):
                if case .pending(let pending) = state.kind { open[header.job, default: []].insert(pending.run.id) }
            }
            if Int(header.account.openRuns) != open[header.job]?.count ?? 0 {
                return complain("\(header.job) miscounts its open runs at \(header.sequence)")
            }
        }
    }

    func checkAtTheEnd() {
        checkRecords()
        let fold = RecordFold(world.records, historyID: world.historyID).restored
        for (id, job) in fold.jobs where !job.open.isEmpty { complain("\(id) leaves \(job.open) open") }
        var attempts: [RunID: [Int]] = [:]
        for case .execution(let execution) in world.records {
            attempts[execution.run.id, default: []].append(execution.attempt)
        }
        for numbers in attempts.values where numbers != Array(1...numbers.count) {
            complain("a run has the attempts \(numbers)")
        }
        guard kind == .accountable else { return }
        for job in inOrder(jobs) { account(for: job) }
    }

    /// Each occurrence since the accounting began has exactly one run or is covered by exactly one note.
    private func account(for job: Job) {
        var runs: [Timestamp: Set<RunID>] = [:]
        var notes: [Note] = []
        for record in world.records where record.header.job == job.id {
            var run: Run?
            switch record {
            case .start(let start): run = start.run
            case .execution(let execution): run = execution.run
            case .state(let state): if case .pending(let pending) = state.kind { run = pending.run }
            case .note(let note):
                // A run may end before it had any other record.
                if note.run == nil { notes.append(note) }
                let id = RunID(history: world.historyID, job: job.id, occurrence: note.first, epoch: 0)
                if note.run == id { runs[note.first, default: []].insert(id) }
            }
            if let run, run.trigger == .schedule || run.trigger == .catchUp {
                runs[run.scheduledAt, default: []].insert(run.id)
            }
        }
        guard case .state(let began) = world.records.first(where: { $0.header.job == job.id }) else {
            return complain("\(job.id) did not begin")
        }
        var covered: [Timestamp: Int] = runs.mapValues(\.count)
        for note in notes {
            var cursor = note.first - TimeSpan(microseconds: 1)
            while let next = job.schedule.next(after: cursor), next <= note.last {
                cursor = next
                covered[next, default: 0] += 1
            }
        }
        var cursor = began.header.account.cursor
        guard let last = world.records.last(where: { $0.header.job == job.id })?.header.account.cursor else { return }
        var count = 0
        while let next = job.schedule.next(after: cursor), next <= last {
            cursor = next
            count += 1
            if covered[next] != 1 { complain("\(job.id) at \(next) is accounted for \(covered[next] ?? 0) times") }
        }
        let noted = notes.reduce(0) { $0 + Int($1.count) }
        if noted + runs.count != count { complain("\(job.id): \(noted) noted, \(runs.count) run, of \(count)") }
    }
}
