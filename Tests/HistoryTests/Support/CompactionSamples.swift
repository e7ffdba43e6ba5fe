import CronCore

@testable import History

/// A history of whole lives of jobs, as the daemon would write it: what each account counts is so.
struct LifeSamples {
    var samples: Samples
    private var open: [JobID: [(run: Run, attempt: Int)]] = [:]
    private var lastExecution: [JobID: ExecutionID] = [:]
    private var number: UInt64 = 0

    init(seed: UInt64, after sequence: SequenceNumber = 0) {
        samples = Samples(seed: seed)
        samples.sequence = sequence
        number = sequence
    }

    private mutating func random(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &samples.random) }

    private func header(_ job: JobID, _ samples: inout Samples) -> RecordHeader {
        var header = samples.header(job)
        header.account.openRuns = UInt32(open[job]?.count ?? 0)
        return header
    }

    /// The next records of one of `jobs`.
    mutating func step(_ jobs: [JobID]) -> [Record] {
        let job = jobs[random(0...(jobs.count - 1))]
        switch random(0...9) {
        case 0: return [note(job, run: nil)]
        case 1: return [state(job)]
        case 2: return [pending(job, jobs)]
        case 3 where !(open[job] ?? []).isEmpty: return [endWithNote(job)]
        default: return attempt(job)
        }
    }

    private mutating func note(_ job: JobID, run: RunID?) -> Record {
        let header = header(job, &samples)
        return .note(
            Note(
                header: header, reason: .missed, count: 1, first: header.recordedAt, last: header.recordedAt, run: run))
    }

    private mutating func state(_ job: JobID) -> Record {
        let kinds: [StateChange.Kind] = [
            .accountingBegan, .absent, .clockCorrected, .paused(Pause(since: Timestamp(seconds: 1))), .resumed(by: "a"),
        ]
        let kind = kinds[random(0...4)]
        return .state(StateChange(header: header(job, &samples), kind: kind))
    }

    private mutating func newRun(_ jobs: [JobID]? = nil) -> Run {
        number += 1
        let source = jobs.map { $0[random(0...($0.count - 1))] }
        let cause = source.flatMap { job in lastExecution[job].map { Cause(job: job, execution: $0) } }
        return Samples.run(number << 8, cause: cause)
    }

    private mutating func pending(_ job: JobID, _ jobs: [JobID]) -> Record {
        let run = newRun(jobs)
        open[job, default: []].append((run, 0))
        let pending = PendingRun(run: run, attempt: 1, dueAt: Timestamp(seconds: 1))
        return .state(StateChange(header: header(job, &samples), kind: .pending(pending)))
    }

    private mutating func endWithNote(_ job: JobID) -> Record {
        let place = random(0...((open[job]?.count ?? 1) - 1))
        let ended = open[job]?.remove(at: place)
        return note(job, run: ended?.run.id)
    }

    /// A start, and mostly its end: of a run that waits, or a new one.
    private mutating func attempt(_ job: JobID) -> [Record] {
        var runs = open[job] ?? []
        var place = random(0...max(0, runs.count - 1))
        if runs.isEmpty || random(0...2) == 0 {
            place = runs.count
            runs.append((newRun(), 0))
        }
        runs[place].attempt += 1
        let (run, attempt) = runs[place]
        open[job] = runs
        let start = Start(
            header: header(job, &samples), run: run, attempt: attempt,
            execution: ExecutionID(Samples.uuid(samples.sequence)), startedAt: Timestamp(seconds: 1))
        guard random(0...20) > 0 else { return [.start(start)] }
        let failed = random(0...2) == 0
        let retries = failed && attempt < 4
        if !retries { open[job]?.remove(at: place) }
        let failure = Failure(code: "http_status", error: "HTTP 500", requestMayHaveLeft: true)
        let ended = header(job, &samples)
        let end = Execution(
            header: ended, run: run, id: start.execution, attempt: attempt, maxAttempts: 4,
            startedAt: start.startedAt, finishedAt: ended.recordedAt, duration: .milliseconds(1),
            nextAttemptAt: retries ? Timestamp(seconds: 2) : nil,
            response: Response(
                failure: failed ? failure : nil, httpStatus: failed ? 500 : 200,
                body: [UInt8](repeating: 65, count: random(0...200)), byteCount: 1))
        lastExecution[job] = end.id
        return [.start(start), .execution(end)]
    }
}

extension FakeDisk {
    static let compactionTime = Timestamp(seconds: 1_800_000_000)
    static let compactionSettings = HistorySettings(
        segmentSize: 1 << 14, unsyncedLimit: 1 << 20, now: { compactionTime })

    /// Compacts all that is there, keeping so many executions of each job.
    @discardableResult
    func compact(
        keep: Int = 100, rules: RetentionRules? = nil, through: UInt64 = .max, maxUse: UInt64? = nil,
        pace: (Int) -> Bool = { _ in true }
    ) throws -> CompactionReport? {
        let jobs = try HistorySnapshot.open(self).jobs
        let rules =
            rules
            ?? RetentionRules(
                jobs: Dictionary(uniqueKeysWithValues: jobs.map { ($0, Retention(keep: keep)) }),
                keepRemoved: .days(90))
        let order = CompactionOrder(rules: rules, through: through, maxUse: maxUse)
        return try Compaction.run(self, settings: Self.compactionSettings, order: order, pace: pace)
    }

    /// All records, oldest first.
    func records() throws -> (records: [Record], damage: [Damage]) {
        let snapshot = try HistorySnapshot.open(self)
        var cursor = snapshot.oldestFirst(jobs: nil)
        return (cursor.rest(), snapshot.damage)
    }

    /// A sealed history of the lives of some jobs, and its records.
    static func lives(seed: UInt64, steps: Int, jobs: Int = 5) throws -> (disk: FakeDisk, records: [Record]) {
        let disk = FakeDisk()
        let records = try disk.live(seed: seed, steps: steps, jobs: jobs)
        return (disk, records)
    }

    @discardableResult
    func live(seed: UInt64, steps: Int, jobs: Int = 5) throws -> [Record] {
        let last = try HistorySnapshot.open(self).lastSequence
        let writer = try SteppedWriter(self, makesSpares: false)
        var lives = LifeSamples(seed: seed, after: last)
        let ids = (0..<jobs).map { JobID("job-\($0)") }
        var records: [Record] = []
        for _ in 0..<steps {
            let part = lives.step(ids)
            records += part
            writer.append(part)
            writer.settle()
        }
        writer.close()
        return records
    }

    /// The job files of all that `records` are of are gone; each has so many runs left.
    func recordAbsence(behind records: [Record], openRuns: UInt32 = 0) throws -> [Record] {
        var absences: [Record] = []
        for header in Dictionary(grouping: records.map(\.header), by: \.job).values.compactMap(\.last) {
            var absent = header
            absent.sequence = SequenceNumber(records.count + absences.count + 1)
            absent.account.schedule = 0
            absent.account.openRuns = openRuns
            absences.append(.state(StateChange(header: absent, kind: .absent)))
        }
        let writer = try SteppedWriter(self, makesSpares: false)
        writer.append(absences)
        writer.close()
        return absences
    }
}
