internal import CronCore

/// What people ask of the daemon, and whether its answers are true.
struct ControlDesk {
    private struct Asked {
        var request: ControlRequest
        /// The last record that there was before.
        var after: SequenceNumber
    }

    private var asked: [ControlToken: Asked] = [:]
    private var last: ControlToken = 0
    /// Jobs whose pause was answered, and that nobody has resumed.
    private var paused: Set<JobID> = []

    /// A request that waits for its answer.
    var unanswered: ControlToken? { asked.keys.min() }

    func hasPaused(_ job: JobID) -> Bool { paused.contains(job) }

    mutating func take(_ request: ControlRequest, after sequence: SequenceNumber) -> ControlToken {
        last += 1
        asked[last] = Asked(request: request, after: sequence)
        return last
    }

    /// The daemon is no more: who waits for an answer gets none, and whoever starts next knows pauses by the record.
    mutating func close() {
        asked = [:]
        paused = []
    }

    /// A pause has ended by itself.
    mutating func resumed(_ job: JobID) { paused.remove(job) }

    /// `synced`: every record up to this one is on the disk, or nothing has to be.
    mutating func check(
        _ answer: ControlAnswer, to token: ControlToken, in ledger: Ledger, _ book: RunBook,
        through synced: SequenceNumber, isTainted: (JobID) -> Bool
    ) -> Violation? {
        guard let asked = asked.removeValue(forKey: token) else {
            return broken("request \(token) is answered twice, or was never made")
        }
        let job = asked.request.job
        let records = ledger.records(of: job, after: asked.after)
        switch (answer, asked.request) {
        case (.accepted(let id), .run):
            let record = records.first { record in
                guard case .state(let state) = record, case .pending(let pending) = state.kind else { return false }
                return pending.run.id == id && pending.run.trigger == .manual && pending.attempt == 1
            }
            return isSafe(record, synced) ? nil : broken("the run of \(job) is accepted and not on record")
        case (.done, .pause(_, let pause)):
            let record = records.first { $0.stateKind == .paused(pause) }
            if record.map({ !ledger.hasResumed(job, after: $0.header.sequence) }) ?? false { paused.insert(job) }
            return isSafe(record, synced) ? nil : broken("the pause of \(job) is done and not on record")
        case (.done, .resume(_, let by)):
            return isSafe(records.first { $0.stateKind == .resumed(by: by) }, synced)
                ? nil : broken("\(job) is resumed, and that is not on record")
        case (.refused(let refusal), _):
            guard !isTainted(job), let standing = book.jobs[job] else { return nil }
            return isTrue(refusal, standing) ? nil : broken("\(job) refuses, and is not \(refusal)")
        default:
            return broken("\(answer) is no answer to \(asked.request)")
        }
    }

    private func isSafe(_ record: Record?, _ synced: SequenceNumber) -> Bool {
        record.map { $0.header.sequence <= synced } ?? false
    }

    private func isTrue(_ refusal: ControlRefusal, _ standing: RunBook.Standing) -> Bool {
        switch refusal {
        case .paused: standing.account.isPaused
        case .notPaused: !standing.account.isPaused
        // A run that no record knows yet may be under way.
        case .overlap, .tooMany, .disabled, .unknownJob, .notReady: true
        }
    }

    private func broken(_ words: String) -> Violation { Violation(promise: .answered, words: words) }
}

extension Record {
    fileprivate var stateKind: StateChange.Kind? {
        if case .state(let state) = self { state.kind } else { nil }
    }
}

extension Ledger {
    /// What was appended for the job behind `sequence`.
    fileprivate func records(of job: JobID, after sequence: SequenceNumber) -> [Record] {
        guard sequence < last else { return [] }
        return (sequence + 1...last).compactMap { entry($0)?.record }.filter { $0.header.job == job }
    }

    fileprivate func hasResumed(_ job: JobID, after sequence: SequenceNumber) -> Bool {
        records(of: job, after: sequence).contains { if case .resumed = $0.stateKind { true } else { false } }
    }
}
