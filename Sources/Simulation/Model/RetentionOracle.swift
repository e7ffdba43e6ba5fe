internal import CronCore

/// What a compaction must keep and what it must drop of one job, told from the document and apart from the code: the
/// first over the whole record, the second over what the cover has.
struct RetentionOracle {
    let rules: RetentionRules
    let now: Timestamp
    /// The history may have only so many bytes: executions go as well.
    let isBounded: Bool
    /// Runs that are open, and the executions that triggered them.
    let openRuns: Set<RunID>
    let causes: Set<ExecutionID>

    /// `records`: of one job, newest first. Gives the `seq` of those that no compaction may drop.
    func mustKeep(_ records: [Record]) -> [SequenceNumber] {
        // Of a job that is gone a compaction sees what is sealed, and goes by the newest record of that.
        guard let newest = records.first, let retention = retention(newest),
            rules.jobs[newest.header.job] != nil || records.allSatisfy({ self.retention($0) != nil })
        else { return [] }
        var kept = [newest.header.sequence]
        var met: Set<RunID> = []
        var (executions, failures, notes) = (0, 0, 0)
        var states: Set<UInt8> = []
        for record in records {
            var keeps = false
            switch record {
            case .start(let start): keeps = isOpen(start.run.id, &met)
            case .execution(let execution):
                executions += 1
                keeps = isOpen(execution.run.id, &met) || executions == 1 || causes.contains(execution.id)
                guard !isBounded else { break }
                if executions <= retention.keep || isYoung(execution, retention) {
                    keeps = true
                } else if !execution.succeeded, failures < retention.keepFailures {
                    failures += 1
                    keeps = true
                }
            case .note(let note):
                notes += 1
                keeps = notes <= retention.keep
                if let run = note.run { met.insert(run) }
            case .state(let state):
                if case .pending(let pending) = state.kind {
                    keeps = isOpen(pending.run.id, &met)
                } else {
                    keeps = states.insert(Self.number(state.kind)).inserted
                }
            }
            if keeps { kept.append(record.header.sequence) }
        }
        return kept
    }

    /// What is wrong with what a cover has of one job, newest first: too much. nil: it is as little as it may be.
    /// `causes`: what triggered the runs that the cover leaves open.
    func excess(_ records: [Record], causes: Set<ExecutionID>) -> String? {
        guard let newest = records.first else { return nil }
        guard let retention = retention(newest) else { return "\(records.count) records of a job that is long gone" }
        let open = newest.header.account.openRuns
        // What a start needs of runs that are open may be as much as they have records.
        guard open == 0 else { return nil }
        var (plain, failures, notes, starts) = (0, 0, 0, 0)
        var states: [UInt8: Int] = [:]
        var ended: Set<ExecutionID> = []
        for record in records.dropFirst() {
            switch record {
            case .start(let start): if ended.contains(start.execution) { starts += 1 }
            case .execution(let execution):
                ended.insert(execution.id)
                guard !isYoung(execution, retention), !causes.contains(execution.id),
                    !self.causes.contains(execution.id)
                else { break }
                if execution.succeeded { plain += 1 } else { failures += 1 }
            case .note: notes += 1
            case .state(let state):
                if case .pending = state.kind { return "a pending run that is none any more" }
                states[Self.number(state.kind), default: 0] += 1
            }
        }
        let most = max(1, retention.keep)
        if plain > most || plain + failures > most + retention.keepFailures {
            return "\(plain) successes and \(failures) failures"
        }
        if notes > max(0, retention.keep) { return "\(notes) notes" }
        if starts > 0 { return "\(starts) starts of what has ended" }
        return states.values.contains { $0 > 1 } ? "old states" : nil
    }

    private func retention(_ newest: Record) -> Retention? {
        rules.retention(
            of: newest.header.job, newest: newest.header.recordedAt, account: newest.header.account, now: now)
    }

    private func isOpen(_ run: RunID, _ met: inout Set<RunID>) -> Bool {
        met.insert(run).inserted && openRuns.contains(run)
    }

    private func isYoung(_ execution: Execution, _ retention: Retention) -> Bool {
        retention.keepFor > .zero && now - execution.finishedAt < retention.keepFor
    }

    private static func number(_ kind: StateChange.Kind) -> UInt8 {
        switch kind {
        case .accountingBegan: 1
        case .absent: 2
        case .clockCorrected: 3
        case .pending: 4
        case .paused: 5
        case .resumed: 6
        }
    }
}
