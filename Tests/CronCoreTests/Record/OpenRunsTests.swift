import CronCore
import Testing

@Suite struct OpenRunsTests {
    private let job = JobID("a")

    private func header(_ sequence: UInt64) -> RecordHeader {
        RecordHeader(
            sequence: sequence, job: job, recordedAt: Timestamp(seconds: Int64(sequence)),
            account: Account(
                cursor: Timestamp(seconds: 0), epoch: 0, failuresInARow: 0, openRuns: 1, schedule: 1))
    }

    private func run(_ number: UInt64) -> Run {
        Run(
            id: RunID(UUID(high: number, low: 0)), trigger: .schedule, scheduledAt: Timestamp(seconds: Int64(number)))
    }

    private func start(_ sequence: UInt64, run number: UInt64) -> Start {
        Start(
            header: header(sequence), run: run(number), attempt: 1,
            execution: ExecutionID(UUID(high: 0, low: sequence)), startedAt: Timestamp(seconds: 0))
    }

    private func execution(_ sequence: UInt64, run number: UInt64, next: Timestamp?) -> Execution {
        Execution(
            header: header(sequence), run: run(number), id: ExecutionID(UUID(high: 0, low: sequence)), attempt: 1,
            maxAttempts: 2, startedAt: Timestamp(seconds: 0), finishedAt: Timestamp(seconds: 1),
            duration: .seconds(1), nextAttemptAt: next, response: Response(failure: nil))
    }

    private func note(_ sequence: UInt64, run number: UInt64?) -> Note {
        Note(
            header: header(sequence), reason: .superseded, count: 1, first: Timestamp(seconds: 0),
            last: Timestamp(seconds: 0), run: number.map { run($0).id })
    }

    private func pending(_ sequence: UInt64, run number: UInt64) -> StateChange {
        let pending = PendingRun(run: run(number), attempt: 2, dueAt: Timestamp(seconds: 9))
        return StateChange(header: header(sequence), kind: .pending(pending))
    }

    /// What is found in `records`, oldest first, when so many runs are open.
    private func open(_ expected: UInt32, _ records: [Record]) -> [OpenRun] {
        var runs = OpenRuns(expecting: expected)
        for record in records.reversed() where !runs.isComplete { runs.add(record) }
        return runs.oldestFirst
    }

    @Test func `a start without its execution was interrupted`() {
        let begun = start(3, run: 2)
        let records: [Record] = [.start(start(1, run: 1)), .execution(execution(2, run: 1, next: nil)), .start(begun)]
        #expect(open(1, records) == [.interrupted(begun, failed: nil)])
    }

    @Test func `an execution with a next attempt waits for its retry, until that begins or is given up`() {
        let failed = execution(2, run: 1, next: Timestamp(seconds: 9))
        let records: [Record] = [.start(start(1, run: 1)), .execution(failed)]
        #expect(open(1, records) == [.retry(failed, failed: nil)])
        let again = start(3, run: 1)
        #expect(open(1, records + [.start(again)]) == [.interrupted(again, failed: nil)])
        #expect(open(1, records + [.note(note(3, run: 1))]) == [])
        #expect(open(1, records + [.note(note(3, run: nil))]) == [.retry(failed, failed: nil)])
    }

    @Test func `a pending run is open until it begins or is given up`() {
        let waits = pending(3, run: 1)
        let cut: [Record] = [.start(start(1, run: 1)), .execution(execution(2, run: 1, next: nil)), .state(waits)]
        guard case .pending(let run) = waits.kind else { return }
        #expect(open(1, cut) == [.pending(run, failed: nil)])
        #expect(open(1, cut + [.note(note(4, run: 1))]) == [])
        let begun = start(4, run: 1)
        #expect(open(1, cut + [.start(begun)]) == [.interrupted(begun, failed: nil)])
    }

    @Test func `several runs come oldest first, and no more is read than is needed`() {
        let first = start(1, run: 1)
        let second = start(2, run: 2)
        let records: [Record] = [.start(first), .start(second)]
        #expect(open(2, records) == [.interrupted(first, failed: nil), .interrupted(second, failed: nil)])
        #expect(open(1, records) == [.interrupted(second, failed: nil)])
        #expect(open(0, records) == [])
    }
}
