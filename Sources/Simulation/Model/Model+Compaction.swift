internal import CronCore
internal import History

// What a compaction may do to the record, and what it did.

extension Model {
    /// Takes what a full buffer has made of records, up to `synced`, for what was appended.
    func acceptShed(_ comparison: Comparison, through synced: SequenceNumber) {
        for record in comparison.replaced where record.header.sequence <= synced {
            ledger.replace(record.header.sequence, by: record)
        }
        for sequence in comparison.missing where sequence <= min(synced, comparison.last) {
            guard let entry = ledger.entry(sequence), !entry.mayBeDropped, !entry.mayBeDamaged else { continue }
            ledger.replace(sequence, by: nil)
            makeHole(in: entry.record.header.job)
        }
    }

    /// Marks what the compaction that begins now is free to drop. Until a start has looked, that may be there or not.
    /// `synced`: what comes after it is in no segment that may be taken.
    func beginCompaction(
        _ order: CompactionOrder, at now: Timestamp, through synced: SequenceNumber
    ) -> RetentionOracle {
        var causes: Set<ExecutionID> = []
        var open: Set<RunID> = []
        for (run, line) in book.runs where line.isOpen && !isTainted(line.job) {
            open.insert(run)
            if let cause = line.cause { causes.insert(cause) }
        }
        let oracle = RetentionOracle(
            rules: order.rules, now: now, isBounded: order.maxUse != nil, openRuns: open, causes: causes)
        for (job, records) in newestFirst({ _ in true }) {
            let kept = isTainted(job) ? [] : Set(oracle.mustKeep(records))
            for record in records where record.header.sequence <= synced && !kept.contains(record.header.sequence) {
                ledger.change(record.header.sequence) { $0.mayBeDropped = true }
            }
        }
        return oracle
    }

    /// A compaction is done: its cover has these records. What it dropped stays away from now on.
    func endCompaction(_ oracle: RetentionOracle, cover: Set<SequenceNumber>, through last: SequenceNumber) {
        let kept = newestFirst { cover.contains($0) }
        let causes = Self.causesOfOpenRuns(kept)
        for (job, records) in kept where !isTainted(job) {
            if let excess = oracle.excess(records, causes: causes) {
                fail(.compaction, "the cover has too much of \(job): \(excess)")
            }
        }
        guard last > 0 else { return }
        for sequence in 1...last where ledger.entry(sequence)?.mayBeDropped == true {
            ledger.change(sequence) { entry in
                entry.mayBeDropped = false
                entry.isDropped = !cover.contains(sequence)
            }
        }
    }

    /// What triggered the runs that these records leave open: they may have ended since, in a segment that is not sealed.
    private static func causesOfOpenRuns(_ jobs: [JobID: [Record]]) -> Set<ExecutionID> {
        var causes: Set<ExecutionID> = []
        for records in jobs.values {
            var met: Set<RunID> = []
            for record in records {
                switch record {
                case .start(let start) where met.insert(start.run.id).inserted:
                    if let cause = start.run.cause { causes.insert(cause.execution) }
                case .execution(let execution) where met.insert(execution.run.id).inserted:
                    guard execution.nextAttemptAt != nil, let cause = execution.run.cause else { break }
                    causes.insert(cause.execution)
                case .state(let state):
                    guard case .pending(let pending) = state.kind, met.insert(pending.run.id).inserted else { break }
                    if let cause = pending.run.cause { causes.insert(cause.execution) }
                case .note(let note): if let run = note.run { met.insert(run) }
                case .start, .execution: break
                }
            }
        }
        return causes
    }

    /// The records that are there, by their jobs.
    private func newestFirst(_ takes: (SequenceNumber) -> Bool) -> [JobID: [Record]] {
        var jobs: [JobID: [Record]] = [:]
        for entry in ledger.entries.reversed() {
            guard let entry, !entry.isDropped, takes(entry.record.header.sequence) else { continue }
            jobs[entry.record.header.job, default: []].append(entry.record)
        }
        return jobs
    }
}
