/// Decides which of one job's records a compaction keeps, told them newest first. Pure, and small: who must go over the
/// same records again keeps copies of it as marks to go back to.
///
/// What a start restores is the same before and after. So besides what ``Retention`` asks for it keeps the newest
/// record, whose header has the account; the record that leaves a run open; and what triggered an open run of another
/// job.
package struct RetentionSelector: Sendable {
    private let retention: Retention
    private let now: Timestamp
    /// Executions that triggered open runs, not met yet.
    private var causes: Set<ExecutionID>
    /// Open runs that the newest record counts and that were not met yet.
    private var missingRuns: UInt32
    /// Runs met, for as long as some are missing.
    private var runs: Set<RunID> = []
    /// Executions whose starts were not met yet.
    private var ended: Set<ExecutionID> = []
    private var isFirst = true
    /// Records met of kinds that a start knows, and those of them that are no starts.
    private var searched = 0
    private var searchedEnds = 0
    private var executions = 0
    private var failures = 0
    private var notes = 0
    private var unknown = 0
    /// A bit for each kind of state met.
    private var states: UInt8 = 0
    private static let allStates: UInt8 = 0b0110_1110
    /// A bound for what damage may leave without a start.
    private static let mostEnded = 4_096

    /// `openRuns`: as the newest record counts them. `causes`: executions of this job that triggered an open run.
    package init(
        _ retention: Retention, openRuns: UInt32, now: Timestamp, causes: Set<ExecutionID> = []
    ) {
        self.retention = retention
        self.now = now
        self.causes = causes
        missingRuns = openRuns
    }

    /// What becomes of a record.
    package enum Verdict: Hashable, Sendable {
        case drop
        /// Kept, unless the history is larger than it may be.
        case keepIfRoom
        case keep
    }

    /// Decides on the job's next older record. `isCompacted`: it comes from an earlier compaction, which has dropped
    /// the starts of what ended.
    package mutating func decide(_ record: RecordTraits, isCompacted: Bool = false) -> Verdict {
        let isPinned = isNeededForOpenRuns(record) || isFirst
        isFirst = false
        let verdict = retain(record, isCompacted: isCompacted)
        return isPinned ? .keep : verdict
    }

    /// Whether any older record could be kept, of so many: what the footer of a segment says of the job. `others`: notes,
    /// states and unknown kinds; nil: it does not say.
    package func mayKeep(records: Int, executions: Int, failures: Int, others: Int?) -> Bool {
        if isFirst || searchesRuns || searchesCauses { return records > 0 }
        if self.executions < max(1, retention.keep) { return records > 0 }
        if executions > 0, retention.keepFor > .zero { return true }
        if failures > 0, self.failures < retention.keepFailures { return true }
        guard others != 0 else { return false }
        return states != Self.allStates || notes < retention.keep || unknown < retention.keep
    }

    /// Some open run, or what triggered one, is still to be found. A start searches as far and no further.
    private var searchesRuns: Bool { missingRuns > 0 && searched < OpenRuns.longestSearch }
    private var searchesCauses: Bool { !causes.isEmpty && searchedEnds < OpenRuns.longestSearch }

    private mutating func isNeededForOpenRuns(_ record: RecordTraits) -> Bool {
        guard record.kind != .unknown else { return false }
        defer {
            searched += 1
            if record.kind != .start { searchedEnds += 1 }
        }
        if searchesCauses, record.kind == .execution, let id = record.execution, causes.remove(id) != nil {
            _ = settlesRun(record)
            return true
        }
        return searchesRuns && settlesRun(record)
    }

    /// Takes in what the record says of its run. Whether it must be kept for it: because the run is open, or because
    /// older records of the run, which may be kept, look as if it were.
    private mutating func settlesRun(_ record: RecordTraits) -> Bool {
        guard searchesRuns, let run = record.run, runs.insert(run).inserted else { return false }
        guard record.leavesRunOpen else { return record.kind == .note || record.attempt > 1 }
        missingRuns -= 1
        return true
    }

    /// What the job's [History] section asks for.
    private mutating func retain(_ record: RecordTraits, isCompacted: Bool) -> Verdict {
        switch record.kind {
        case .start:
            // Without an end it is all that is known of the attempt, and stays for as long as the end would.
            guard let id = record.execution, ended.remove(id) == nil, ended.count < Self.mostEnded else { return .drop }
            return executions < retention.keep || isYoung(record) ? .keepIfRoom : .drop
        case .execution:
            if !isCompacted, let id = record.execution, ended.count < Self.mostEnded { ended.insert(id) }
            return retain(execution: record)
        case .note:
            notes += 1
            return notes <= retention.keep ? .keep : .drop
        case .unknown:
            unknown += 1
            return unknown <= retention.keep ? .keep : .drop
        case .pending:
            return .drop
        case .state(let kind):
            let bit: UInt8 = kind < 8 ? 1 << kind : 0
            defer { states |= bit }
            return states & bit == 0 ? .keep : .drop
        }
    }

    private mutating func retain(execution record: RecordTraits) -> Verdict {
        executions += 1
        if executions == 1 { return .keep }
        if executions <= retention.keep || isYoung(record) { return .keepIfRoom }
        guard record.hasFailed, failures < retention.keepFailures else { return .drop }
        failures += 1
        return .keepIfRoom
    }

    private func isYoung(_ record: RecordTraits) -> Bool {
        retention.keepFor > .zero && now - record.at < retention.keepFor
    }
}
