import CronCore
import Testing

/// A seeded life of a daemon: jobs of every kind, servers that fail and hang, a disk that lags and refuses, crashes,
/// stops and reloads; and with them the promises that must hold whatever happens.
final class RandomWalk {
    /// What may happen besides time.
    enum Kind {
        /// Schedules and clocks stay as they are, so that every occurrence can be accounted for at the end.
        case accountable
        /// Everything, clock steps and changing job files among it.
        case anything
    }

    let seed: UInt64
    let kind: Kind
    let world: EngineWorld
    private var random: RandomSource
    private(set) var jobs: [JobID: Job] = [:]
    private(set) var complaints: [String] = []
    private var diskRefuses = false
    /// Wall minus boot when the engine last started, to know whether "early" can be judged.
    private var hasStepped = false
    private var isCalm = false
    private var loggedExecutions: Set<ExecutionID> = []
    private var leftOnce: Set<RunID> = []
    /// Where in the history an execution's start and its end were appended.
    private var startPlaces: [ExecutionID: Int] = [:]
    private var endPlaces: [ExecutionID: Int] = [:]
    /// Where the newest pause of a job was appended.
    private var pausePlaces: [JobID: Int] = [:]
    private var tokens: ControlToken = 0
    /// How many records there were once a request had been told.
    private var answerPlaces: [ControlToken: Int] = [:]

    init(seed: UInt64, kind: Kind) {
        self.seed = seed
        self.kind = kind
        var random = RandomSource(seed: seed)
        let settings = EngineSettings(
            maxConcurrent: Int.random(in: 1...6, using: &random), maxPerHost: Int.random(in: 1...3, using: &random))
        self.world = EngineWorld(settings: settings)
        self.random = random
        world.reply = { [unowned self] in self.reply(to: $0) }
        world.inspect = { [unowned self] in self.inspect($0) }
    }

    func complain(_ text: String) {
        if complaints.count < 5 { complaints.append("seed \(seed): \(text)") }
    }

    // MARK: - What happens

    func run(steps: Int) {
        for index in 0..<Int.random(in: 2...6, using: &random) {
            let job = inventJob("j\(index)")
            jobs[job.id] = job
        }
        world.start(with: inOrder(jobs))
        for _ in 0..<steps {
            step()
            check()
        }
        calmDown()
        checkAtTheEnd()
    }

    func inOrder(_ jobs: [JobID: Job]) -> [Job] {
        jobs.values.sorted { $0.id < $1.id }
    }

    private func step() {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<60: world.pass(randomSpan())
        case 60..<70: control()
        case 70..<78: crash()
        case 78..<82: restart()
        case 82..<88: setDisk()
        case 88..<92: lag()
        case 92..<96: reload()
        default: if kind == .anything { world.step(by: randomStep()); hasStepped = true }
        }
    }

    private func randomSpan() -> TimeSpan {
        let reach = [2, 2, 60, 60, 60, 300, 300, 3_600][Int.random(in: 0..<8, using: &random)]
        return TimeSpan(microseconds: Int64.random(in: 0...Int64(reach) * 1_000_000, using: &random))
    }

    private func randomStep() -> TimeSpan {
        let reach = [2, 300, 20_000][Int.random(in: 0..<3, using: &random)]
        return TimeSpan(
            microseconds: Int64.random(in: -Int64(reach) * 1_000_000...Int64(reach) * 1_000_000, using: &random))
    }

    private func crash() {
        checkRecords()
        let unsynced = world.records.count - world.synced
        world.crash(keeping: Bool.random(using: &random) ? nil : Int.random(in: 0...unsynced, using: &random))
        comeBack()
    }

    /// Somebody wants a run, a pause or the end of one, perhaps of a job that is not there.
    private func control() {
        tokens += 1
        let job = "j\(Int.random(in: 0...6, using: &random))"
        switch Int.random(in: 0..<5, using: &random) {
        case 0, 1: world.run(job, tokens)
        case 2, 3:
            let until = Bool.random(using: &random) ? world.now.wall + randomSpan() : nil
            world.pause(job, until: until, tokens)
        default: world.resume(job, tokens)
        }
        answerPlaces[tokens] = world.records.count
    }

    private func restart() {
        world.tell(.drain)
        world.pass(.seconds(Int64.random(in: 0...60, using: &random)))
        if !world.hasDrained { world.tell(.drainNow) }
        if Bool.random(using: &random) { world.pass(.seconds(1)) }
        if diskRefuses { setDisk(false) }
        world.pass(.seconds(4))
        if !world.hasDrained { complain("the drain did not end") }
        world.crash()
        comeBack()
    }

    private func comeBack() {
        if Int.random(in: 0..<3, using: &random) == 0 { world.now.wall = world.now.wall + randomSpan() }
        if diskRefuses { setDisk(false) }
        world.start(with: inOrder(jobs))
    }

    private func setDisk(_ refuses: Bool? = nil) {
        diskRefuses = refuses ?? !diskRefuses
        world.setDisk(refuses: diskRefuses)
    }

    private func lag() {
        guard !diskRefuses else { return }
        world.writeDelay = .milliseconds(Int64.random(in: 0...20, using: &random))
        world.syncDelay = .milliseconds(Int64.random(in: 20...3_000, using: &random))
    }

    private func reload() {
        guard let job = inOrder(jobs).randomElement(using: &random) else { return }
        switch kind {
        case .accountable:
            let changed = inventJob(job.id.text, schedule: job.schedule, offset: job.randomizedOffset)
            jobs[job.id] = changed
            world.tell(.jobLoaded(changed))
        case .anything:
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                jobs[job.id] = nil
                world.tell(.jobRemoved(job.id))
            case 1:
                world.tell(.jobInError(job.id))
            default:
                let changed = inventJob("j\(Int.random(in: 0...6, using: &random))")
                jobs[changed.id] = changed
                world.tell(.jobLoaded(changed))
            }
        }
        world.tell(.jobsComplete)
    }

    private func inventJob(_ id: String, schedule: Schedule? = nil, offset: TimeSpan? = nil) -> Job {
        let retry = RetryPolicy(
            maxRetries: Int.random(in: 0...3, using: &random),
            backoff: Backoff.allCases.randomElement(using: &random) ?? .linear,
            delay: .seconds(Int64.random(in: 0...40, using: &random)), maxDelay: .minutes(5),
            jitterPercent: Int.random(in: 0...50, using: &random))
        let offsets: [TimeSpan] = [.zero, .zero, .seconds(90)]
        return makeJob(
            id, schedule ?? inventSchedule(),
            isEnabled: kind == .accountable || Int.random(in: 0..<8, using: &random) > 0,
            offset: offset ?? offsets.randomElement(using: &random) ?? .zero,
            catchUp: CatchUp.allCases.randomElement(using: &random) ?? .once,
            overlap: Overlap.allCases.randomElement(using: &random) ?? .skip,
            // Fixed by the name: a run that becomes at-most-once half-way proves nothing.
            delivery: (seed &+ UInt64(id.utf8.last ?? 0)).isMultiple(of: 3) ? .atMostOnce : .atLeastOnce,
            onFailure: "j\(Int.random(in: 0...5, using: &random))",
            onRecovery: "j\(Int.random(in: 0...5, using: &random))",
            onFailureAfter: Int.random(in: 1...3, using: &random), retry: retry,
            host: "h\(Int.random(in: 0...2, using: &random))")
    }

    private func inventSchedule() -> Schedule {
        switch Int.random(in: 0..<6, using: &random) {
        case 0, 1, 2: .every(.seconds([17, 60, 61, 600].randomElement(using: &random) ?? 60))
        case 3: (try? cron("*/3 * * * *")) ?? .onDemand
        case 4: (try? cron("17 13,14,20 * * *")) ?? .onDemand
        default: .at(.noon(Int64.random(in: -4_000...40_000, using: &random)))
        }
    }

    private func reply(to attempt: Attempt) -> EngineWorld.Reply? {
        guard !isCalm else {
            leftOnce.insert(attempt.run.id)
            return .ok()
        }
        let after = TimeSpan.milliseconds(
            Int64.random(in: 0...(Bool.random(using: &random) ? 200 : 40_000), using: &random))
        let kind = Int.random(in: 0..<4, using: &random)
        guard kind > 0 else { return .refused(after: after) }
        leftOnce.insert(attempt.run.id)
        return kind == 1 ? .status(500, after: after) : .ok(after: after)
    }

    /// Faults off: everything that waits comes to its end, and the engine goes idle but for its schedules.
    private func calmDown() {
        if diskRefuses { setDisk(false) }
        isCalm = true
        world.writeDelay = .zero
        world.syncDelay = .zero
        for job in inOrder(jobs) { world.tell(.jobLoaded(job)) }
        for id in world.engine.pausedJobs.sorted() { world.resume(id.text, 0) }
        world.pass(.minutes(20))
        world.tell(.drain)
        world.pass(.minutes(2))
        if !world.hasDrained { complain("it does not go idle") }
    }

    // MARK: - What must hold

    private func inspect(_ effect: Effect) {
        switch effect {
        case .send(let attempt): inspect(attempt)
        case .log(let entry): inspect(entry)
        case .compact:
            if world.isCompacting { complain("compacts while it compacts") }
        case .append(.start(let start)): startPlaces[start.execution] = world.records.count
        case .append(.execution(let execution)): endPlaces[execution.id] = world.records.count
        case .append(.state(let state)):
            if case .paused = state.kind { pausePlaces[state.header.job] = world.records.count }
        case .answer(0, _): break
        case .answer(let token, .accepted), .answer(let token, .done): inspectAnswer(to: token)
        case .append, .sync, .cancel, .drained, .attempted, .answer: break
        }
    }

    private func inspect(_ attempt: Attempt) {
        let job = attempt.job
        if let started = startPlaces[attempt.execution] {
            let isSafe = job.delivery == .atMostOnce ? started < world.synced : started < world.written || diskRefuses
            if !isSafe { complain("\(job.id) sent before its start was safe") }
        } else {
            complain("\(job.id) sent without a start")
        }
        if world.transfers.values.contains(where: { $0.attempt.run.id == attempt.run.id }) {
            complain("\(job.id) has two attempts of one run in flight")
        }
        if job.delivery == .atMostOnce, leftOnce.contains(attempt.run.id) {
            complain("\(job.id) repeated at-most-once")
        }
        let isScheduled = attempt.run.trigger == .schedule || attempt.run.trigger == .catchUp
        if isScheduled, !hasStepped, world.now.wall < attempt.run.scheduledAt { complain("\(job.id) sent early") }
        let pausedAt = world.engine.pause(of: job.id).flatMap { _ in pausePlaces[job.id] }
        if let pausedAt, startPlaces[attempt.execution].map({ $0 > pausedAt }) ?? true {
            complain("\(job.id) sent while it was paused")
        }
        if world.transfers.count >= world.settings.maxConcurrent { complain("more than MaxConcurrent= in flight") }
    }

    /// What is answered is on the disk.
    private func inspectAnswer(to token: ControlToken) {
        guard !diskRefuses else { return }
        if answerPlaces[token].map({ $0 > world.synced }) ?? true { complain("answered \(token) before it was synced") }
    }

    private func inspect(_ entry: LogEntry) {
        let said: (Execution, Bool)? =
            switch entry {
            case .succeeded(let execution, _, let recorded): (execution, recorded)
            case .willRetry(let execution, let recorded): (execution, recorded)
            case .runFailed(let execution, let recorded): (execution, recorded)
            case .recovered(let execution, let recorded): (execution, recorded)
            default: nil
            }
        guard let (execution, recorded) = said else { return }
        if recorded, endPlaces[execution.id].map({ $0 >= world.synced }) ?? true {
            complain("\(execution.header.job) logged before it was synced")
        }
        if !recorded && !diskRefuses { complain("\(execution.header.job) logged as unrecorded") }
        if recorded, !loggedExecutions.insert(execution.id).inserted {
            complain("\(execution.header.job) logged twice")
        }
    }

    private func check() {
        for (id, transfers) in Dictionary(grouping: world.transfers.values, by: \.attempt.job.id) {
            guard let job = jobs[id], job.overlap != .allow, kind == .accountable else { continue }
            let alive = Set(transfers.map(\.attempt.run.id))
            if alive.count > 1, transfers.allSatisfy({ $0.attempt.job.overlap != .allow }) {
                complain("\(id) has \(alive.count) runs in flight")
            }
        }
        if let broken = world.engine.brokenInvariant { complain(broken) }
    }
}
