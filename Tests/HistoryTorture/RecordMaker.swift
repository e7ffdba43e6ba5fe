import CronCore

/// Makes records to write: plain ones, and any that there can be, in a sequence that goes on.
struct RecordMaker {
    var random: RandomSource
    private(set) var sequence: SequenceNumber
    let jobs: [JobID]

    static let odd = [JobID("health"), JobID("daily-report"), JobID("a"), JobID("Backup_2.x-\u{e4}")]

    init(seed: UInt64, after sequence: SequenceNumber = 0, jobs: [JobID] = odd) {
        random = RandomSource(seed: seed)
        self.sequence = sequence
        self.jobs = jobs
    }

    /// The next record is numbered one more than this.
    mutating func goOn(after sequence: SequenceNumber) {
        self.sequence = sequence
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
    mutating func uuid() -> UUID { UUID(high: random.next(), low: random.next()) }
    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) } }

    mutating func header(_ job: JobID, openRuns: UInt32 = 0) -> RecordHeader {
        sequence += 1
        let account = Account(
            cursor: Timestamp(seconds: 1_700_000_000 + Int64(sequence)), epoch: 3,
            failuresInARow: UInt32(truncatingIfNeeded: sequence % 5), openRuns: openRuns,
            schedule: 0xfeed_beef_0000_0001, isPaused: sequence % 7 == 0)
        return RecordHeader(
            sequence: sequence, job: job, recordedAt: Timestamp(microseconds: 1_700_000_000_000_000 + Int64(sequence)),
            account: account)
    }

    mutating func run() -> Run {
        let cause = chance(20) ? Cause(job: jobs[0], execution: ExecutionID(uuid())) : nil
        return Run(
            id: RunID(uuid()), trigger: cause == nil ? .schedule : .failure,
            scheduledAt: Timestamp(seconds: 1_700_000_000 + Int64(sequence)), cause: cause)
    }

    mutating func start(_ job: JobID, _ run: Run) -> Record {
        let header = header(job, openRuns: 1)
        return .start(
            Start(header: header, run: run, attempt: 1, execution: ExecutionID(uuid()), startedAt: header.recordedAt))
    }

    mutating func execution(_ job: JobID, _ run: Run, body: [UInt8]?) -> Record {
        let header = header(job)
        let response = Response(
            failure: nil, httpStatus: 200, body: body, byteCount: UInt64(body?.count ?? 0),
            timings: PhaseTimings(dns: .milliseconds(1), total: .milliseconds(12)), remoteAddress: "127.0.0.1",
            httpVersion: "1.1")
        return .execution(
            Execution(
                header: header, run: run, id: ExecutionID(uuid()), attempt: 1, maxAttempts: 4,
                startedAt: header.recordedAt, finishedAt: header.recordedAt + .milliseconds(12),
                duration: .milliseconds(12), nextAttemptAt: nil, response: response))
    }

    /// A start and its execution with a body of up to `bodyLength` bytes.
    mutating func wholeRun(bodyLength: Int = 60) -> [Record] {
        let job = jobs[number(0...jobs.count - 1)]
        let run = run()
        let body = bytes(number(0...bodyLength))
        return [start(job, run), execution(job, run, body: body)]
    }

    /// Any record there can be, with the greatest and the smallest values.
    mutating func any() -> Record {
        let job = jobs[number(0...jobs.count - 1)]
        let run = run()
        switch number(0...8) {
        case 0: return start(job, run)
        case 1, 2: return anyExecution(job, run)
        case 3: return anyNote(job, run)
        case 4: return .state(StateChange(header: header(job), kind: .accountingBegan))
        case 5: return .state(StateChange(header: header(job), kind: chance(50) ? .absent : .clockCorrected))
        case 6:
            let pause = Pause(
                since: anyMoment(), until: chance(50) ? anyMoment() : nil, reason: anyText(), by: anyText())
            return .state(StateChange(header: header(job), kind: .paused(pause)))
        case 7: return .state(StateChange(header: header(job), kind: .resumed(by: anyText())))
        default:
            let pending = PendingRun(run: run, attempt: 2, dueAt: Timestamp(microseconds: Int64(random.next() >> 12)))
            return .state(StateChange(header: header(job), kind: .pending(pending)))
        }
    }

    private mutating func anyNote(_ job: JobID, _ run: Run) -> Record {
        let header = header(job)
        let reason = NoteReason.allCases.randomElement(using: &random) ?? .missed
        return .note(
            Note(
                header: header, reason: reason, count: chance(50) ? random.next() : 1, first: anyMoment(),
                last: anyMoment(), run: chance(50) ? run.id : nil, detail: anyText()))
    }

    private mutating func anyExecution(_ job: JobID, _ run: Run) -> Record {
        let failure = Failure(
            code: anyText(), error: anyText(), detail: anyText(), requestMayHaveLeft: chance(50))
        let length = number(0...300)
        let body: [UInt8]? = chance(70) ? (chance(30) ? Array(anyText().utf8) : bytes(length)) : nil
        let response = Response(
            failure: chance(50) ? failure : nil, httpStatus: chance(70) ? number(0...999) : nil, body: body,
            bodyTruncated: chance(30), byteCount: random.next() >> 1,
            timings: PhaseTimings(
                dns: anySpan(), connect: anySpan(), tls: anySpan(), firstByte: anySpan(), total: anySpan()),
            remoteAddress: anyText(), httpVersion: anyText())
        let header = header(job)
        return .execution(
            Execution(
                header: header, run: run, id: ExecutionID(uuid()), attempt: number(1...9),
                maxAttempts: Int(UInt32.max), startedAt: anyMoment(), finishedAt: anyMoment(),
                duration: anySpan() ?? .milliseconds(1), nextAttemptAt: chance(50) ? anyMoment() : nil,
                response: response))
    }

    /// Between the years 1 and 9999, which have a text.
    private mutating func anyMoment() -> Timestamp {
        Timestamp(microseconds: Int64.random(in: -62_135_596_800_000_000...253_402_300_799_999_999, using: &random))
    }

    private mutating func anySpan() -> TimeSpan? {
        chance(70) ? TimeSpan(microseconds: Int64.random(in: -1...4_000_000_000, using: &random)) : nil
    }

    private mutating func anyText() -> String {
        [
            "", "x", "\u{e4}\u{20ac}\u{1f600}", "%Mint.TransportError{reason: :econnrefused}", "\u{0}\u{1b}[31m\"\\\n",
            String(repeating: "\u{e9}", count: 99),
        ].randomElement(using: &random) ?? ""
    }
}
