internal import CronCore
internal import History

/// One life of a daemon, from a start to a stop or a death: the real engine and the real history, driven as `httpcrond`
/// drives them, with its threads as steps that come due.
final class Life {
    private struct Transfer {
        var attempt: Attempt
        var endsAt: Instant
        var reply: Reply
    }

    /// When the steps of the other threads are due; nil: nothing to do.
    private struct Wakes {
        var writer: Instant?
        var syncer: Instant?
        var spare: Instant?
        var retry: Instant?
        var news: Instant?
        var compactor: Instant?
    }

    let history: StepwiseWriter
    unowned let world: World
    private(set) var engine: Engine
    private var transfers: [AttemptKey: Transfer] = [:]
    private var wakes = Wakes()
    private var effects: [Effect] = []
    /// What the engine waits for, asked once after each event.
    private var deadlines: (boot: Instant?, wall: Timestamp?) = (nil, nil)
    private var announced: (written: SequenceNumber, synced: SequenceNumber, refuses: Bool) = (0, 0, false)
    private(set) var isDraining = false
    private(set) var hasDrained = false
    private(set) var isHolding = false

    /// Recovers what is on the world's disk.
    init(in world: World) throws(HistoryError) {
        self.world = world
        history = try StepwiseWriter(world.disk, settings: world.clock.historySettings)
        engine = Engine(settings: world.settings, seed: world.clock.draw())
        announced = (history.writtenThrough, history.syncedThrough, false)
    }

    /// Tells the engine what the history knows and which jobs there are.
    func begin() {
        tell(.restored(history.restored))
        for job in world.jobsInOrder { tell(.jobLoaded(job)) }
        tell(.jobsComplete)
        soon(\.spare, 1_000...50_000)
    }

    // MARK: - What comes next

    /// When something happens next.
    var nextInstant: Instant {
        var next = Instant(microseconds: .max)
        func take(_ instant: Instant?) { if let instant, instant < next { next = instant } }
        take(wakes.writer)
        take(wakes.syncer)
        take(wakes.spare)
        take(wakes.retry)
        take(wakes.news)
        take(wakes.compactor)
        for transfer in transfers.values { take(transfer.endsAt) }
        take(deadlines.boot)
        let now = world.clock.now
        if let deadline = deadlines.wall { take(now.boot + max(deadline - now.wall, .zero)) }
        return max(next, now.boot)
    }

    /// One thing that is due now.
    func happen() {
        let now = world.clock.boot
        if let at = wakes.news, at <= now {
            wakes.news = nil
            hearNews()
        } else if let at = wakes.writer, at <= now {
            wakes.writer = nil
            if history.write() { afterStep() }
        } else if let at = wakes.syncer, at <= now {
            wakes.syncer = nil
            if history.sync() {
                soon(\.writer, world.writeDelay)
                soon(\.spare, 1_000...50_000)
                afterStep()
            }
        } else if let at = wakes.spare, at <= now {
            wakes.spare = nil
            history.makeSpare()
        } else if let at = wakes.retry, at <= now {
            wakes.retry = nil
            history.second()
            afterStep()
        } else if let at = wakes.compactor, at <= now {
            wakes.compactor = nil
            runCompaction()
        } else if let ended = firstEnded(at: now) {
            end(ended)
        } else {
            tell(.timer)
            checkDue()
        }
    }

    private func firstEnded(at now: Instant) -> Transfer? {
        transfers.values.filter { $0.endsAt <= now }
            .min { ($0.endsAt, $0.attempt.key.value) < ($1.endsAt, $1.attempt.key.value) }
    }

    private func end(_ transfer: Transfer) {
        transfers[transfer.attempt.key] = nil
        let result = transfer.reply.result(at: transfer.endsAt)
        world.model.finish(transfer.attempt.execution, result)
        tell(.attemptFinished(transfer.attempt.key, result))
    }

    private func soon(_ wake: WritableKeyPath<Wakes, Instant?>, _ delay: ClosedRange<Int64>) {
        guard wakes[keyPath: wake] == nil else { return }
        wakes[keyPath: wake] = world.clock.boot + world.random(delay)
    }

    /// The writer or the syncer has done something.
    private func afterStep() {
        soon(\.news, 0...1_000)
        soon(\.syncer, world.syncDelay)
        // Each second, in the daemon; days of that would be half of a simulation's time.
        if history.waitsToRetry { soon(\.retry, 1_000_000...60_000_000) }
    }

    // MARK: - Loop and engine

    func tell(_ event: Event) {
        guard !hasDrained else { return }
        engine.handle(event, at: world.clock.now, into: &effects)
        deadlines = (engine.nextBootDeadline, engine.nextWallDeadline)
        carryOut()
    }

    /// Somebody asks for something.
    func ask(_ request: ControlRequest) {
        guard !hasDrained else { return }
        tell(.control(request, world.model.ask(request)))
    }

    /// The history's threads have news.
    private func hearNews() {
        let refuses = history.diskState != .ok
        if refuses != announced.refuses {
            announced.refuses = refuses
            world.tell("the disk \(refuses ? "refuses" : "takes records again")")
            tell(.diskRefuses(refuses))
        }
        let (written, synced) = (history.writtenThrough, history.syncedThrough)
        world.model.ledger.acknowledge(written: written, synced: synced)
        if written > announced.written {
            announced.written = written
            tell(.written(written))
        }
        if synced > announced.synced {
            announced.synced = synced
            tell(.synced(synced))
        }
    }

    private func carryOut() {
        var records: [Record] = []
        var needsSync = false
        for effect in effects {
            switch effect {
            case .append(let record):
                world.tell(
                    "append \(Comparison.words(record)) cursor \(record.header.account.cursor.iso8601) epoch \(record.header.account.epoch) open \(record.header.account.openRuns)",
                    isDetail: true)
                world.model.append(record, at: world.clock.now)
                records.append(record)
                if case .start = record {} else { needsSync = true }
            case .sync: needsSync = true
            case .send(let attempt): send(attempt)
            case .cancel(let key): transfers[key] = nil
            case .log(let entry): hear(entry)
            case .attempted: break
            case .answer(let token, let answer):
                world.model.answer(token, answer, synced: history.syncedThrough, diskRefuses: announced.refuses)
            case .compact:
                history.seal()
                soon(\.writer, world.writeDelay)
                soon(\.compactor, 10_000...2_000_000)
            case .drained: hasDrained = true
            }
        }
        effects.removeAll(keepingCapacity: true)
        guard !records.isEmpty else { return }
        world.tally.records += records.count
        history.append(records, needsSync: needsSync)
        soon(\.writer, world.writeDelay)
    }

    private func send(_ attempt: Attempt) {
        let now = world.clock.now
        let reply = world.network.reply(to: attempt, at: now.boot)
        let isOnce = attempt.job.delivery == .atMostOnce
        world.model.send(
            attempt, arrives: reply.arrives, recorded: isOnce ? history.syncedThrough : history.writtenThrough,
            diskRefuses: announced.refuses, at: now)
        world.tell(
            "\(attempt.job.id) sends attempt \(attempt.number) of \(attempt.run.scheduledAt.iso8601)", isDetail: true)
        if transfers.values.contains(where: { $0.attempt.run.id == attempt.run.id }) {
            world.model.fail(.runs, "\(attempt.job.id) has two attempts of one run in flight")
        }
        let isAlone = !transfers.values.contains { $0.attempt.job.id == attempt.job.id }
        if !isAlone, !world.haveOverlapped.contains(attempt.job.id) {
            world.model.fail(.overlap, "\(attempt.job.id) has two runs in flight")
        }
        if transfers.count >= world.settings.maxConcurrent {
            world.model.fail(.overlap, "\(transfers.count + 1) calls in flight")
        }
        transfers[attempt.key] = Transfer(attempt: attempt, endsAt: now.boot + reply.after, reply: reply)
    }

    private func hear(_ entry: LogEntry) {
        switch entry {
        case .holdingForClock: isHolding = true
        case .holdEnded: isHolding = false
        default: break
        }
        world.model.log(entry, synced: history.syncedThrough, diskRefuses: announced.refuses)
    }

    /// Nothing that is due is left undone.
    private func checkDue() {
        if let broken = engine.brokenInvariant { world.model.fail(.books, broken) }
        let now = world.clock.wall
        guard !isDraining, !isHolding, !hasDrained else { return }
        if let next = engine.nextWallDeadline, next <= now { return }
        for job in world.jobsInOrder where job.isEnabled {
            guard let standing = engine.standing(of: job.id), standing.job.isEnabled else { continue }
            guard !standing.account.isPaused else {
                checkPause(of: job.id, at: now)
                continue
            }
            guard
                let next = standing.job.schedule.next(after: standing.account.cursor)
            else { continue }
            let offset = standing.job.offset(in: history.restored.historyID)
            if next + offset <= now {
                world.model.fail(.occurrences, "\(job.id) was due at \((next + offset).iso8601) and sleeps")
            }
        }
    }

    private func checkPause(of job: JobID, at now: Timestamp) {
        guard let pause = engine.pause(of: job) else {
            return world.model.fail(.books, "\(job) is paused, and the engine has no pause of it")
        }
        if let until = pause.until, until <= now {
            world.model.fail(.paused, "the pause of \(job) was over at \(until.iso8601) and goes on")
        }
    }

    /// The last occurrence that has passed while the job is paused, of the schedule that it has had so far.
    func lastPassed(_ job: JobID) -> Timestamp? {
        guard !isDraining, !hasDrained, let standing = engine.standing(of: job), standing.account.isPaused,
            standing.job.isEnabled, standing.account.schedule == standing.job.schedule.fingerprint
        else { return nil }
        let offset = standing.job.offset(in: history.restored.historyID)
        return standing.job.schedule.latest(atOrBefore: world.clock.wall - offset, after: standing.account.cursor)
    }

    // MARK: - The end

    func drain() {
        isDraining = true
        tell(.drain)
    }

    /// Whether nothing is under way but schedules.
    var isIdle: Bool { transfers.isEmpty && engine.status.waiting == 0 && engine.status.inFlight == 0 }
}
