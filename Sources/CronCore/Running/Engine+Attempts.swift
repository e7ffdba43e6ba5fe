// One attempt: its start record, and its request.

extension Engine {
    /// Begins an attempt for which a place is held: appends the start record. The request leaves once that is written
    /// (at-least-once) or synced (at-most-once); while the disk refuses, at-least-once does not wait.
    mutating func launch(_ index: Int32, at now: Moment, into effects: inout [Effect]) {
        let slot = runs[index].job
        let job = slots[Int(slot)].job
        move(index, to: .awaitingRecord)
        guard !diskRefuses || job.delivery == .atLeastOnce else { return park(index, at: now) }
        runs[index].definition = job
        if runs[index].startSequence == 0 { recordStart(index, at: now, into: &effects) }
        awaitRecord(index, at: now, into: &effects)
    }

    private mutating func recordStart(_ index: Int32, at now: Moment, into effects: inout [Effect]) {
        let id = ExecutionID(UUID(version7At: now.wall, random: (random.next(), random.next())))
        runs[index].execution = id
        let run = runs[index].run
        let attempt = Int(runs[index].attempt)
        runs[index].startSequence = append(for: runs[index].job, beginning: index, at: now, into: &effects) {
            .start(Start(header: $0, run: run, attempt: attempt, execution: id, startedAt: now.wall))
        }
    }

    /// Hands the request over. `now` is the attempt's start.
    mutating func send(_ index: Int32, at now: Moment, into effects: inout [Effect]) {
        guard let job = runs[index].definition else { return }
        move(index, to: .inFlight)
        runs[index].startedAt = now
        effects.append(
            .send(
                Attempt(
                    key: runs.key(of: index).attemptKey, job: job, run: runs[index].run,
                    number: Int(runs[index].attempt), execution: runs[index].execution, startedAt: now,
                    failed: runs[index].cause?.execution)))
    }
}
