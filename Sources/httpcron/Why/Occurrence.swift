internal import CronCore

/// All that the record says of one occurrence.
struct OccurrenceRecord: Equatable {
    let occurrence: Timestamp
    /// What was recorded for its runs, oldest first. Almost always one run: a clock correction can give a second.
    private(set) var attempts: [Execution] = []
    /// Attempts that were begun and are not recorded as ended.
    private(set) var begun: [Start] = []
    private(set) var pending: PendingRun?
    /// Notes that cover it, oldest first.
    private(set) var notes: [Note] = []

    /// `records` are those of one job, oldest first.
    init(_ occurrence: Timestamp, in records: [Record]) {
        self.occurrence = occurrence
        for record in records { take(record) }
        let ended = Set(attempts.map(\.id))
        begun.removeAll { ended.contains($0.execution) }
        let runs = Set(attempts.map(\.run.id)).union(begun.map(\.run.id))
        for case .note(let note) in records {
            let isOfRun = note.run.map(runs.contains) ?? false
            let covers = note.reason != .lost && note.first <= occurrence && occurrence <= note.last
            if isOfRun || covers { notes.append(note) }
        }
    }

    private mutating func take(_ record: Record) {
        switch record {
        case .execution(let execution) where execution.run.scheduledAt == occurrence:
            attempts.append(execution)
            if pending?.run.id == execution.run.id { pending = nil }
        case .start(let start) where start.run.scheduledAt == occurrence:
            begun.append(start)
            if pending?.run.id == start.run.id { pending = nil }
        case .state(let state):
            if case .pending(let run) = state.kind, run.run.scheduledAt == occurrence { pending = run }
        case .execution, .start, .note:
            break
        }
    }

    var isEmpty: Bool { attempts.isEmpty && begun.isEmpty && pending == nil && notes.isEmpty }
}

extension Record {
    /// The occurrence that the record is about; nil for one about none, or about many.
    var occurrence: Timestamp? {
        switch self {
        case .execution(let execution): execution.run.scheduledAt
        case .start(let start): start.run.scheduledAt
        case .note(let note): note.first == note.last ? note.first : nil
        case .state(let state):
            if case .pending(let run) = state.kind { run.run.scheduledAt } else { nil }
        }
    }
}
