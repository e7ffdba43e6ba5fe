import CronCore
import Foundation
import History

/// Records to write, some plain and some as odd as they get.
struct Samples {
    var random: RandomSource
    var sequence: SequenceNumber = 0

    init(seed: UInt64 = 1) {
        random = RandomSource(seed: seed)
    }

    static func uuid(_ number: UInt64) -> CronCore.UUID {
        CronCore.UUID(high: number &* 0x9e37_79b9_7f4a_7c15, low: ~number)
    }

    static func account(cursor: Int64 = 1, openRuns: UInt32 = 0) -> Account {
        Account(
            cursor: Timestamp(seconds: cursor), epoch: 3, failuresInARow: 2, openRuns: openRuns,
            schedule: 0xfeed_beef_0000_0001)
    }

    mutating func header(_ job: JobID, openRuns: UInt32 = 0) -> RecordHeader {
        sequence += 1
        return RecordHeader(
            sequence: sequence, job: job, recordedAt: Timestamp(microseconds: 1_700_000_000_000_000 + Int64(sequence)),
            account: Self.account(cursor: Int64(sequence), openRuns: openRuns))
    }

    static func run(_ number: UInt64, cause: Cause? = nil) -> Run {
        Run(
            id: RunID(uuid(number)), trigger: cause == nil ? .schedule : .failure,
            scheduledAt: Timestamp(seconds: 1_700_000_000 + Int64(number >> 32)), cause: cause)
    }

    mutating func start(_ job: JobID, run: Run, attempt: Int = 1, openRuns: UInt32 = 1) -> Record {
        let header = header(job, openRuns: openRuns)
        return .start(
            Start(
                header: header, run: run, attempt: attempt, execution: ExecutionID(Self.uuid(header.sequence)),
                startedAt: header.recordedAt))
    }

    mutating func execution(
        _ job: JobID, run: Run, body: [UInt8]? = Array("ok".utf8), nextAttemptAt: Timestamp? = nil,
        failure: Failure? = nil, openRuns: UInt32 = 0
    ) -> Record {
        let header = header(job, openRuns: openRuns)
        let response = Response(
            failure: failure, httpStatus: 200, body: body, bodyTruncated: false, byteCount: 2,
            timings: PhaseTimings(dns: .milliseconds(1), total: .milliseconds(12)), remoteAddress: "127.0.0.1",
            httpVersion: "1.1")
        return .execution(
            Execution(
                header: header, run: run, id: ExecutionID(Self.uuid(header.sequence)), attempt: 1, maxAttempts: 4,
                startedAt: header.recordedAt, finishedAt: header.recordedAt + .milliseconds(12),
                duration: .milliseconds(12), nextAttemptAt: nextAttemptAt, response: response))
    }

    /// A start and its execution, the whole of a run, with a body of up to `bodyLength` bytes.
    mutating func wholeRun(_ job: JobID, bodyLength: Int = 40) -> [Record] {
        let run = Self.run(sequence)
        let body = [UInt8](
            repeating: UInt8(truncatingIfNeeded: sequence), count: Int.random(in: 0...bodyLength, using: &random))
        return [start(job, run: run), execution(job, run: run, body: body)]
    }

    /// Any record there can be.
    mutating func any(jobs: [JobID]) -> Record {
        let job = jobs[Int.random(in: 0..<jobs.count, using: &random)]
        let cause = Bool.random(using: &random) ? Cause(job: job, execution: ExecutionID(Self.uuid(7))) : nil
        let run = Self.run(random.next(), cause: cause)
        switch Int.random(in: 0..<9, using: &random) {
        case 0: return start(job, run: run, attempt: Int.random(in: 1...9, using: &random))
        case 1: return anyExecution(job, run)
        case 2: return execution(job, run: run)
        case 3:
            return .note(
                Note(
                    header: header(job), reason: NoteReason.allCases.randomElement(using: &random) ?? .missed,
                    count: random.next(), first: Timestamp(microseconds: .min), last: Timestamp(microseconds: .max),
                    run: Bool.random(using: &random) ? run.id : nil, detail: anyText()))
        case 4: return .state(StateChange(header: header(job), kind: .accountingBegan))
        case 5: return .state(StateChange(header: header(job), kind: Bool.random() ? .absent : .clockCorrected))
        case 6:
            let pause = Pause(
                since: Timestamp(microseconds: .min),
                until: Bool.random(using: &random) ? Timestamp(microseconds: .max) : nil, reason: anyText(),
                by: anyText())
            var header = header(job)
            header.account.isPaused = true
            return .state(StateChange(header: header, kind: .paused(pause)))
        case 7: return .state(StateChange(header: header(job), kind: .resumed(by: anyText())))
        default:
            let pending = PendingRun(run: run, attempt: 2, dueAt: Timestamp(microseconds: Int64(random.next() >> 2)))
            return .state(StateChange(header: header(job), kind: .pending(pending)))
        }
    }

    private mutating func anyExecution(_ job: JobID, _ run: Run) -> Record {
        let failure = Failure(
            code: anyText(), error: anyText(), detail: anyText(), requestMayHaveLeft: Bool.random(using: &random))
        let body: [UInt8]? = Bool.random(using: &random) ? (0..<300).map { _ in UInt8.random(in: 0...255) } : nil
        let response = Response(
            failure: Bool.random(using: &random) ? failure : nil,
            httpStatus: Bool.random(using: &random) ? Int.random(in: 0...999, using: &random) : nil, body: body,
            bodyTruncated: Bool.random(using: &random), byteCount: random.next(),
            timings: PhaseTimings(
                dns: anySpan(), connect: anySpan(), tls: anySpan(), firstByte: anySpan(), total: anySpan()),
            remoteAddress: anyText(), httpVersion: anyText())
        return .execution(
            Execution(
                header: header(job), run: run, id: ExecutionID(Self.uuid(random.next())), attempt: 1,
                maxAttempts: Int(UInt32.max), startedAt: Timestamp(microseconds: .max),
                finishedAt: Timestamp(microseconds: .min), duration: TimeSpan(microseconds: -1),
                nextAttemptAt: Bool.random(using: &random) ? Timestamp(microseconds: 0) : nil, response: response))
    }

    private mutating func anySpan() -> TimeSpan? {
        Bool.random(using: &random) ? TimeSpan(microseconds: Int64(bitPattern: random.next())) : nil
    }

    private mutating func anyText() -> String {
        [
            "", "x", "ä€😀", "%Mint.TransportError{reason: :econnrefused}", "\u{0}\u{1b}[31m",
            String(repeating: "é", count: 99),
        ]
        .randomElement(using: &random) ?? ""
    }
}

/// A directory of the test's own, removed with it.
final class Scratch {
    let path: String

    init() throws {
        let template = FileManager.default.temporaryDirectory.appendingPathComponent("history-test-XXXXXX").path
        var bytes = Array(template.utf8CString)
        guard mkdtemp(&bytes) != nil else { throw POSIXError(.EIO) }
        path = String(decoding: bytes.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }

    func bytes(_ name: String) throws -> [UInt8] {
        try [UInt8](Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")))
    }

    func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
    }

    /// A copy as it is now, as after a kill.
    func copy() throws -> Scratch {
        let other = try Scratch()
        for name in names { try other.write(try bytes(name), to: name) }
        return other
    }
}
