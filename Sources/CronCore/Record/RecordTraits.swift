/// What retention needs to know of a record: no texts, no bodies, so that millions can be looked at.
package struct RecordTraits: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case start
        case execution
        case note
        /// A state that a run is pending.
        case pending
        /// Any other state; a number for each kind.
        case state(UInt8)
        /// A kind, or a form of one, that this version does not know.
        case unknown
    }

    package var kind: Kind
    package var sequence: SequenceNumber
    /// When the attempt finished or began; for others, when the record was made.
    package var at: Timestamp
    /// The run that the record is about, if any.
    package var run: RunID?
    /// Of a start or an execution.
    package var execution: ExecutionID?
    package var attempt = 0
    package var hasFailed = false
    /// A failed execution with a next attempt to come.
    package var awaitsRetry = false

    package init(kind: Kind, sequence: SequenceNumber, at: Timestamp, run: RunID? = nil) {
        self.kind = kind
        self.sequence = sequence
        self.at = at
        self.run = run
    }

    package init(_ record: Record) {
        let header = record.header
        switch record {
        case .start(let start):
            self.init(kind: .start, sequence: header.sequence, at: start.startedAt, run: start.run.id)
            execution = start.execution
            attempt = start.attempt
        case .execution(let end):
            self.init(kind: .execution, sequence: header.sequence, at: end.finishedAt, run: end.run.id)
            execution = end.id
            attempt = end.attempt
            hasFailed = !end.succeeded
            awaitsRetry = end.nextAttemptAt != nil
        case .note(let note):
            self.init(kind: .note, sequence: header.sequence, at: header.recordedAt, run: note.run)
        case .state(let state):
            self.init(kind: Kind(state.kind), sequence: header.sequence, at: header.recordedAt)
            if case .pending(let pending) = state.kind { run = pending.run.id }
        }
    }

    /// Whether the run goes on behind this record, if no newer one is about it. As ``OpenRuns`` has it.
    var leavesRunOpen: Bool {
        switch kind {
        case .start, .pending: true
        case .execution: awaitsRetry
        case .note, .state, .unknown: false
        }
    }
}

extension RecordTraits.Kind {
    init(_ state: StateChange.Kind) {
        switch state {
        case .accountingBegan: self = .state(1)
        case .absent: self = .state(2)
        case .clockCorrected: self = .state(3)
        case .pending: self = .pending
        case .paused: self = .state(5)
        case .resumed: self = .state(6)
        }
    }
}
