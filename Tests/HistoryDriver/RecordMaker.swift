internal import CronCore

/// The records of a driver's history. What stands in one follows from its `seq` and from the run of the program that
/// wrote it, to the last byte; so a reader that knows both knows what it must find.
struct RecordMaker {
    let jobs: Int
    let bodyLength: Int
    private static let began: Int64 = 1_780_000_000

    /// `run`: below 1,000; it shows in every record's moment.
    func record(_ sequence: SequenceNumber, run: Int) -> Record {
        switch sequence % 32 {
        case 16: execution(sequence, run, retries: true)
        case 22: .state(StateChange(header: header(sequence, run), kind: .accountingBegan))
        case 30: note(sequence, run)
        case let place where place % 2 == 1: start(sequence, run)
        default: execution(sequence, run, retries: false)
        }
    }

    func job(_ sequence: SequenceNumber) -> JobID {
        JobID("job-\(pair(sequence) * 7 % UInt64(jobs))")
    }

    var names: [JobID] { (0..<jobs).map { JobID("job-\($0)") } }

    /// Whether the record after this start ends it: all do, but for one that stays open for ever.
    func ends(_ start: SequenceNumber) -> Bool { start % 32 != 21 }

    /// Two records are a run; the one whose first attempt fails is four.
    private func pair(_ sequence: SequenceNumber) -> UInt64 {
        let pair = (sequence + 1) / 2
        return sequence % 32 == 17 || sequence % 32 == 18 ? pair - 1 : pair
    }

    private func moment(_ sequence: SequenceNumber, _ run: Int) -> Timestamp {
        Timestamp(microseconds: Self.began * 1_000_000 + Int64(clamping: sequence) * 1_000 + Int64(run))
    }

    private func header(_ sequence: SequenceNumber, _ run: Int, open: UInt32 = 0) -> RecordHeader {
        RecordHeader(
            sequence: sequence, job: job(sequence), recordedAt: moment(sequence, run),
            account: Account(
                cursor: Timestamp(seconds: Self.began + Int64(clamping: sequence)), epoch: 1, failuresInARow: 0,
                openRuns: open, schedule: 7))
    }

    private func run(_ sequence: SequenceNumber) -> Run {
        let pair = pair(sequence)
        return Run(
            id: RunID(UUID(version8Hash: (pair, pair))), trigger: .schedule,
            scheduledAt: Timestamp(seconds: Self.began + Int64(clamping: pair)))
    }

    private func executionID(_ sequence: SequenceNumber) -> ExecutionID {
        ExecutionID(UUID(version8Hash: ((sequence + 1) / 2, 1)))
    }

    private func attempt(_ sequence: SequenceNumber) -> Int {
        sequence % 32 == 17 || sequence % 32 == 18 ? 2 : 1
    }

    private func start(_ sequence: SequenceNumber, _ number: Int) -> Record {
        .start(
            Start(
                header: header(sequence, number, open: 1), run: run(sequence), attempt: attempt(sequence),
                execution: executionID(sequence), startedAt: moment(sequence, number)))
    }

    private func execution(_ sequence: SequenceNumber, _ number: Int, retries: Bool) -> Record {
        var random = RandomSource(seed: sequence &* 1_000 &+ UInt64(number))
        let failure = Failure(code: "http_status", error: "HTTP 500", requestMayHaveLeft: true)
        let length = bodyLength == 0 ? 0 : Int(random.next() % UInt64(bodyLength + 1))
        var body: [UInt8] = []
        body.reserveCapacity(length + 8)
        while body.count < length {
            withUnsafeBytes(of: random.next()) { body.append(contentsOf: $0) }
        }
        body.removeLast(body.count - length)
        let moment = moment(sequence, number)
        return .execution(
            Execution(
                header: header(sequence, number, open: retries ? 1 : 0), run: run(sequence),
                id: executionID(sequence), attempt: attempt(sequence), maxAttempts: 4, startedAt: moment,
                finishedAt: moment + .milliseconds(3), duration: .milliseconds(3),
                nextAttemptAt: retries ? moment + .seconds(15) : nil,
                response: Response(
                    failure: retries ? failure : nil, httpStatus: retries ? 500 : 200, body: body,
                    byteCount: UInt64(length), timings: PhaseTimings(total: .milliseconds(3)),
                    remoteAddress: "127.0.0.1", httpVersion: "1.1")))
    }

    /// Ends the run that began with the record before it.
    private func note(_ sequence: SequenceNumber, _ number: Int) -> Record {
        let run = run(sequence)
        return .note(
            Note(
                header: header(sequence, number), reason: .dropped, count: 1, first: run.scheduledAt,
                last: run.scheduledAt, run: run.id, detail: "run \(number) of the driver"))
    }
}
