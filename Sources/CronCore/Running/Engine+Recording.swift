// How records are made. Every append goes through here.

extension Engine {
    /// Appends a record of a job.
    ///
    /// The header's cursor tells a later start which occurrences need no more thought. So a run that no record knows
    /// yet is put on record first, as pending, unless this is the record that begins it (`beginning`): whatever prefix
    /// of the history survives a crash, each occurrence up to its cursor has a record, and each one after it has none.
    ///
    /// Whoever changes the account for a record to come calls `recordUnrecorded` before that, or the pending record
    /// would tell a change that has no record yet.
    @discardableResult
    mutating func append(
        for slot: Int32, beginning run: Int32 = none, at now: Moment, into effects: inout [Effect],
        _ record: (RecordHeader) -> Record
    ) -> SequenceNumber {
        let unrecorded = slots[Int(slot)].unrecorded
        if unrecorded != none {
            slots[Int(slot)].unrecorded = none
            slots[Int(slot)].account.openRuns += 1
            if unrecorded != run { recordPending(unrecorded, at: now, into: &effects) }
        }
        return append(job: slots[Int(slot)].job.id, slots[Int(slot)].account, at: now, into: &effects, record)
    }

    /// Appends a record of a job that may have no slot.
    @discardableResult
    mutating func append(
        job: JobID, _ account: Account, at now: Moment, into effects: inout [Effect],
        _ record: (RecordHeader) -> Record
    ) -> SequenceNumber {
        let sequence = nextSequence
        nextSequence += 1
        effects.append(
            .append(record(RecordHeader(sequence: sequence, job: job, recordedAt: now.wall, account: account))))
        return sequence
    }

    /// Puts a run on record that waits to begin, or to go on.
    mutating func recordPending(_ index: Int32, at now: Moment, into effects: inout [Effect]) {
        let run = runs[index]
        let pending = PendingRun(run: run.run, attempt: Int(run.attempt), dueAt: run.dueAt)
        append(for: run.job, at: now, into: &effects) { .state(StateChange(header: $0, kind: .pending(pending))) }
    }

    /// Notes occurrences that gave no run, or the end of a run that was forgotten. Logged at once.
    mutating func note(
        _ reason: NoteReason, count: UInt64 = 1, from first: Timestamp, to last: Timestamp, run: RunID? = nil,
        detail: String = "", for slot: Int32, at now: Moment, into effects: inout [Effect]
    ) {
        var noted: Note?
        append(for: slot, at: now, into: &effects) { header in
            let note = Note(
                header: header, reason: reason, count: count, first: first, last: last, run: run, detail: detail)
            noted = note
            return .note(note)
        }
        if let noted { effects.append(.log(.noted(noted))) }
    }

    /// Ends a run with a note instead of an execution.
    mutating func end(
        _ index: Int32, noting reason: NoteReason, detail: String = "", at now: Moment, into effects: inout [Effect]
    ) {
        let run = runs[index].run
        let slot = runs[index].job
        if slots[Int(slot)].unrecorded != index { recordUnrecorded(of: slot, at: now, into: &effects) }
        forget(index)
        note(
            reason, from: run.scheduledAt, to: run.scheduledAt, run: run.id, detail: detail, for: slot, at: now,
            into: &effects)
    }

    /// Sets a job's state and says so in the record.
    mutating func recordState(
        _ kind: StateChange.Kind, for slot: Int32, at now: Moment, into effects: inout [Effect]
    ) {
        append(for: slot, at: now, into: &effects) { .state(StateChange(header: $0, kind: kind)) }
    }
}
