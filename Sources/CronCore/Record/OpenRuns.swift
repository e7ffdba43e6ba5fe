/// Finds a job's unfinished runs by reading its records from the newest back: the newest record of a run says how the
/// run stands. Pure; the caller stops reading once `isComplete`.
package struct OpenRuns: Sendable {
    private var missing: UInt32
    private var seen: Set<RunID> = []
    private var found: [OpenRun] = []

    /// A start reads back at most so many of a job's records, and compaction keeps what is found that way.
    package static let longestSearch = 100_000

    /// `expected`: the open runs that the job's newest record counts.
    package init(expecting expected: UInt32) {
        missing = expected
    }

    /// Whether every open run has been found.
    package var isComplete: Bool { missing == 0 }

    /// What was found, oldest first. What triggered them, `failed`, is for the caller to add.
    package var oldestFirst: [OpenRun] { found.reversed() }

    /// Takes in the job's next older record.
    package mutating func add(_ record: Record) {
        guard !isComplete else { return }
        switch record {
        case .start(let start):
            settle(start.run.id, .interrupted(start, failed: nil))
        case .execution(let execution):
            settle(execution.run.id, execution.nextAttemptAt == nil ? nil : .retry(execution, failed: nil))
        case .note(let note):
            if let run = note.run { settle(run, nil) }
        case .state(let state):
            if case .pending(let pending) = state.kind { settle(pending.run.id, .pending(pending, failed: nil)) }
        }
    }

    private mutating func settle(_ run: RunID, _ open: OpenRun?) {
        guard seen.insert(run).inserted, let open else { return }
        found.append(open)
        missing -= 1
    }
}

extension OpenRun {
    /// The run that is open.
    package var run: Run {
        switch self {
        case .interrupted(let start, _): start.run
        case .retry(let execution, _): execution.run
        case .pending(let pending, _): pending.run
        }
    }

    /// The same with the execution that triggered the run.
    package func triggered(by failed: Execution?) -> OpenRun {
        switch self {
        case .interrupted(let start, _): .interrupted(start, failed: failed)
        case .retry(let execution, _): .retry(execution, failed: failed)
        case .pending(let pending, _): .pending(pending, failed: failed)
        }
    }
}
