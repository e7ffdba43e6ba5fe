internal import CronCore
internal import History

/// One machine and all that happens to it, from a plan: its clocks, disk, network and job files, and the daemon on it.
final class World {
    let plan: Plan
    let clock: VirtualClock
    let disk: VirtualDisk
    var network: VirtualNetwork
    let model = Model()
    var tally = Tally()
    let settings: EngineSettings
    var jobs: [String: Job] = [:]
    var life: Life?

    /// Microseconds that the steps of the other threads take.
    var writeDelay: ClosedRange<Int64> = 20...1_500
    var syncDelay: ClosedRange<Int64> = 500...9_000

    private let beganAt: Instant
    private var luck: RandomSource
    /// What comes to its end by itself, and when.
    private var reliefs: [(at: Instant, relief: Relief)] = []
    private var startAt: Instant?
    /// Everything up to here must be found at the next start.
    private var limit: SequenceNumber = 0
    private var synced: SequenceNumber = 0
    private var lastDeath: Death?
    private var deathInRecovery: (death: Death, after: Int)?
    private var lastRefusal: HistoryError?
    private var failuresToStart = 0
    private var eventsAtOnce = 0
    /// When the daemon that lives was started.
    private var refusalsBefore = 0
    /// nil: nobody listens.
    private let listener: ((String) -> Void)?
    private let hearsDetails: Bool

    enum Relief {
        case disk
        case lag
        case slowReader(HistorySnapshot, synced: SequenceNumber, droppable: Set<SequenceNumber>, starts: Int)
    }

    /// `listener`: hears what happens; with `details`, each request too.
    init(_ plan: Plan, details: Bool = false, listener: ((String) -> Void)? = nil) {
        self.plan = plan
        hearsDetails = details
        self.listener = listener
        settings = plan.settings
        luck = RandomSource(seed: plan.seed ^ 0x6a09_e667_f3bc_c908)
        clock = VirtualClock(wall: plan.beginning, seed: plan.seed)
        disk = VirtualDisk(seed: plan.seed &+ 1)
        network = VirtualNetwork(seed: plan.seed)
        beganAt = clock.boot
        for name in plan.jobs { setJob(maker.job(name, version: 0, keepsSchedule: true)) }
    }

    var maker: JobMaker { JobMaker(seed: plan.seed, horizon: plan.horizon, beginning: plan.beginning) }

    var jobsInOrder: [Job] { jobs.values.sorted { $0.id < $1.id } }

    /// Jobs that have allowed several runs at once, and may still have them.
    private(set) var haveOverlapped: Set<JobID> = []

    func setJob(_ job: Job) {
        if job.overlap == .allow { haveOverlapped.insert(job.id) }
        jobs[job.name] = job
        model.learn(job)
    }

    func random(_ range: ClosedRange<Int64>) -> TimeSpan {
        TimeSpan(microseconds: Int64.random(in: range, using: &luck))
    }

    /// For who wants to follow.
    func tell(_ words: @autoclosure () -> String, isDetail: Bool = false) {
        if isDetail, !hearsDetails { return }
        listener?("\(clock.wall.iso8601) \(words())")
    }

    // MARK: - The whole

    /// Lets everything happen that the plan has, or of that what is in `only`. Gives what was broken.
    func run(only: Set<Int>? = nil) -> Violation? {
        start()
        for happening in plan.happenings where only?.contains(happening.number) ?? true {
            pass(to: beganAt + happening.at)
            if model.isOver { break }
            tell("\(happening.number): \(happening.words)")
            tally.happenings[happening.name, default: 0] += 1
            carryOut(happening)
        }
        if !model.isOver { calmDown() }
        tally.seeds = 1
        tally.lost = model.isLost ? 1 : 0
        tally.span = clock.boot - beganAt
        tally.disk = disk.tally
        tally.sent = model.wire.count
        tally.holes = model.holes
        tally.shed = model.shed
        return model.violation
    }

    /// Lets time pass up to `end`, with all that comes due in it.
    func pass(to end: Instant) {
        while !model.isOver {
            var next = end
            if let instant = life?.nextInstant { next = min(next, instant) }
            if let startAt { next = min(next, max(startAt, clock.boot)) }
            for (at, _) in reliefs { next = min(next, max(at, clock.boot)) }
            eventsAtOnce = next > clock.boot ? 0 : eventsAtOnce + 1
            if eventsAtOnce > 20_000 { model.fail(.idle, "it does the same for ever") }
            clock.advance(to: next)
            model.see(clock.wall)
            if let place = reliefs.firstIndex(where: { $0.at <= clock.boot }) {
                relieve(reliefs.remove(at: place).relief)
            } else if let startAt, startAt <= clock.boot {
                start()
            } else if let life, life.nextInstant <= clock.boot {
                happen(in: life)
                afterStep()
            } else {
                return
            }
        }
    }

    /// Lets time pass while something else of the daemon is under way: it must be back before the daemon is buried.
    func passBriefly(_ span: TimeSpan, in life: Life) {
        let end = clock.boot + span
        while !model.isOver, self.life === life, !disk.isDown {
            let next = min(life.nextInstant, end)
            eventsAtOnce = next > clock.boot ? 0 : eventsAtOnce + 1
            if eventsAtOnce > 20_000 { model.fail(.idle, "it does the same for ever") }
            clock.advance(to: next)
            guard life.nextInstant <= clock.boot else { return }
            happen(in: life)
        }
    }

    /// One thing that is due. Who read meanwhile need not have seen what was acknowledged only by then.
    private func happen(in life: Life) {
        let synced = model.ledger.synced
        life.happen()
        checkReadings(through: synced)
    }

    /// What a compaction is to do now.
    func compactionOrder(through segment: UInt64) -> CompactionOrder {
        let jobs = Dictionary(uniqueKeysWithValues: jobs.values.map { ($0.id, $0.retention) })
        let rules = RetentionRules(jobs: jobs, keepRemoved: TimeSpan(microseconds: plan.horizon.microseconds / 8))
        let isBounded = Int.random(in: 0..<4, using: &luck) == 0
        return CompactionOrder(rules: rules, through: segment, maxUse: isBounded ? 24 << 10 : nil)
    }

    func later(_ span: TimeSpan, _ relief: Relief) {
        reliefs.append((clock.boot + span, relief))
    }

    private func relieve(_ relief: Relief) {
        switch relief {
        case .disk:
            disk.setMood(.well)
            if let at = startAt { startAt = min(at, clock.boot + .seconds(5)) }
            tell("the disk is well again")
        case .lag:
            (writeDelay, syncDelay) = (20...1_500, 500...9_000)
        case .slowReader(let snapshot, let synced, let droppable, let starts):
            // A start that did not find what was damaged has given the numbers to others.
            if model.isDamaged, tally.starts > starts { return }
            var reading = Reading(snapshot, on: disk)
            // Nor did it need to find what had not been acknowledged.
            if tally.starts > starts { reading.records.removeAll { $0.header.sequence > synced } }
            check(reading, through: synced, mayReturn: true, mayLack: droppable)
        }
    }

    // MARK: - Life and death

    /// The daemon starts, or tries to.
    func start() {
        startAt = nil
        if let death = deathInRecovery {
            disk.plan(death.death, after: death.after)
            deathInRecovery = nil
        }
        tell("on the disk: \(disk.contents)", isDetail: true)
        let troubleBefore = disk.tally
        let new: Life
        do throws(HistoryError) {
            new = try Life(in: self)
        } catch {
            checkReadings(through: synced)
            return failToStart(error, since: troubleBefore)
        }
        checkReadings(through: synced)
        tally.starts += 1
        failuresToStart = 0
        refusalsBefore = troubleBefore.refusals
        life = new
        let reading = disk.examine()
        tell("started from \(reading.records.count) records; \(limit) had to be there")
        for finding in new.history.findings { tell("found \(finding)") }
        if let failure = reading.failure { model.fail(.reading, "after a start: \(failure)") }
        model.recover(reading, new.history.restored, through: limit, after: lastDeath)
        lastDeath = nil
        guard !model.isOver else { return }
        new.begin()
        afterStep()
    }

    private func failToStart(_ error: HistoryError, since before: DiskTally) {
        if disk.isDown {
            let death = disk.death ?? .kill
            tell("\(death.rawValue) in the recovery: \(error)")
            tally.deathsInRecovery += 1
            if death == .powerCut { (limit, lastDeath) = (synced, .powerCut) }
            disk.revive()
        } else {
            if tally.refusedStarts == 0 || error != lastRefusal { tell("cannot start: \(error)") }
            lastRefusal = error
            tally.refusedStarts += 1
            if disk.mood == .well, disk.tally.troubles == before.troubles {
                model.fail(.opening, "on a disk that works: \(error)")
            }
        }
        // The service manager is patient, and becomes more so.
        failuresToStart = min(failuresToStart + 1, 12)
        startAt = clock.boot + random(250_000...2_500_000) * (1 << Int64(failuresToStart))
    }

    /// After whatever may have touched the disk.
    func afterStep() {
        checkReadings(through: model.ledger.synced)
        if disk.isDown { bury(disk.death) }
    }

    /// The daemon is no more. nil: it ended by itself.
    func bury(_ death: Death?) {
        guard let life else { return disk.revive() }
        tell(death.map { $0.rawValue } ?? "stopped")
        model.ledger.acknowledge(written: life.history.writtenThrough, synced: life.history.syncedThrough)
        synced = model.ledger.synced
        // What an abandoned segment held is only in memory until it has been written again.
        let wasAbandoned = disk.tally.refusals > refusalsBefore
        lastDeath = death == .kill && wasAbandoned ? .powerCut : death
        limit = lastDeath == .kill ? model.ledger.written : synced
        model.die()
        self.life = nil
        disk.revive()
        startAt = clock.boot + downFor
    }

    /// Nothing kills the daemon any more, and whatever it waits for before it starts again is over.
    func startSoon() {
        deathInRecovery = nil
        downFor = .zero
        if let at = startAt { startAt = min(at, clock.boot) }
    }

    /// How long the daemon stays away after its next end.
    var downFor = TimeSpan.zero

    func dieAgain(_ death: Death, after operations: Int) { deathInRecovery = (death, operations) }

    func checkReadings(through synced: SequenceNumber) {
        for reading in disk.takeReadings() { check(reading, through: synced, mayReturn: true) }
    }

    /// What somebody read beside the daemon. `synced`: what was on the disk when he began.
    /// `mayReturn`: a compaction may have come in between. `mayLack`: what one had been free to drop by then.
    func check(
        _ reading: Reading, through synced: SequenceNumber, mayReturn: Bool, mayLack: Set<SequenceNumber> = []
    ) {
        tally.readings += 1
        if let failure = reading.failure {
            if case .system = failure, reading.metTrouble { return }
            return model.fail(.reading, "\(failure)")
        }
        let comparison = Comparison(
            reading.records, with: model.ledger, through: synced, .reading, maySheds: model.ledger.mayHaveShed,
            mayReturn: mayReturn || model.isDamaged, mayLack: mayLack)
        // What a read error hides is no loss, be it a record or the note of several.
        if reading.metTrouble, let promise = comparison.violation?.promise, promise == .reading || promise == .lost {
            return
        }
        model.fail(comparison.violation)
    }

    /// What the disk's refusal has made of records, a compaction keeps or drops as what it is by then: bodies stripped,
    /// or a note for several.
    func learnWhatWasShed(through synced: SequenceNumber) {
        guard model.ledger.mayHaveShed else { return }
        let reading = disk.examine()
        guard reading.failure == nil, !reading.metTrouble else { return }
        let comparison = Comparison(
            reading.records, with: model.ledger, through: synced, .reading, maySheds: true, mayReturn: model.isDamaged)
        model.fail(comparison.violation)
        model.acceptShed(comparison, through: synced)
    }
}
