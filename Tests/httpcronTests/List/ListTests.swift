import CronCore
import Foundation
import Testing

@testable import httpcron

@Suite struct ListTests {
    private let request = "\n[Request]\nURL=http://127.0.0.1/"

    private func workshop() throws -> Workshop {
        let workshop = try Workshop()
        try workshop.job("alpha", "[Job]\nEvery=5min" + request)
        try workshop.job("beta", "[Job]\nCron=0 3 * * 1-5\nTimeZone=Europe/Berlin" + request)
        try workshop.job("broken", "[Job]\nEvery=soon" + request)
        try workshop.job("off", "[Job]\nEvery=1h\nEnabled=no" + request)
        try workshop.job("young", "[Job]\nOnDemand=yes" + request)
        let ten = Sample.ten
        try workshop.record([
            .execution(Sample.execution(1, "alpha", of: ten)),
            .execution(Sample.failed(2, "beta", of: ten, attempt: 4)),
            .note(Sample.note(3, "alpha", .skippedOverlap, from: ten + .minutes(5))),
        ])
        return workshop
    }

    @Test func `each job has its state, its last result and what comes next`() throws {
        let objects = try workshop().run("list", "-o", "json").objects
        #expect(objects.map { $0["job"] as? String } == ["alpha", "beta", "broken", "off", "young"])
        #expect(objects.map { $0["state"] as? String } == ["ok", "failing", "in error", "disabled", "new"])
        #expect(objects[0]["last_status"] as? String == "success")
        #expect(objects[0]["next_at"] is String)
        #expect(objects[1]["failures_in_a_row"] as? Int == 1)
        #expect(objects[1]["last_http_status"] as? Int == 500)
        #expect(objects[2]["mistake"] is String)
        #expect(objects[3]["next_at"] is NSNull)
    }

    @Test func `failing jobs are an exit status`() throws {
        let workshop = try workshop()
        let result = try workshop.run("list", "--failing", "-o", "json")
        #expect(result.status == 1)
        #expect(try result.objects.map { $0["job"] as? String } == ["beta"])
        let quiet = try workshop.run("list", "--failing", "-q")
        #expect(quiet.status == 1)
        #expect(quiet.output == "")
        #expect(try workshop.run("list", "--failing", "-q", "alpha").status == 0)
        #expect(try workshop.run("list").status == 0)
        // Who cannot look does not say that all is well.
        let blind = try Workshop()
        try blind.job("alpha", "[Job]\nEvery=5min" + request)
        #expect(try blind.run("list", "--failing", "-q").status == 1)
        #expect(try blind.run("list").status == 0)
    }

    @Test func `the mistake of a file is what keeps it from loading`() throws {
        let workshop = try Workshop()
        try workshop.job("two", "[Job]\nEvery=5min\nEvery=6min\nCatchUp=perhaps" + request)
        let mistake = try workshop.run("list", "-o", "json").objects[0]["mistake"] as? String
        #expect(mistake?.hasPrefix("two.job:4: CatchUp=") == true, "\(mistake ?? "")")
    }

    @Test func `a job directory that is not there is an error that names it`() throws {
        let result = try Workshop().run("list", "--jobs", "/nonexistent", "--state", "/nonexistent", withPaths: false)
        #expect(result.status == 1)
        #expect(result.errors.contains("/nonexistent"))
    }

    @Test func `looks as it should`() throws {
        let ten = Sample.ten
        var alpha = Standing(id: JobID("alpha"), job: Sample.job("alpha", .every(.minutes(5))))
        alpha.last = Sample.execution(1, "alpha", of: ten)
        alpha.nextAt = ten + .minutes(5)
        var beta = Standing(id: JobID("beta"), job: Sample.job("beta", .every(.hours(1))))
        beta.last = Sample.refused(2, "beta", of: ten)
        beta.failuresInARow = 3
        beta.retryAt = ten + .seconds(30)
        beta.nextAt = ten + .hours(1)
        let broken = Standing(id: JobID("broken"), job: nil, mistake: "broken.job:2: bad \u{1b}[31m")
        let young = Standing(id: JobID("young"), job: Sample.job("young", .onDemand))
        let once = Standing(id: JobID("once"), job: Sample.job("once", .at(ten + .days(1))))
        let text = try written { output in
            ListTable(
                HumanClock(zone: .utc, now: ten + .minutes(1)), Screen(isTerminal: false, colour: false, width: nil)
            )
            .write([alpha, beta, broken, once, young], to: output)
        }
        try expectGolden(text, "list.txt")
    }

    struct StateRow: CustomTestStringConvertible {
        let name: String
        let records: [Record]
        var isEnabled = true
        let state: Standing.State
        var last: UInt64?

        var testDescription: String { name }
    }

    private static let failure = Sample.failed(2, "a", of: Sample.ten, next: Sample.ten + .seconds(15))
    private static let start = Record.start(
        Start(
            header: Sample.header(3, "a", at: Sample.ten), run: Sample.run("a", Sample.ten), attempt: 2,
            execution: ExecutionID(UUID(high: 1, low: 1)), startedAt: Sample.ten))

    private static func pending(attempt: Int) -> Record {
        let run = PendingRun(run: Sample.run("a", Sample.ten), attempt: attempt, dueAt: Sample.ten + .minutes(1))
        return .state(StateChange(header: Sample.header(4, "a", at: Sample.ten), kind: .pending(run)))
    }

    /// Newest first.
    @Test(arguments: [
        StateRow(name: "nothing yet", records: [], state: .new),
        StateRow(name: "nothing yet, disabled", records: [], isEnabled: false, state: .disabled),
        StateRow(name: "fine", records: [.execution(Sample.execution(1, "a", of: Sample.ten))], state: .ok, last: 1),
        StateRow(
            name: "failed", records: [.execution(Sample.failed(2, "a", of: Sample.ten))], state: .failing, last: 2),
        StateRow(name: "waits for its retry", records: [.execution(failure)], state: .retrying, last: 2),
        StateRow(
            name: "in its retry", records: [start, .execution(failure)], state: .running, last: 2),
        StateRow(
            name: "its retry was dropped",
            records: [.note(Sample.note(3, "a", .dropped, from: Sample.ten)), .execution(failure)], state: .ok, last: 2),
        StateRow(
            name: "cut short by a stop", records: [pending(attempt: 2), .execution(failure)], state: .retrying, last: 2),
        StateRow(name: "queued", records: [pending(attempt: 1), .execution(failure)], state: .pending, last: 2),
        StateRow(
            name: "its retry was dropped with the job", records: [.execution(failure)], isEnabled: false,
            state: .failing,
            last: 2),
    ])
    func `the newest records say how a job stands`(row: StateRow) {
        var standing = Standing(id: JobID("a"), job: Sample.job("a", .every(.minutes(5)), isEnabled: row.isEnabled))
        var records = row.records[...]
        standing.take({ records.popFirst() }, now: Sample.ten)
        #expect(standing.state == row.state)
        #expect(standing.last?.header.sequence == row.last)
    }
}

/// What `body` writes.
func written(_ body: (Output) -> Void) throws -> String {
    let pipe = Pipe()
    let output = Output(descriptor: pipe.fileHandleForWriting.fileDescriptor)
    body(output)
    #expect(output.finish() == 0)
    try pipe.fileHandleForWriting.close()
    return String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
}
