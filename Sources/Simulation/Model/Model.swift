internal import CronCore
internal import History

/// What must hold of a daemon's lives, checked with everything that it does: it sees what the engine asks for, what the
/// history acknowledges, what the servers get, and what is read after each crash.
final class Model {
    var ledger = Ledger()
    private(set) var book: RunBook
    private(set) var wire = WireLog()
    private(set) var violation: Violation?
    /// Jobs whose records were damaged, or shed: nothing is expected of the rest.
    private var tainted: Set<JobID> = []
    /// Jobs of which a power cut took a record that was not acknowledged, and left a later one: what is left need not
    /// add up.
    private var holed: Set<JobID> = []
    private(set) var holes = 0
    private(set) var shed = 0
    private var startOf: [ExecutionID: SequenceNumber] = [:]
    private var endOf: [ExecutionID: SequenceNumber] = [:]
    private var announced: Set<ExecutionID> = []
    /// When, by the boot clock, a run may be tried again.
    private var notBefore: [RunID: Instant] = [:]
    /// The latest that the wall clock has ever shown.
    private var latestWall = Timestamp(microseconds: .min)
    /// A bit of the history was turned over, so that reports of damage are due.
    var isDamaged = false
    /// Damage to a footer and to the records that it tells of has made a start give out numbers again: nothing can be
    /// said any more.
    private(set) var isLost = false
    /// Whether there is no use in going on.
    var isOver: Bool { violation != nil || isLost }
    private var dead: [WireLog.Sent] = []
    private(set) var desk = ControlDesk()

    init() {
        book = RunBook(history: HistoryID(UUID(high: 0, low: 0)), schedules: [:])
    }

    func fail(_ promise: Promise, _ words: String) {
        fail(Violation(promise: promise, words: words))
    }

    func fail(_ new: Violation?) {
        if violation == nil { violation = new }
    }

    func learn(_ job: Job) { book.learn(job.schedule) }

    func see(_ wall: Timestamp) { latestWall = max(latestWall, wall) }

    func isTainted(_ job: JobID) -> Bool { tainted.contains(job) || book.jobs[job]?.isTainted ?? false }

    /// Whether at most once can be expected of it: that does not depend on what was never acknowledged.
    private func isTrusted(_ job: JobID) -> Bool { !tainted.contains(job) && book.jobs[job]?.wasShed != true }

    /// Nothing is expected of the rest of a job whose records were damaged.
    func taint(_ job: JobID) {
        tainted.insert(job)
        book.taint(job)
    }

    /// Some of the job's records are not there: the others need not add up from the next start on.
    func makeHole(in job: JobID) { holed.insert(job) }

    // MARK: - While it lives

    func append(_ record: Record, at now: Moment) {
        guard ledger.append(record) else {
            return fail(.order, "\(Comparison.words(record)) does not follow on \(ledger.last)")
        }
        see(now.wall)
        enter(record)
        switch record {
        case .start(let start): startOf[start.execution] = record.header.sequence
        case .execution(let execution):
            endOf[execution.id] = record.header.sequence
            if !wire.confirms(execution) {
                fail(.invented, "\(Comparison.words(record)) tells of what did not happen: \(execution.response)")
            }
            if let next = execution.nextAttemptAt { notBefore[execution.run.id] = now.boot + (next - now.wall) }
        case .state(let state):
            if case .resumed = state.kind { desk.resumed(state.header.job) }
        case .note: break
        }
    }

    /// A request leaves. `isRecorded`: every record up to this one is where it must be by then.
    func send(
        _ attempt: Attempt, arrives: Bool, recorded: SequenceNumber, diskRefuses: Bool, at now: Moment
    ) {
        let job = attempt.job
        see(now.wall)
        let start = startOf[attempt.execution]
        let wasRecorded = start.map { $0 <= recorded } ?? false
        if !wasRecorded, job.delivery == .atMostOnce || !diskRefuses {
            fail(.recordedFirst, "\(job.id) sent attempt \(attempt.number) before its start was safe")
        }
        if job.delivery == .atMostOnce, wire.hasArrived(attempt.run.id, of: job.id), isTrusted(job.id) {
            fail(.atMostOnce, "\(job.id) sends the run of \(attempt.run.scheduledAt.iso8601) again")
        }
        if desk.hasPaused(job.id) {
            fail(.paused, "\(job.id) sends attempt \(attempt.number) after its pause was answered")
        }
        let line = book.runs[attempt.run.id]
        if !isTainted(job.id), line?.phase != .started(attempt.execution) || line?.attempt != attempt.number {
            fail(.runs, "\(job.id) sends attempt \(attempt.number) of a run whose record does not say so")
        }
        let isScheduled = attempt.run.trigger == .schedule || attempt.run.trigger == .catchUp
        if isScheduled, latestWall < attempt.run.scheduledAt {
            fail(
                .early,
                "\(job.id) sends the run of \(attempt.run.scheduledAt.iso8601) when the clock never passed \(latestWall.iso8601)"
            )
        }
        if let earliest = notBefore[attempt.run.id], now.boot < earliest {
            fail(
                .early, "\(job.id) tries attempt \(attempt.number) again \((earliest - now.boot).microseconds) µs early"
            )
        }
        wire.send(
            WireLog.Sent(attempt: attempt, startSequence: start ?? 0, wasRecorded: wasRecorded), arrives: arrives)
    }

    /// Whether a note since `sequence` tells that the job was paused up to `last`.
    func hasNoted(_ last: Timestamp, of job: JobID, after sequence: SequenceNumber) -> Bool {
        guard sequence < ledger.last else { return false }
        return (sequence + 1...ledger.last).contains { number in
            guard case .note(let note) = ledger.entry(number)?.record else { return false }
            return note.header.job == job && note.reason == .paused && note.run == nil && note.last == last
        }
    }

    /// Somebody asks for something; gives the token of it.
    func ask(_ request: ControlRequest) -> ControlToken { desk.take(request, after: ledger.last) }

    /// What the daemon answers. `synced`: every record up to this one is on the disk.
    func answer(_ token: ControlToken, _ answer: ControlAnswer, synced: SequenceNumber, diskRefuses: Bool) {
        fail(desk.check(answer, to: token, in: ledger, book, through: diskRefuses ? .max : synced) { isTainted($0) })
    }

    func finish(_ execution: ExecutionID, _ result: TransferResult) { wire.finish(execution, result) }

    func log(_ entry: LogEntry, synced: SequenceNumber, diskRefuses: Bool) {
        let told: (execution: Execution, recorded: Bool)? =
            switch entry {
            case .succeeded(let execution, _, let recorded): (execution, recorded)
            case .willRetry(let execution, let recorded): (execution, recorded)
            case .runFailed(let execution, let recorded): (execution, recorded)
            case .recovered(let execution, let recorded): (execution, recorded)
            default: nil
            }
        guard let told else { return }
        let job = told.execution.header.job
        if !told.recorded, !diskRefuses { fail(.announced, "\(job) logs an execution as unrecorded") }
        guard told.recorded else { return }
        if endOf[told.execution.id].map({ $0 > synced }) ?? true {
            fail(.announced, "\(job) logs an execution as recorded before it is on the disk")
        }
        if !announced.insert(told.execution.id).inserted { fail(.announced, "\(job) logs an execution twice") }
    }

    // MARK: - When it dies

    func die() { dead = wire.bury() }

    /// A start has read the history. `limit`: the end of what must be there.
    func recover(
        _ reading: Reading, _ restored: RestoredHistory, through limit: SequenceNumber, after death: Death?
    ) {
        let sheds = ledger.mayHaveShed
        let comparison = Comparison(
            reading.records, with: ledger, through: limit, death == .kill ? .written : .acknowledged, maySheds: sheds,
            mayReturn: isDamaged)
        fail(comparison.violation)
        if !isDamaged, let false_ = reading.damage.first { fail(.damage, "nothing is damaged, but: \(false_)") }
        // A header may name a seq that was given out and never reached the disk.
        if restored.nextSequence <= comparison.last {
            if isDamaged { isLost = true }
            if !isDamaged { fail(.restored, "the next seq is \(restored.nextSequence), after \(comparison.last)") }
            return
        }
        settle(comparison)
        ledger.begin(endingAt: max(comparison.last, restored.nextSequence - 1))
        if !sheds { checkWire(after: death) }
        rebuild(restored.historyID)
        check(restored)
        (startOf, endOf, announced, notBefore, dead) = ([:], [:], [], [:], [])
        desk.close()
    }

    /// What is not there has never been, or is no more.
    private func settle(_ comparison: Comparison) {
        for sequence in comparison.missing {
            guard let entry = ledger.entry(sequence) else { continue }
            if entry.mayBeDamaged {
                taint(entry.record.header.job)
            } else if !entry.mayBeDropped, sequence < comparison.last {
                makeHole(in: entry.record.header.job)
                holes += 1
            }
            if entry.mayBeDropped {
                ledger.change(sequence) { $0.isDropped = true }
            } else if !entry.mayBeDamaged {
                // What is damaged may still be found by other ways.
                ledger.replace(sequence, by: nil)
            }
        }
        shed += comparison.replaced.count
        for record in comparison.replaced { ledger.replace(record.header.sequence, by: record) }
        for sequence in comparison.returned { ledger.change(sequence) { $0.isDropped = false } }
        for job in ledger.settle() { wire.forget(job) }
    }

    /// What was on the wire is recorded: after a kill always, after a power cut if it had to be on the disk.
    private func checkWire(after death: Death?) {
        for sent in dead where sent.wasRecorded && (death == .kill || sent.attempt.job.delivery == .atMostOnce) {
            guard isTrusted(sent.attempt.job.id) else { continue }
            if case .start(let start)? = ledger.entry(sent.startSequence)?.record,
                start.execution == sent.attempt.execution
            {
                continue
            }
            fail(.wire, "\(sent.attempt.job.id) had sent attempt \(sent.attempt.number), and its start is gone")
        }
    }

    /// Goes through all that is left, as a whole.
    private func rebuild(_ history: HistoryID) {
        book = RunBook(history: history, schedules: book.schedules)
        for entry in ledger.entries {
            if let entry, !entry.isForgotten { enter(entry.record) }
        }
    }

    /// Takes a record into the book.
    private func enter(_ record: Record) {
        let job = record.header.job
        if book.jobs[job] == nil, tainted.contains(job) || holed.contains(job) { book.begin(tainted: record) }
        fail(book.take(record))
    }

    /// What the history says it knows is what its records say.
    private func check(_ restored: RestoredHistory) {
        var openRuns: [JobID: Set<RunID>] = [:]
        for (run, line) in book.runs where line.isOpen { openRuns[line.job, default: []].insert(run) }
        for (id, standing) in book.jobs where !standing.isTainted {
            guard let known = restored.jobs[id] else {
                fail(.restored, "\(id) is not known")
                continue
            }
            if known.account != standing.account { fail(.restored, "\(id) has another account: \(known.account)") }
            if known.pause != standing.pause {
                fail(
                    .restored,
                    "\(id) is paused by \(String(describing: known.pause)), not \(String(describing: standing.pause))")
            }
            let open = Set(known.open.map(\.run.id))
            let expected = openRuns[id] ?? []
            if open != expected || known.open.count != expected.count {
                fail(.restored, "\(id) has \(known.open.count) open runs of \(expected.count)")
            }
        }
    }
}
