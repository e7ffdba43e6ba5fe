import CronCore
import Testing

@Suite struct RestoreTests {
    private let hourly = Schedule.every(.hours(1))

    @Test func `an attempt under which the daemon died is recorded as failed, and the run goes on at once`() {
        let job = makeJob("a", hourly, retry: RetryPolicy(maxRetries: 0))
        let world = EngineWorld(jobs: [job])
        world.reply = { _ in nil }
        world.pass(.hours(1))
        let first = world.sent[0].attempt
        world.pass(.seconds(5))
        world.crash()
        world.reply = { _ in .ok() }
        world.start(with: [job])
        world.pass(.seconds(1))
        let executions = world.executions(of: "a")
        #expect(executions.map(\.id).first == first.execution)
        #expect(executions.first?.response.failure?.error == "%Httpcron.Interrupted{reason: :crash}")
        #expect(executions.first?.response.failure?.code == "interrupted")
        #expect(executions.first?.finishedAt == .noon(3_600))
        #expect(executions.map(\.attempt) == [1, 2])
        #expect(executions.map(\.succeeded) == [false, true])
        #expect(Set(executions.map(\.run.id)) == [first.run.id])
        #expect(world.sent.count == 2)
    }

    @Test func `a run that is interrupted again and again ends after one attempt beyond its retries`() {
        let job = makeJob("a", hourly, retry: RetryPolicy(maxRetries: 0))
        let world = EngineWorld(jobs: [job])
        world.reply = { _ in nil }
        world.pass(.hours(1))
        for _ in 0..<4 {
            world.crash()
            world.start(with: [job])
            world.pass(.zero)
        }
        #expect(world.executions(of: "a").map(\.attempt) == [1, 2])
        #expect(world.executions(of: "a").last?.header.account.failuresInARow == 1)
        #expect(world.executions(of: "a").last?.header.account.openRuns == 0)
    }

    @Test func `an at-most-once run that was interrupted ends, and is never repeated`() {
        let job = makeJob("a", hourly, delivery: .atMostOnce)
        let world = EngineWorld(jobs: [job])
        world.reply = { _ in nil }
        world.pass(.hours(1))
        world.crash()
        world.start(with: [job])
        world.pass(.minutes(30))
        #expect(world.sent.count == 1)
        #expect(world.executions(of: "a").map(\.nextAttemptAt) == [nil])
        #expect(world.executions(of: "a").first?.header.account.failuresInARow == 1)
    }

    @Test func `a restart in the middle of a backoff retries once, at its time`() {
        let job = makeJob("a", hourly)
        let world = EngineWorld(jobs: [job])
        world.reply = { $0.number == 1 ? .status(500) : .ok() }
        world.pass(.hours(1) + .seconds(6))
        world.crash()
        world.start(with: [job])
        world.pass(.minutes(5))
        #expect(world.times(of: "a") == [3_600, 3_615.01])
        #expect(world.executions(of: "a").map(\.attempt) == [1, 2])
    }

    @Test func `what is left of a backoff is never more than MaxBackoff, whatever the clock says`() throws {
        let job = makeJob("a", try cron("0 13 * * *"))
        let world = EngineWorld(jobs: [job])
        world.reply = { $0.number == 1 ? .status(500) : .ok() }
        world.pass(.hours(1) + .seconds(6))
        world.crash()
        world.now.wall = .noon(-40 * 86_400 + 5 * 3_600)
        world.start(with: [job])
        world.pass(.minutes(2) + .hours(1) - .seconds(1))
        #expect(world.sent.count == 1)
        world.pass(.seconds(2))
        #expect(world.sent.count == 2)
    }

    @Test func `a restart at the very second that a job is due loses no occurrence`() {
        let job = makeJob("a", .every(.minutes(1)))
        for offset in [-1, 0, 1] {
            let world = EngineWorld(jobs: [job])
            world.pass(.minutes(5) + TimeSpan(microseconds: Int64(offset)))
            world.crash()
            world.start(with: [job])
            world.pass(.minutes(1) + .seconds(1))
            let ran = Set(world.executions(of: "a").map(\.run.scheduledAt))
            #expect(ran == Set((1...6).map { .noon($0 * 60) }.filter { $0 <= world.now.wall }))
        }
    }

    @Test
    func `a run that the record counts and does not have is noted as not recorded, and its occurrence not repeated`() {
        let job = makeJob("a", hourly)
        let world = EngineWorld(at: .noon(3_700))
        let account = Account(
            cursor: .noon(3_600), epoch: 0, failuresInARow: 0, openRuns: 1, schedule: hourly.fingerprint)
        world.tell(
            .restored(
                RestoredHistory(
                    historyID: world.historyID, nextSequence: 8, lastWrittenAt: .noon(3_600),
                    jobs: [job.id: RestoredJob(account: account, open: [])])))
        world.tell(.jobLoaded(job))
        world.tell(.jobsComplete)
        world.pass(.minutes(30))
        let note = world.notes(of: "a", .lost).first
        #expect(note?.count == 1 && note?.first == .noon(3_600) && note?.detail == "not recorded")
        #expect(note?.header.account.openRuns == 0)
        #expect(world.records.count == 1 && world.sent.isEmpty)
    }

    @Test func `a triggered run stands behind one that waits for its retry, after a restart too`() {
        let jobs = [
            makeJob(
                "a", .every(.minutes(1)), onFailure: "b", retry: RetryPolicy(maxRetries: 0)),
            makeJob("b", hourly, retry: RetryPolicy(maxRetries: 1, backoff: .fixed, delay: .minutes(1))),
        ]
        let world = EngineWorld(jobs: jobs, at: .noon(3_590))
        world.reply = { $0.job.id == JobID("a") ? .status(500) : .status(500, after: .seconds(20)) }
        world.pass(.seconds(40))
        #expect(world.executions(of: "b").map(\.run.trigger) == [.schedule])
        #expect(world.states(of: "b").count == 2)
        world.crash()
        world.reply = { _ in .ok(after: .minutes(3)) }
        world.start(with: jobs)
        #expect(mostInFlight(of: "b", in: world, for: .minutes(10)) == 1)
        #expect(world.executions(of: "b").map(\.run.trigger) == [.schedule, .schedule, .failure])
    }

    private func mostInFlight(of id: String, in world: EngineWorld, for span: TimeSpan) -> Int {
        var most = 0
        world.inspect = { effect in
            guard case .send(let attempt) = effect, attempt.job.id == JobID(id) else { return }
            most = max(most, world.transfers.values.count { $0.attempt.job.id == JobID(id) } + 1)
        }
        world.pass(span)
        return most
    }

    /// Two runs of a job that allowed it wait for their retries, and it allows it no more.
    @Test(arguments: [Overlap.skip, .queue], [false, true])
    func `of several retries that are due one is under way at a time`(overlap: Overlap, inError: Bool) {
        let retry = RetryPolicy(maxRetries: 3, backoff: .fixed, delay: .seconds(30), jitterPercent: 0)
        let world = EngineWorld(jobs: [makeJob("a", overlap: .allow, retry: retry)])
        world.reply = { _ in .status(500, after: .seconds(5)) }
        world.run("a")
        world.run("a")
        world.pass(.seconds(6))
        world.crash()
        world.reply = { _ in .ok(after: .minutes(1)) }
        let job = makeJob("a", overlap: overlap, retry: retry)
        world.start(with: [job])
        if inError {
            // Both come due while they are held.
            world.tell(.jobInError(job.id))
            world.pass(.minutes(2))
            #expect(world.sent.count == 2)
            world.tell(.jobLoaded(job))
        }
        #expect(mostInFlight(of: "a", in: world, for: .minutes(4)) <= 1)
        #expect(world.executions(of: "a").map(\.attempt) == [1, 1, 2, 2])
        #expect(world.engine.brokenInvariant == nil)
    }

    /// A run was under way and another queued behind it; the first has begun again since, so its record is the newer one.
    @Test func `what was under way goes on before what was queued behind it`() {
        let job = makeJob("a", overlap: .queue)
        let world = EngineWorld(jobs: [job])
        world.reply = { _ in nil }
        world.run("a")
        world.run("a")
        for _ in 0..<2 {
            world.pass(.seconds(1))
            world.crash()
            world.start(with: [job])
        }
        world.reply = { _ in .ok(after: .minutes(1)) }
        world.pass(.seconds(1))
        world.crash()
        world.start(with: [job])
        #expect(mostInFlight(of: "a", in: world, for: .minutes(4)) <= 1)
        #expect(world.executions(of: "a").map(\.attempt) == [1, 2, 3, 4, 1])
    }

    @Test func `a job whose file is gone at a start is absent, and what it left open is dropped`() {
        let job = makeJob("a", hourly)
        let world = EngineWorld(jobs: [job])
        world.reply = { _ in .status(500) }
        world.pass(.hours(1) + .seconds(6))
        world.crash()
        world.start(with: [])
        #expect(world.notes(of: "a", .dropped).count == 1)
        #expect(world.states(of: "a").last?.kind == .absent)
        #expect(world.states(of: "a").last?.header.account.schedule == 0)
        #expect(world.states(of: "a").last?.header.account.openRuns == 0)
        world.pass(.zero)
        world.crash()
        let count = world.records.count
        world.start(with: [])
        #expect(world.records.count == count)
    }

    @Test func `a job whose file is in error at a start keeps what the history knows of it`() {
        let job = makeJob("a", hourly)
        let world = EngineWorld(jobs: [job])
        world.reply = { $0.number == 1 ? .status(500) : .ok() }
        world.pass(.hours(1) + .seconds(6))
        world.crash()
        world.start(with: [], inError: [JobID("a")])
        world.pass(.minutes(1))
        #expect(world.notes(of: "a").isEmpty)
        world.tell(.jobLoaded(job))
        world.pass(.seconds(1))
        #expect(world.executions(of: "a").map(\.attempt) == [1, 2])
    }
}
