internal import CronCore

/// The record, followed as it grows: what became of every occurrence and of every run. Written apart from the engine,
/// from the design, so that the two can disagree.
struct RunBook {
    struct Line {
        enum Phase: Equatable {
            case pending
            case started(ExecutionID)
            case failed
            /// `again`: it was dropped before it began, because what triggers it was not recorded.
            case ended(again: Bool)
        }

        var job: JobID
        var trigger: Trigger
        /// The number of the attempt under way, or of the next one.
        var attempt: Int
        var phase: Phase
        /// The execution that triggered it.
        var cause: ExecutionID?

        var isOpen: Bool { if case .ended = phase { false } else { true } }
    }

    struct Standing {
        var account: Account
        var openRuns = 0
        /// The newest pause; nil: it has ended.
        var pause: Pause?
        /// Records of it were lost, so that the rest need not add up.
        var isTainted = false
        /// The disk refused some of its records for too long.
        var wasShed = false
    }

    let history: HistoryID
    private(set) var runs: [RunID: Line] = [:]
    private(set) var jobs: [JobID: Standing] = [:]
    /// By their fingerprints, every schedule that a job has had.
    private(set) var schedules: [UInt64: Schedule]

    init(history: HistoryID, schedules: [UInt64: Schedule]) {
        self.history = history
        self.schedules = schedules
    }

    mutating func learn(_ schedule: Schedule) { schedules[schedule.fingerprint] = schedule }

    /// Records of `job` are gone: nothing is expected of the others.
    mutating func taint(_ job: JobID) {
        jobs[job]?.isTainted = true
    }

    /// The first record of a job whose others need not add up.
    mutating func begin(tainted record: Record) {
        jobs[record.header.job] = Standing(account: record.header.account, isTainted: true)
    }

    /// Takes the next record in. Gives what is wrong with it.
    mutating func take(_ record: Record) -> Violation? {
        let header = record.header
        let before = jobs[header.job]
        if before == nil { jobs[header.job] = Standing(account: header.account) }
        if case .note(let note) = record, note.reason == .lost {
            if note.detail == "not recorded", jobs[header.job]?.isTainted != true {
                return broken(.runs, record, "of what is there")
            }
            jobs[header.job]?.isTainted = true
            if note.detail != "not recorded" { jobs[header.job]?.wasShed = true }
        }
        let isTainted = jobs[header.job]?.isTainted ?? false
        let complaint = isTainted ? nil : account(for: record, after: before?.account)
        let stands = isTainted ? nil : pauses(record, before?.account)
        followPause(record)
        let other = follow(record)
        jobs[header.job]?.account = header.account
        if isTainted { return nil }
        if let first = complaint ?? stands ?? other { return first }
        let open = jobs[header.job]?.openRuns ?? 0
        guard Int(header.account.openRuns) != open else { return nil }
        return broken(.runs, record, "counts \(header.account.openRuns) open runs of \(open)")
    }

    private mutating func followPause(_ record: Record) {
        guard case .state(let state) = record else { return }
        switch state.kind {
        case .paused(let pause): jobs[state.header.job]?.pause = pause
        case .resumed: jobs[state.header.job]?.pause = nil
        case .accountingBegan, .absent, .clockCorrected, .pending: break
        }
    }

    // MARK: - Runs

    private mutating func follow(_ record: Record) -> Violation? {
        switch record {
        case .start(let start):
            guard let line = begin(start.run, start.header.job, start.attempt) else {
                return broken(.runs, record, "of a run that stands at \(text(start.run.id))")
            }
            set(start.run.id, line, .started(start.execution))
        case .execution(let execution):
            guard let line = runs[execution.run.id], line.phase == .started(execution.id),
                line.attempt == execution.attempt
            else { return broken(.runs, record, "of a run that stands at \(text(execution.run.id))") }
            var next = line
            if execution.nextAttemptAt != nil { next.attempt += 1 }
            set(execution.run.id, next, execution.nextAttemptAt == nil ? .ended(again: false) : .failed)
        case .state(let state):
            guard case .pending(let pending) = state.kind else { return nil }
            guard let line = begin(pending.run, state.header.job, pending.attempt) else {
                return broken(.runs, record, "of a run that stands at \(text(pending.run.id))")
            }
            set(pending.run.id, line, .pending)
        case .note(let note):
            guard let run = note.run, let line = runs[run] else { return nil }
            // A call that fails where nothing may go on any more has an execution, and a note of what it would have become.
            let endsTwice = note.reason == .dropped || (note.reason == .paused && note.header.account.isPaused)
            if !line.isOpen, !endsTwice {
                return broken(.runs, record, "of a run that has ended")
            }
            let never = line.phase == .pending && line.attempt == 1
            if line.isOpen { set(run, line, .ended(again: never && note.reason == .dropped)) }
        }
        return nil
    }

    /// The line of a run that begins, or begins again, with this attempt; nil: it must not.
    private func begin(_ run: Run, _ job: JobID, _ attempt: Int) -> Line? {
        let first = Line(job: job, trigger: run.trigger, attempt: 1, phase: .pending, cause: run.cause?.execution)
        guard let line = runs[run.id] else { return attempt == 1 ? first : nil }
        switch line.phase {
        case .pending, .failed: return line.attempt == attempt ? line : nil
        case .ended(again: true): return attempt == 1 ? first : nil
        case .started, .ended: return nil
        }
    }

    private mutating func set(_ run: RunID, _ line: Line, _ phase: Line.Phase) {
        var line = line
        let wasOpen = runs[run]?.isOpen ?? false
        line.phase = phase
        runs[run] = line
        if line.isOpen != wasOpen { jobs[line.job]?.openRuns += line.isOpen ? 1 : -1 }
    }

    private func text(_ run: RunID) -> String {
        guard let line = runs[run] else { return "no record at all" }
        return "attempt \(line.attempt), \(line.phase)"
    }

    func broken(_ promise: Promise, _ record: Record, _ words: String) -> Violation {
        Violation(promise: promise, words: "\(Comparison.words(record)) \(words)")
    }
}
