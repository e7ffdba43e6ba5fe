internal import CronCore

// Whether each occurrence is accounted for once: a record that moves its job's cursor must itself be the account of
// every occurrence that the cursor passes.

extension RunBook {
    func account(for record: Record, after before: Account?) -> Violation? {
        let account = record.header.account
        if case .state(let state) = record, let isRight = change(state, after: before) {
            return isRight ? nil : broken(.occurrences, record, "is not in place: \(state.kind)")
        }
        guard let before else {
            // A start may end what triggers a job before it gets to the job itself.
            if !account.isAccounted, case .state = record { return nil }
            return broken(.occurrences, record, "comes before the job's accounting began")
        }
        if account.epoch != before.epoch || account.schedule != before.schedule {
            return broken(.occurrences, record, "changes the accounting without saying so")
        }
        let moves = account.cursor != before.cursor
        if let run = newRun(of: record) { return begin(run, record, before, moves: moves) }
        guard case .note(let note) = record, note.run == nil else {
            return moves
                ? broken(
                    .occurrences, record,
                    "moves the cursor from \(before.cursor.iso8601) to \(account.cursor.iso8601) and accounts for nothing"
                ) : nil
        }
        switch note.reason {
        case .missed, .skippedOverlap, .overflow, .paused: break
        default: return moves ? broken(.occurrences, record, "moves the cursor") : nil
        }
        guard moves else { return broken(.occurrences, record, "notes what is accounted for already") }
        guard let passed = occurrences(from: before, through: account.cursor) else {
            return broken(.occurrences, record, "notes occurrences that the schedule does not have")
        }
        let isWhole = passed.first == note.first && passed.last == note.last
        let counts = passed.count == note.count && passed.isCapped == !note.detail.isEmpty
        return isWhole && counts
            ? nil
            : broken(
                .occurrences, record,
                "notes \(note.count) from \(note.first.iso8601) to \(note.last.iso8601) where \(passed.count) from "
                    + "\(passed.first.iso8601) to \(passed.last.iso8601) were passed")
    }

    /// Whether a state may begin, end or correct the accounting here. nil: it does none of these.
    private func change(_ state: StateChange, after before: Account?) -> Bool? {
        let account = state.header.account
        switch state.kind {
        case .pending:
            return nil
        case .paused: return before?.cursor == account.cursor && account.isPaused
        case .resumed: return before?.cursor == account.cursor && before?.isPaused == true && !account.isPaused
        case .absent:
            return !account.isAccounted && before?.cursor == account.cursor
        case .clockCorrected:
            guard let before else { return false }
            return account.cursor < before.cursor && account.epoch == before.epoch &+ 1
        case .accountingBegan:
            guard let before else { return true }
            let epoch = account.cursor < before.cursor ? before.epoch &+ 1 : before.epoch
            return before.schedule != account.schedule && account.epoch == epoch
        }
    }

    /// The run of an occurrence that this record is the first to tell of.
    private func newRun(of record: Record) -> (id: RunID, occurrence: Timestamp)? {
        let run: Run
        switch record {
        case .start(let start): run = start.run
        case .state(let state):
            guard case .pending(let pending) = state.kind else { return nil }
            run = pending.run
        case .note(let note):
            // What another job would have triggered is noted where it would have run.
            let wasTriggered = note.reason == .overflow || note.reason == .paused
            guard let id = note.run, runs[id] == nil, !wasTriggered else { return nil }
            return (id, note.first)
        case .execution: return nil
        }
        guard runs[run.id] == nil, run.trigger == .schedule || run.trigger == .catchUp else { return nil }
        return (run.id, run.scheduledAt)
    }

    private func begin(
        _ run: (id: RunID, occurrence: Timestamp), _ record: Record, _ before: Account, moves: Bool
    ) -> Violation? {
        let account = record.header.account
        guard moves else { return broken(.occurrences, record, "begins a run of what is accounted for already") }
        guard let passed = occurrences(from: before, through: account.cursor), passed.first == passed.last,
            passed.first == run.occurrence, account.cursor == run.occurrence
        else {
            return broken(
                .occurrences, record,
                "begins the run of \(run.occurrence.iso8601) and moves the cursor from \(before.cursor.iso8601) to \(account.cursor.iso8601)"
            )
        }
        let id = RunID(history: history, job: record.header.job, occurrence: run.occurrence, epoch: account.epoch)
        return id == run.id ? nil : broken(.occurrences, record, "has the id of another run")
    }

    private func occurrences(from before: Account, through end: Timestamp) -> OccurrenceRange? {
        schedules[before.schedule]?.occurrences(after: before.cursor, through: end, limit: 1_000)
    }
}
