internal import CronCore
internal import Glibc

/// All that a seed decides about a world before it begins.
struct Plan: Sendable {
    let seed: UInt64
    let beginning: Timestamp
    let horizon: TimeSpan
    let jobs: [String]
    let settings: EngineSettings
    let happenings: [Happening]

    /// `steps`: how many things happen. `hasFaults`: trouble among them.
    init(seed: UInt64, steps: Int, hasFaults: Bool) {
        var luck = RandomSource(seed: seed &* 0x2545_f491_4f6c_dd1d)
        self.seed = seed
        beginning = Timestamp(seconds: 1_772_452_800 + Int64.random(in: 0..<200_000, using: &luck))
        let horizons: [TimeSpan] = [.minutes(20), .hours(1), .hours(5), .days(1), .days(4)]
        let horizon = horizons[Int.random(in: 0..<horizons.count, using: &luck)]
        self.horizon = horizon
        jobs = Array(JobMaker.names.prefix(Int.random(in: 1...5, using: &luck)))
        settings = EngineSettings(
            maxConcurrent: Int.random(in: 1...6, using: &luck), maxPerHost: Int.random(in: 1...3, using: &luck),
            compactAt: .minutes(Int64.random(in: 0..<1_440, using: &luck)))
        let moments = (0..<steps).map { _ in Int64.random(in: 0...horizon.microseconds, using: &luck) }.sorted()
        var maker = HappeningMaker(luck: luck, horizon: horizon, keepsSchedules: Bool.random(using: &luck))
        let trouble = moments.map { (at: $0, kind: maker.next()) }
        // Drawn apart, so that what else happens is the same with them and without.
        var controls = ControlMaker(luck: RandomSource(seed: seed ^ 0x3c6e_f372_fe94_f82b), horizon: horizon)
        let all = trouble + controls.make(steps / 3)
        happenings = all.sorted { $0.at < $1.at }.enumerated().map { number, happening in
            Happening(number: number, at: TimeSpan(microseconds: happening.at), kind: happening.kind)
        }.filter { hasFaults || !$0.isFault }
    }
}

/// Draws what happens.
private struct HappeningMaker {
    var luck: RandomSource
    let horizon: TimeSpan
    /// Some worlds have no steps of the clock, no damage, no reloads: what is hidden by one kind of trouble shows in
    /// the others.
    let keepsSchedules: Bool

    mutating func next() -> Happening.Kind {
        switch Int.random(in: 0..<100, using: &luck) {
        case 0..<16: death()
        case 16..<20: .stop(patience: span(60), downFor: down())
        case 20..<26: mood()
        case 26..<42: .trouble(trouble())
        case 42..<44: .flip(luck: luck.next())
        case 44..<49: .lag(lasting: span(600))
        case 49..<54: step()
        case 54..<56: .suspend(span(horizon.microseconds / 4_000_000))
        case 56..<76: server()
        case 76..<84: files()
        case 84..<89: .read(after: Int.random(in: 0..<60, using: &luck))
        case 89..<92: .readSlowly(after: span(horizon.microseconds / 20_000_000))
        default: .compact
        }
    }

    private mutating func span(_ seconds: Int64) -> TimeSpan {
        TimeSpan(microseconds: Int64.random(in: 0...max(1, seconds) * 1_000_000, using: &luck))
    }

    private mutating func down() -> TimeSpan {
        Int.random(in: 0..<3, using: &luck) == 0 ? span(horizon.microseconds / 10_000_000) : span(5)
    }

    private mutating func death() -> Happening.Kind {
        let kind: Death = Bool.random(using: &luck) ? .kill : .powerCut
        let reach = [1, 4, 20, 60][Int.random(in: 0..<4, using: &luck)]
        var again: (Death, Int)?
        if Int.random(in: 0..<3, using: &luck) == 0 {
            again = (Bool.random(using: &luck) ? .kill : .powerCut, Int.random(in: 1...30, using: &luck))
        }
        return .death(kind, after: Int.random(in: 1...reach, using: &luck), again: again, downFor: down())
    }

    private mutating func mood() -> Happening.Kind {
        let reach = [
            20, 20, 20, horizon.microseconds / 8_000_000, horizon.microseconds / 8_000_000,
            horizon.microseconds / 2_000_000,
        ]
        let lasting = span(reach[Int.random(in: 0..<reach.count, using: &luck)])
        switch Int.random(in: 0..<4, using: &luck) {
        case 0: return .disk(.readOnly, lasting: lasting)
        case 1: return .disk(.full(EDQUOT), lasting: lasting)
        default: return .disk(.full(ENOSPC), lasting: lasting)
        }
    }

    private mutating func trouble() -> DiskTrouble {
        let operations: [DiskOperation] = [
            .write, .write, .sync, .sync, .sync, .syncDirectory, .syncDirectory, .create, .rename, .remove, .truncate,
            .link, .read, .read,
        ]
        let operation = operations.randomElement(using: &luck) ?? .sync
        let count = [1, 1, 1, 2, 3, 9][Int.random(in: 0..<6, using: &luck)]
        let isShort = operation == .write && Bool.random(using: &luck)
        // Else a compaction would meet it at the first file that it reads.
        let skips = Bool.random(using: &luck) ? 0 : Int.random(in: 0..<40, using: &luck)
        return DiskTrouble(operation: operation, kind: isShort ? .short : .error(EIO), skips: skips, count: count)
    }

    private mutating func step() -> Happening.Kind {
        guard !keepsSchedules else { return server() }
        let reach: Int64 = [2, 300, 20_000][Int.random(in: 0..<3, using: &luck)]
        return .step(TimeSpan(microseconds: Int64.random(in: -reach...reach, using: &luck) * 1_000_000))
    }

    private mutating func server() -> Happening.Kind {
        .server(
            host: JobMaker.hosts.randomElement(using: &luck) ?? "",
            ServerTrouble.allCases.randomElement(using: &luck) ?? .refuses,
            lasting: span(horizon.microseconds / 5_000_000))
    }

    private mutating func files() -> Happening.Kind {
        let job = JobMaker.names.randomElement(using: &luck) ?? ""
        guard !keepsSchedules else { return .reload(job: job, version: UInt64.random(in: 0...3, using: &luck)) }
        switch Int.random(in: 0..<5, using: &luck) {
        case 0: return .remove(job: job)
        case 1: return .inError(job: job)
        default: return .reload(job: job, version: luck.next() & 0xff)
        }
    }
}

/// Draws what people ask of the daemon: in every other world nothing, so that jobs which stand still hide nothing there.
private struct ControlMaker {
    var luck: RandomSource
    let horizon: TimeSpan

    /// `count`: of each a few; of the pauses about half are ended by somebody, mostly soon.
    mutating func make(_ count: Int) -> [(at: Int64, kind: Happening.Kind)] {
        guard Bool.random(using: &luck) else { return [] }
        var made: [(at: Int64, kind: Happening.Kind)] = []
        for _ in 0..<count {
            let at = Int64.random(in: 0...horizon.microseconds, using: &luck)
            let job = JobMaker.names.prefix(5).randomElement(using: &luck) ?? ""
            let span = Int64.random(
                in: 0...horizon.microseconds / [4, 20, 200][Int.random(in: 0..<3, using: &luck)], using: &luck)
            switch Int.random(in: 0..<6, using: &luck) {
            case 0, 1: made.append((at, .run(job: job)))
            case 2: made.append((at, .pause(job: job, until: TimeSpan(microseconds: span))))
            case 3, 4:
                made.append((at, .pause(job: job, until: nil)))
                made.append((min(at + span, horizon.microseconds), .resume(job: job)))
            default: made.append((at, .resume(job: job)))
            }
        }
        return made
    }
}
