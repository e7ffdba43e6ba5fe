import CronCore

/// Records to show, around 2025-01-15 10:00:00 UTC.
enum Sample {
    static let ten = Timestamp(seconds: 1_736_935_200)
    static let history = HistoryID(UUID(high: 1, low: 2))

    static func header(
        _ sequence: UInt64, _ job: String, at moment: Timestamp, cursor: Timestamp? = nil, failures: UInt32 = 0
    ) -> RecordHeader {
        RecordHeader(
            sequence: sequence, job: JobID(job), recordedAt: moment,
            account: Account(
                cursor: cursor ?? moment, epoch: 0, failuresInARow: failures, openRuns: 0, schedule: 1))
    }

    /// That of a job which is paused, at ten.
    static func paused(_ sequence: UInt64, _ job: String) -> RecordHeader {
        var header = header(sequence, job, at: ten)
        header.account.isPaused = true
        return header
    }

    static func run(_ job: String, _ occurrence: Timestamp, _ trigger: Trigger = .schedule) -> Run {
        Run(
            id: RunID(history: history, job: JobID(job), occurrence: occurrence, epoch: 0), trigger: trigger,
            scheduledAt: occurrence)
    }

    /// An attempt that started 12 ms after its occurrence and took 142 ms.
    static func execution(
        _ sequence: UInt64, _ job: String, of occurrence: Timestamp, attempt: Int = 1, delay: TimeSpan = .zero,
        status: Int? = 200, failure: Failure? = nil, body: String? = "{\"status\":\"ok\"}", next: Timestamp? = nil
    ) -> Execution {
        let started = occurrence + delay + .milliseconds(12)
        let finished = started + .milliseconds(142)
        return Execution(
            header: header(sequence, job, at: finished, cursor: occurrence, failures: failure == nil ? 0 : 1),
            run: run(job, occurrence),
            id: ExecutionID(UUID(version7At: started, random: (sequence, sequence))), attempt: attempt,
            maxAttempts: 4, startedAt: started, finishedAt: finished, duration: .milliseconds(142),
            nextAttemptAt: next,
            response: Response(
                failure: failure, httpStatus: status, body: body.map { Array($0.utf8) },
                byteCount: UInt64(body?.utf8.count ?? 0),
                timings: PhaseTimings(
                    connect: .milliseconds(2), firstByte: .milliseconds(120), total: .milliseconds(142)),
                remoteAddress: status == nil ? "" : "192.0.2.1", httpVersion: status == nil ? "" : "1.1"))
    }

    static func failed(
        _ sequence: UInt64, _ job: String, of occurrence: Timestamp, attempt: Int = 1, delay: TimeSpan = .zero,
        next: Timestamp? = nil
    ) -> Execution {
        execution(
            sequence, job, of: occurrence, attempt: attempt, delay: delay, status: 500,
            failure: Failure(code: "http_status", error: "HTTP 500", requestMayHaveLeft: true),
            body: "{\"error\":\"Internal Server Error\"}", next: next)
    }

    static func refused(_ sequence: UInt64, _ job: String, of occurrence: Timestamp) -> Execution {
        execution(
            sequence, job, of: occurrence, status: nil,
            failure: Failure(
                code: "connect_refused", error: "%Mint.TransportError{reason: :econnrefused}", requestMayHaveLeft: false
            ),
            body: nil)
    }

    static func note(
        _ sequence: UInt64, _ job: String, _ reason: NoteReason, count: UInt64 = 1, from first: Timestamp,
        to last: Timestamp? = nil, run: RunID? = nil, detail: String = ""
    ) -> Note {
        let end = last ?? first
        return Note(
            header: header(sequence, job, at: end + .seconds(1), cursor: end), reason: reason, count: count,
            first: first, last: end, run: run, detail: detail)
    }

    static func job(
        _ name: String, _ schedule: Schedule, isEnabled: Bool = true, offset: TimeSpan = .zero
    ) -> Job {
        Job(
            id: JobID(name), name: name, description: name, isEnabled: isEnabled, schedule: schedule,
            randomizedOffset: offset,
            request: RequestTemplate(url: Template(pieces: [.literal("http://127.0.0.1/")]), hostKey: "127.0.0.1:80"))
    }
}
