import CronCore

/// A whole world around an engine: virtual clocks, a disk that acknowledges, a network that answers. Drives the engine
/// as the daemon does, and keeps what it asked for.
final class EngineWorld {
    /// What a server does with an attempt.
    struct Reply {
        var after: TimeSpan
        var response: Response
        var retryAfter: String?
        var location: String?

        static func ok(after: TimeSpan = .milliseconds(10)) -> Reply {
            Reply(after: after, response: Response(failure: nil, httpStatus: 200, body: Array("fine".utf8)))
        }

        static func status(_ status: Int, after: TimeSpan = .milliseconds(10), retryAfter: String? = nil) -> Reply {
            let failure = Failure(code: "http_status", error: "HTTP \(status)", requestMayHaveLeft: true)
            return Reply(
                after: after, response: Response(failure: failure, httpStatus: status, body: Array("bad".utf8)),
                retryAfter: retryAfter)
        }

        static func refused(after: TimeSpan = .milliseconds(1)) -> Reply {
            let failure = Failure(
                code: "connect_refused", error: "%Mint.TransportError{reason: :econnrefused}",
                requestMayHaveLeft: false)
            return Reply(after: after, response: Response(failure: failure))
        }
    }

    struct Transfer {
        var attempt: Attempt
        /// nil: the server hangs.
        var endsAt: Instant?
        var reply: Reply?
    }

    /// An attempt as it was sent, and when.
    struct Sent {
        var attempt: Attempt
        var at: Moment
    }

    let historyID = HistoryID(UUID(high: 7, low: 9))
    var now: Moment
    private(set) var engine: Engine
    private(set) var records: [Record] = []
    /// How many of `records` have been written, and synced.
    private(set) var written = 0
    private(set) var synced = 0
    /// Attempts that were shown outside.
    private(set) var attempted: [Execution] = []
    private(set) var answers: [ControlToken: ControlAnswer] = [:]
    private(set) var logs: [LogEntry] = []
    private(set) var sent: [Sent] = []
    private(set) var cancelled: [AttemptKey] = []
    private(set) var transfers: [AttemptKey: Transfer] = [:]
    private(set) var hasDrained = false
    private(set) var compactions: [(cause: CompactionCause, at: Moment)] = []
    private(set) var isCompacting = false
    /// How long one takes; nil: for ever.
    var compactionTakes: TimeSpan? = .seconds(1)
    /// When the history was last compacted, as a start is told.
    var compactedAt: Timestamp?
    /// What the last start learned from the records.
    private(set) var lastFold = RecordFold([], historyID: HistoryID(UUID(high: 0, low: 0))).restored
    /// The effects of the last event.
    private(set) var effects: [Effect] = []

    var reply: (Attempt) -> Reply? = { _ in .ok() }
    /// Looks at every effect before it is carried out.
    var inspect: (Effect) -> Void = { _ in }
    /// How long the disk takes; nil: it never acknowledges.
    var writeDelay: TimeSpan? = .zero
    var syncDelay: TimeSpan? = .zero
    private var acknowledgements: [(at: Instant, event: Event)] = []
    private var starts: UInt64 = 0
    private(set) var steps = 0
    let settings: EngineSettings
    let programBuiltAt: Timestamp?

    init(
        at wall: Timestamp = noon, settings: EngineSettings = EngineSettings(), programBuiltAt: Timestamp? = nil
    ) {
        self.now = Moment(wall: wall, boot: Instant(microseconds: 1_000_000_000))
        self.settings = settings
        self.programBuiltAt = programBuiltAt
        self.engine = Engine(settings: settings, seed: 1, programBuiltAt: programBuiltAt)
    }

    /// A world whose engine has started with these jobs and an empty history.
    convenience init(
        jobs: [Job], at wall: Timestamp = noon, settings: EngineSettings = EngineSettings()
    ) {
        self.init(at: wall, settings: settings)
        start(with: jobs)
    }

    // MARK: - Driving

    /// Starts the engine from what the records say.
    func start(with jobs: [Job], inError: [JobID] = []) {
        lastFold = RecordFold(records, historyID: historyID).restored
        lastFold.compactedAt = compactedAt
        tell(.restored(lastFold))
        for job in jobs { tell(.jobLoaded(job)) }
        for id in inError { tell(.jobInError(id)) }
        tell(.jobsComplete)
    }

    /// The daemon dies: what was not synced is lost, but for `kept` records more. A new engine waits for its start.
    func crash(keeping kept: Int? = nil) {
        let survivors = min(records.count, kept.map { synced + $0 } ?? max(written, synced))
        records.removeSubrange(survivors...)
        written = survivors
        synced = survivors
        transfers = [:]
        acknowledgements = []
        isCompacting = false
        hasDrained = false
        starts += 1
        engine = Engine(settings: settings, seed: 1 + starts, programBuiltAt: programBuiltAt)
    }

    /// A compaction drops these records, and all are on the disk.
    func dropRecords(_ isDropped: (Record) -> Bool) {
        records.removeAll(where: isDropped)
        (written, synced) = (records.count, records.count)
    }

    /// The disk refuses for a while, or takes records again.
    func setDisk(refuses: Bool) {
        writeDelay = refuses ? nil : .zero
        syncDelay = refuses ? nil : .zero
        if refuses { acknowledgements = [] }
        tell(.diskRefuses(refuses))
        if !refuses { acknowledgeSynced() }
    }

    func tell(_ event: Event) {
        effects = []
        engine.handle(event, at: now, into: &effects)
        let count = records.count
        for effect in effects { carryOut(effect) }
        if records.count > count { acknowledge() }
    }

    private func carryOut(_ effect: Effect) {
        inspect(effect)
        switch effect {
        case .append(let record):
            records.append(record)
        case .sync:
            break
        case .send(let attempt):
            sent.append(Sent(attempt: attempt, at: now))
            let reply = reply(attempt)
            transfers[attempt.key] = Transfer(
                attempt: attempt, endsAt: reply.map { now.boot + $0.after }, reply: reply)
        case .cancel(let key):
            cancelled.append(key)
            transfers[key] = nil
        case .log(let entry):
            logs.append(entry)
        case .attempted(let execution, _):
            attempted.append(execution)
        case .answer(let token, let answer):
            answers[token] = answer
        case .compact(let cause):
            compactions.append((cause, now))
            isCompacting = true
            if let compactionTakes { acknowledgements.append((now.boot + compactionTakes, .compacted)) }
        case .drained:
            hasDrained = true
        }
    }

    private func acknowledge() {
        let last = records[records.count - 1].header.sequence
        if let writeDelay { acknowledgements.append((now.boot + writeDelay, .written(last))) }
        if let syncDelay { acknowledgements.append((now.boot + syncDelay, .synced(last))) }
    }

    /// Tells that all appended records have been written.
    func acknowledgeWritten() {
        written = records.count
        tell(.written(records.last?.header.sequence ?? 0))
    }

    func acknowledgeSynced() {
        written = records.count
        synced = records.count
        tell(.synced(records.last?.header.sequence ?? 0))
    }

    /// Lets time pass, with everything that happens in it.
    func pass(_ span: TimeSpan) {
        let end = now.boot + span

        while let next = nextInstant(), next <= end {
            advance(to: next)
            happen()
            steps += 1

        }
        advance(to: end)
    }

    /// Sets the wall clock.
    func step(by span: TimeSpan, telling: Bool = true) {
        now.wall = now.wall + span
        if telling { tell(.clockStepped) }
    }

    /// When something happens next, by the boot clock.
    func nextInstant() -> Instant? {
        var instants = acknowledgements.map(\.at) + transfers.values.compactMap(\.endsAt)
        if let deadline = engine.nextBootDeadline { instants.append(deadline) }
        if let deadline = engine.nextWallDeadline { instants.append(now.boot + (deadline - now.wall)) }
        return instants.min().map { max($0, now.boot) }
    }

    private func advance(to instant: Instant) {
        now.wall = now.wall + (instant - now.boot)
        now.boot = instant
    }

    /// One thing that is due now: an acknowledgement, the end of a transfer, or the timer.
    private func happen() {
        if let index = acknowledgements.indices.first(where: { acknowledgements[$0].at <= now.boot }) {
            let event = acknowledgements.remove(at: index).event
            switch event {
            case .written(let sequence): written = max(written, place(of: sequence))
            case .synced(let sequence):
                synced = max(synced, place(of: sequence))
                written = max(written, synced)
            case .compacted: isCompacting = false
            default: break
            }
            return tell(event)
        }
        let ended = transfers.values.filter { $0.endsAt.map { $0 <= now.boot } ?? false }
            .min { ($0.endsAt ?? now.boot, $0.attempt.key.value) < ($1.endsAt ?? now.boot, $1.attempt.key.value) }
        if let ended, let reply = ended.reply { return end(ended.attempt.key, reply) }
        tell(.timer)
    }

    private func place(of sequence: SequenceNumber) -> Int {
        guard let first = records.first?.header.sequence, sequence >= first else { return 0 }
        return min(records.count, Int(sequence - first) + 1)
    }

    /// Ends a transfer now.
    func end(_ key: AttemptKey, _ reply: Reply) {
        transfers[key] = nil
        tell(
            .attemptFinished(
                key,
                TransferResult(
                    response: reply.response, finishedAt: now.boot, retryAfter: reply.retryAfter,
                    location: reply.location)))
    }
}

// MARK: - Looking

extension EngineWorld {
    func executions(of id: String) -> [Execution] {
        records.compactMap { record in
            guard case .execution(let execution) = record, execution.header.job == JobID(id) else { return nil }
            return execution
        }
    }

    func notes(of id: String, _ reason: NoteReason? = nil) -> [Note] {
        records.compactMap { record in
            guard case .note(let note) = record, note.header.job == JobID(id), reason == nil || note.reason == reason
            else { return nil }
            return note
        }
    }

    func states(of id: String) -> [StateChange] {
        records.compactMap { record in
            guard case .state(let state) = record, state.header.job == JobID(id) else { return nil }
            return state
        }
    }

    func sends(of id: String) -> [Sent] {
        sent.filter { $0.attempt.job.id == JobID(id) }
    }

    /// Seconds since noon at which attempts of the job were sent.
    func times(of id: String) -> [Double] {
        sends(of: id).map { Double(($0.at.wall - noon).microseconds) / 1_000_000 }
    }
}

/// 2026-03-02T12:00:00Z, a Monday.
let noon = Timestamp(seconds: 1_772_452_800)

extension Timestamp {
    /// Seconds after noon.
    static func noon(_ seconds: Int64) -> Timestamp { CronCoreTests.noon + .seconds(seconds) }
}

/// A job with these properties and defaults for all others.
func makeJob(
    _ id: String, _ schedule: Schedule = .onDemand, isEnabled: Bool = true, offset: TimeSpan = .zero,
    catchUp: CatchUp = .once, catchUpWindow: TimeSpan = .minutes(10), overlap: Overlap = .skip,
    delivery: Delivery = .atLeastOnce, onFailure: String? = nil, onRecovery: String? = nil, onFailureAfter: Int = 1,
    retry: RetryPolicy = RetryPolicy(), recordBody: RecordBody = .always, host: String = "example.com:443",
    description: String = ""
) -> Job {
    Job(
        id: JobID(id), name: id, description: description, isEnabled: isEnabled, schedule: schedule,
        randomizedOffset: offset, catchUp: catchUp, catchUpWindow: catchUpWindow, overlap: overlap,
        delivery: delivery, onFailure: onFailure.map { JobID($0) }, onRecovery: onRecovery.map { JobID($0) },
        onFailureAfter: onFailureAfter,
        request: RequestTemplate(url: Template(pieces: [.literal("https://\(host)/")]), hostKey: host),
        retry: retry, retention: Retention(recordBody: recordBody))
}

/// `Cron=`, in UTC.
func cron(_ text: String) throws -> Schedule {
    .cron([try CronExpression(parsing: text)], .utc)
}
