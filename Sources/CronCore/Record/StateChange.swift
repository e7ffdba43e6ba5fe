/// A change of a job's standing that is neither an attempt nor an occurrence; the header's account is what came of it.
package struct StateChange: Equatable, Sendable {
    package var header: RecordHeader
    package var kind: Kind

    package init(header: RecordHeader, kind: Kind) {
        self.header = header
        self.kind = kind
    }

    package enum Kind: Equatable, Sendable {
        /// First seen, or its schedule changed, or back after an absence: the accounting starts at the cursor.
        case accountingBegan
        /// Its job file went away.
        case absent
        /// The clock had been ahead: the epoch was raised and the cursor moved back.
        case clockCorrected
        /// A run that has still to begin, or to go on: triggered, queued, or cut short by a stop.
        case pending(PendingRun)
        /// Nothing starts from here on.
        case paused(Pause)
        /// It goes on. `by`: who said so; empty: its time had come.
        case resumed(by: String)
    }
}

/// Why a job stands still.
package struct Pause: Equatable, Sendable {
    package var since: Timestamp
    /// When it goes on by itself; nil: when somebody says so.
    package var until: Timestamp?
    /// What was said about it; may be empty.
    package var reason: String
    /// Who asked for it: `uid 1000`, `an API token`.
    package var by: String

    package init(since: Timestamp, until: Timestamp? = nil, reason: String = "", by: String = "") {
        self.since = since
        self.until = until
        self.reason = reason
        self.by = by
    }
}

/// A run that waits in the record: it starts, or goes on, as soon as the daemon can.
package struct PendingRun: Equatable, Sendable {
    package var run: Run
    /// The number of the next attempt.
    package var attempt: Int
    /// Not before this moment.
    package var dueAt: Timestamp

    package init(run: Run, attempt: Int, dueAt: Timestamp) {
        self.run = run
        self.attempt = attempt
        self.dueAt = dueAt
    }
}

extension Record {
    /// The pause that a job is in, by its records, newest first; nil: none, or the record that says why is lost. One from
    /// before a time when the job was not paused is of another pause, which may have had an end.
    package static func pause(_ next: () -> Record?) -> Pause? {
        while let record = next(), record.header.account.isPaused {
            if case .state(let state) = record, case .paused(let pause) = state.kind { return pause }
        }
        return nil
    }
}
