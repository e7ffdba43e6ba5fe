internal import CronCore
internal import Glibc
internal import History
internal import Threads

/// Makes a long history fast: every job in turn, a start and an execution each time, as if the daemon had made one
/// round of all jobs each `--every` seconds until now.
struct DriverFill {
    private let jobs: Int
    private let executions: Int
    private let every: Int64
    private let body: [UInt8]
    private let bell = Bell()
    private let opened: OpenedHistory
    private let names: [JobID]
    private let schedule: UInt64 = 7

    /// Bytes that may wait for the disk before the filling does.
    private static let most = 24 << 20

    init(_ options: inout DriverOptions) throws {
        jobs = max(options.number("jobs", 1_000), 1)
        executions = options.number("executions", 100_000)
        every = Int64(max(options.number("every", 60), 1))
        let words = Array(#"{"status":"ok","rows":1742,"took_ms":12}"#.utf8)
        let length = options.number("body", 40)
        body = (0..<length).map { words[$0 % words.count] }
        let settings = HistorySettings(
            segmentSize: UInt64(options.number("segment", 16 << 20)), allowsNetworkFileSystem: true)
        opened = try HistoryStore.open(directory: options.directory, settings: settings, bell: bell)
        names = (0..<jobs).map { JobID("job-\($0)") }
    }

    func run() -> Int32 {
        let began = systemTime()
        let rounds = (executions + jobs - 1) / jobs
        let first = began - .seconds(every * Int64(rounds))
        var sequence = opened.restored.nextSequence
        var records: [Record] = []
        records.reserveCapacity(4_096)
        for number in 0..<executions {
            let scheduled = Timestamp(seconds: first.seconds + Int64(number / jobs) * every)
            appendPair(number, scheduled, &sequence, to: &records)
            if records.count >= 4_096 || number == executions - 1 {
                opened.writer.append(records, needsSync: true)
                records.removeAll(keepingCapacity: true)
                while opened.writer.unsyncedBytes > Self.most { bell.wait(milliseconds: 100) }
            }
        }
        opened.writer.close()
        let took = Double((systemTime() - began).microseconds) / 1e6
        let whole = opened.writer.syncedThrough == sequence - 1
        writeLine(
            "{\"records\":\(executions * 2),\"jobs\":\(jobs),\"last_seq\":\(sequence - 1),\"seconds\":\(took),"
                + "\"whole\":\(whole)}")
        return whole ? 0 : 1
    }

    private func appendPair(
        _ number: Int, _ scheduled: Timestamp, _ sequence: inout SequenceNumber, to records: inout [Record]
    ) {
        let identity = sequence
        let run = Run(
            id: RunID(UUID(version8Hash: (identity &* 0x9e37_79b9_7f4a_7c15, identity))), trigger: .schedule,
            scheduledAt: scheduled)
        let began = scheduled + .milliseconds(1 + Int64(number % 40))
        let took = TimeSpan.milliseconds(2 + Int64(number % 17))
        let id = ExecutionID(UUID(version7At: began, random: (identity, identity)))
        records.append(
            .start(
                Start(
                    header: header(number, scheduled, sequence, began, open: 1), run: run, attempt: 1,
                    execution: id, startedAt: began)))
        // One in fifty fails.
        let failed = number % 50 == 49
        let failure = Failure(code: "http_status", error: "HTTP 500", requestMayHaveLeft: true)
        records.append(
            .execution(
                Execution(
                    header: header(number, scheduled, sequence + 1, began + took, open: 0), run: run, id: id,
                    attempt: 1, maxAttempts: 1, startedAt: began, finishedAt: began + took, duration: took,
                    nextAttemptAt: nil,
                    response: Response(
                        failure: failed ? failure : nil, httpStatus: failed ? 500 : 200, body: body,
                        byteCount: UInt64(body.count),
                        timings: PhaseTimings(
                            connect: .milliseconds(1), firstByte: took, total: took),
                        remoteAddress: "127.0.0.1", httpVersion: "1.1"))))
        sequence += 2
    }

    private func header(
        _ number: Int, _ scheduled: Timestamp, _ sequence: SequenceNumber, _ at: Timestamp, open: UInt32
    ) -> RecordHeader {
        RecordHeader(
            sequence: sequence, job: names[number % jobs], recordedAt: at,
            account: Account(
                cursor: scheduled, epoch: 0, failuresInARow: number % 50 == 49 ? 1 : 0, openRuns: open,
                schedule: schedule))
    }
}
