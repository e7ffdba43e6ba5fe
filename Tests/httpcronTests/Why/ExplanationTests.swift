import CronCore
import Testing

@testable import httpcron

/// The rows of the table: what the record holds, what the job says, when it is now, and the answer.
@Suite struct ExplanationTests {
    struct Row: CustomTestStringConvertible {
        let name: String
        var records: [Record] = []
        var job: Job? = Sample.job("a", .every(.minutes(5)))
        var offset = TimeSpan.zero
        var now = Sample.ten + .minutes(30)
        var moment = Sample.ten
        let answer: String
        var sentence = ""

        var testDescription: String { name }
    }

    private static let ten = Sample.ten
    private static let runID = Sample.run("a", Sample.ten).id

    private static func start(_ sequence: UInt64, attempt: Int = 1, execution: ExecutionID? = nil) -> Record {
        let id = execution ?? ExecutionID(UUID(high: 7, low: UInt64(attempt)))
        return .start(
            Start(
                header: Sample.header(sequence, "a", at: ten), run: Sample.run("a", ten), attempt: attempt,
                execution: id, startedAt: ten + .milliseconds(12)))
    }

    private static func state(_ sequence: UInt64, _ kind: StateChange.Kind, cursor: Timestamp) -> Record {
        .state(StateChange(header: Sample.header(sequence, "a", at: cursor, cursor: cursor), kind: kind))
    }

    private static func paused(since: Timestamp, until: Timestamp? = nil) -> Record {
        var header = Sample.header(1, "a", at: since)
        header.account.isPaused = true
        let pause = Pause(since: since, until: until, reason: "VAT", by: "uid 0")
        return .state(StateChange(header: header, kind: .paused(pause)))
    }

    private static let pendingRun = PendingRun(run: Sample.run("a", ten), attempt: 1, dueAt: ten + .minutes(1))

    static let rows: [Row] = [
        Row(
            name: "ran", records: [.execution(Sample.execution(1, "a", of: ten))], answer: "success",
            sentence: "It ran and succeeded."),
        Row(
            name: "ran, at the second attempt",
            records: [
                .execution(Sample.failed(1, "a", of: ten, next: ten + .seconds(15))),
                .execution(Sample.execution(2, "a", of: ten, attempt: 2, delay: .seconds(15))),
            ], answer: "success", sentence: "It ran and succeeded at attempt 2."),
        Row(
            name: "failed for good", records: [.execution(Sample.failed(1, "a", of: ten, attempt: 4))],
            answer: "failed", sentence: "It ran and failed for good at attempt 4 of 4."),
        Row(
            name: "failed, not retried", records: [.execution(Sample.failed(1, "a", of: ten))],
            answer: "failed", sentence: "RetryOn="),
        Row(
            name: "waits for its retry",
            records: [.execution(Sample.failed(1, "a", of: ten, next: ten + .minutes(31)))],
            answer: "retrying", sentence: "attempt 2 is due at 2025-01-15 10:31:00 UTC, in 1min"),
        Row(
            name: "retry overdue", records: [.execution(Sample.failed(1, "a", of: ten, next: ten + .minutes(1)))],
            answer: "retrying", sentence: "Is the daemon running"),
        Row(
            name: "in flight", records: [start(1)], answer: "running",
            sentence: "still in flight, or the daemon stopped"),
        Row(
            name: "second attempt in flight",
            records: [
                .execution(Sample.failed(1, "a", of: ten, next: ten + .seconds(15))), start(2, attempt: 2),
            ], answer: "running"),
        Row(
            name: "a start and its end are one",
            records: [
                start(1, execution: Sample.execution(2, "a", of: ten).id),
                .execution(Sample.execution(2, "a", of: ten)),
            ], answer: "success"),
        Row(
            name: "pending", records: [state(1, .pending(pendingRun), cursor: ten)], answer: "pending",
            sentence: "since"),
        Row(
            name: "pending, then ran",
            records: [state(1, .pending(pendingRun), cursor: ten), .execution(Sample.execution(2, "a", of: ten))],
            answer: "success"),
        Row(
            name: "missed in a range",
            records: [.note(Sample.note(1, "a", .missed, count: 7, from: ten - .minutes(15), to: ten + .minutes(15)))],
            answer: "missed", sentence: "7 occurrences in all"),
        Row(
            name: "missed and caught up",
            records: [
                .note(Sample.note(1, "a", .missed, count: 2, from: ten - .minutes(5), to: ten)),
                .execution(Sample.execution(2, "a", of: ten, delay: .minutes(10))),
            ], answer: "success"),
        Row(
            name: "skipped", records: [.note(Sample.note(1, "a", .skippedOverlap, from: ten))],
            answer: "skipped: overlap", sentence: "Overlap=skip"),
        Row(
            name: "superseded",
            records: [
                .execution(Sample.failed(1, "a", of: ten, next: ten + .minutes(5))),
                .note(Sample.note(2, "a", .superseded, from: ten, run: runID)),
            ], answer: "superseded", sentence: "took its place"),
        Row(
            name: "retry dropped",
            records: [
                .execution(Sample.failed(1, "a", of: ten, next: ten + .minutes(5))),
                .note(Sample.note(2, "a", .dropped, from: ten, run: runID, detail: "job file removed")),
            ], answer: "dropped", sentence: "its next attempt was dropped (job file removed)."),
        Row(
            name: "dropped before it began", records: [.note(Sample.note(1, "a", .dropped, from: ten))],
            answer: "dropped", sentence: "dropped before it began"),
        Row(
            name: "disk", records: [.note(Sample.note(1, "a", .disk, from: ten))], answer: "disk",
            sentence: "at-most-once"),
        Row(
            name: "queue full", records: [.note(Sample.note(1, "a", .overflow, from: ten))],
            answer: "skipped: queue full"),
        Row(
            name: "paused over it, and its time has come",
            records: [paused(since: ten - .minutes(7))], answer: "paused",
            sentence: "since 2025-01-15 09:53:00 UTC by uid 0 (VAT), until somebody resumes it. It did not start"),
        Row(
            name: "paused, still to come", records: [paused(since: ten - .minutes(7), until: ten + .seconds(1))],
            now: ten - .minutes(4), answer: "paused",
            sentence: "until 2025-01-15 10:00:01 UTC. It will not start."),
        Row(
            name: "the pause ends with it", records: [paused(since: ten - .minutes(7), until: ten)],
            now: ten - .minutes(4), answer: "future"),
        Row(
            name: "of a pause whose record is lost, an older one tells nothing",
            records: [
                paused(since: ten - .minutes(9), until: ten + .hours(1)),
                state(2, .resumed(by: ""), cursor: ten - .minutes(8)),
                .state(StateChange(header: Sample.paused(3, "a"), kind: .absent)),
            ], answer: "forgotten"),
        Row(
            name: "due before the pause",
            records: [paused(since: ten + .seconds(1))], answer: "forgotten"),
        Row(name: "still to come", now: ten - .minutes(4), answer: "future", sentence: "in 4min"),
        Row(
            name: "late by its offset", offset: .seconds(90), now: ten, answer: "future",
            sentence: "starts at 2025-01-15 10:01:30 UTC, 1min 30s after its nominal time by RandomizedOffset=, in 1min"
        ),
        Row(name: "nobody was there to note it", answer: "unaccounted", sentence: "systemctl status httpcron"),
        Row(
            name: "accounted for and compacted",
            records: [.execution(Sample.execution(9, "a", of: ten + .minutes(10)))],
            answer: "forgotten", sentence: "The oldest record of the job is of 2025-01-15 10:10:00 UTC"),
        Row(
            name: "before the job was there", records: [state(1, .accountingBegan, cursor: ten + .minutes(7))],
            answer: "before accounting", sentence: "2025-01-15 10:07:00 UTC"),
        Row(
            name: "not due", moment: ten + .minutes(2), answer: "not due",
            sentence:
                "the last one before it was 2025-01-15 10:00:00 UTC, the first one after it is 2025-01-15 10:05:00 UTC"),
        Row(
            name: "never again", job: Sample.job("a", .at(ten)), moment: ten + .minutes(2), answer: "not due",
            sentence: "never due again"),
        Row(name: "disabled", job: Sample.job("a", .every(.minutes(5)), isEnabled: false), answer: "disabled"),
        Row(name: "on demand", job: Sample.job("a", .onDemand), answer: "on demand"),
        Row(name: "no job file, no record", job: nil, answer: "unknown"),
        Row(
            name: "no job file, but a record", records: [.execution(Sample.execution(1, "a", of: ten))], job: nil,
            answer: "success"),
    ]

    @Test(arguments: rows)
    func `each moment has one answer`(row: Row) {
        let evidence = Evidence(job: row.job, offset: row.offset, records: row.records, now: row.now)
        let explanation = Explanation(of: row.moment, from: evidence)
        #expect(ExplanationText.word(explanation.verdict) == row.answer)
        let text = ExplanationText(job: row.job, clock: HumanClock(zone: .utc, now: row.now))
        let sentence = text.sentence(explanation)
        #expect(sentence.contains(row.sentence) || row.sentence.isEmpty, "\(sentence)")
        #expect(sentence.hasSuffix(".") || sentence.hasSuffix(")?"), "\(sentence)")
    }
}
