import CronCore
import Testing

@Suite struct ReloadTests {
    @Test func `an unchanged job keeps its call in flight and its pending retry`() {
        let jobs = ["a", "b"].map { makeJob($0, .at(.noon(10))) }
        let world = EngineWorld(jobs: jobs)
        world.reply = { attempt in
            attempt.job.id == JobID("a") ? .ok(after: .seconds(20)) : attempt.number == 1 ? .status(500) : .ok()
        }
        world.pass(.seconds(12))
        let count = world.records.count
        for name in ["a", "b"] { world.tell(.jobLoaded(makeJob(name, .at(.noon(10))))) }
        world.tell(.jobsComplete)
        #expect(world.records.count == count)
        world.pass(.minutes(1))
        #expect(world.executions(of: "a").count == 1)
        #expect(world.executions(of: "b").map(\.attempt) == [1, 2])
    }

    @Test func `an attempt on the wire keeps its definition, a later retry uses the current one`() {
        let world = EngineWorld(jobs: [makeJob("a", .at(.noon(10)), recordBody: .no, description: "old")])
        world.reply = { $0.number == 1 ? .status(500, after: .seconds(5)) : .ok() }
        world.pass(.seconds(12))
        let retry = RetryPolicy(backoff: .fixed, delay: .seconds(100))
        world.tell(.jobLoaded(makeJob("a", .at(.noon(10)), retry: retry, description: "new")))
        world.pass(.minutes(2))
        #expect(world.sent.map(\.attempt.job.description) == ["old", "new"])
        #expect(world.times(of: "a") == [10, 115])
        #expect(world.executions(of: "a").map { $0.response.body != nil } == [false, true])
    }

    @Test func `a changed schedule begins the accounting anew`() {
        let world = EngineWorld(jobs: [makeJob("a", .every(.hours(1)))])
        world.pass(.minutes(30))
        world.tell(.jobLoaded(makeJob("a", .every(.minutes(20)))))
        #expect(world.states(of: "a").map(\.kind) == [.accountingBegan, .accountingBegan])
        world.pass(.minutes(11))
        #expect(world.sends(of: "a").map(\.attempt.run.scheduledAt) == [.noon(40 * 60)])
        #expect(world.notes(of: "a").isEmpty)
    }

    @Test func `a schedule changed while the daemon was away missed nothing`() {
        let world = EngineWorld(jobs: [makeJob("a", .every(.hours(1)))])
        world.pass(.minutes(30))
        world.crash()
        world.now.wall = .noon(7_200 + 60)
        world.start(with: [makeJob("a", .every(.minutes(50)))])
        world.pass(.seconds(1))
        #expect(world.sent.isEmpty)
        #expect(world.notes(of: "a").isEmpty)
    }

    @Test(arguments: [true, false]) func `a removed or disabled job lets its call end and drops its retries`(
        isRemoved: Bool
    ) {
        let world = EngineWorld(jobs: [makeJob("a", .at(.noon(10))), makeJob("b", .at(.noon(10)))])
        world.reply = { .status(500, after: $0.job.id == JobID("a") ? .seconds(20) : .zero) }
        world.pass(.seconds(12))
        for name in ["a", "b"] {
            world.tell(
                isRemoved ? .jobRemoved(JobID(name)) : .jobLoaded(makeJob(name, .at(.noon(10)), isEnabled: false)))
        }
        #expect(world.notes(of: "b").map(\.reason) == [.dropped])
        #expect(world.notes(of: "a").isEmpty)
        #expect(world.states(of: "a").last?.kind == .absent)
        world.pass(.minutes(5))
        #expect(world.sent.count == 2)
        #expect(world.executions(of: "a").map(\.nextAttemptAt) == [nil])
        #expect(world.notes(of: "a").map(\.reason) == [.dropped])
        #expect(world.engine.standing(of: JobID("a")) == nil || !isRemoved)
        #expect(world.engine.brokenInvariant == nil)
    }

    /// What is kept of it is kept for `KeepRemoved=` from then on.
    @Test func `when a disabled job goes is on record, but not of one that never did anything`() {
        let world = EngineWorld(jobs: [makeJob("a"), makeJob("never", isEnabled: false)])
        world.tell(.jobLoaded(makeJob("a", isEnabled: false)))
        world.pass(.days(100))
        for name in ["a", "never"] { world.tell(.jobRemoved(JobID(name))) }
        #expect(world.states(of: "a").map(\.kind) == [.accountingBegan, .absent, .absent])
        #expect(world.states(of: "a").last?.header.recordedAt == noon + .days(100))
        #expect(world.states(of: "never").isEmpty)
    }

    /// What was recorded before may go at once: it is older than `KeepRemoved=`, and this need not be in a sealed segment.
    @Test func `when a disabled job goes that is paused, its pause is on record again`() {
        let world = EngineWorld(jobs: [makeJob("a")])
        world.pause("a", reason: "new rates")
        world.tell(.jobLoaded(makeJob("a", isEnabled: false)))
        world.pass(.days(100))
        world.tell(.jobRemoved(JobID("a")))
        let kinds = world.states(of: "a").map(\.kind)
        #expect(kinds.count == 5 && kinds[3] == .absent && kinds[4] == kinds[1])
    }

    @Test(arguments: [true, false]) func `after an absence nothing was missed, and the streak goes on`(isRemoved: Bool)
    {
        let job = makeJob("a", .every(.minutes(1)), retry: RetryPolicy(maxRetries: 0))
        let world = EngineWorld(jobs: [job])
        world.reply = { _ in .status(500) }
        world.pass(.minutes(2) + .seconds(1))
        let disabled = makeJob("a", .every(.minutes(1)), isEnabled: false)
        world.tell(isRemoved ? .jobRemoved(job.id) : .jobLoaded(disabled))
        world.pass(.minutes(1))
        // Also where the daemon restarts while the job is away.
        world.crash()
        world.start(with: isRemoved ? [] : [disabled])
        world.pass(.minutes(3))
        #expect(world.sent.count == 2)
        world.tell(.jobLoaded(job))
        world.pass(.minutes(1))
        #expect(world.sent.count == 3)
        #expect(world.notes(of: "a").isEmpty)
        #expect(world.executions(of: "a").last?.header.account.failuresInARow == 3)
    }

    @Test func `while a file is in error its retries wait, and its schedule goes on`() {
        let job = makeJob("a", .every(.minutes(5)))
        let world = EngineWorld(jobs: [job])
        world.reply = { $0.number == 1 ? .status(500, after: .zero) : .ok() }
        world.pass(.minutes(5) + .seconds(1))
        world.tell(.jobInError(job.id))
        world.pass(.minutes(1))
        #expect(world.sent.count == 1)
        #expect(world.engine.status.stale == 1)
        world.tell(.jobLoaded(job))
        world.pass(.zero)
        #expect(world.sent.map(\.attempt.number) == [1, 2])
        #expect(world.engine.status.stale == 0)
        world.tell(.jobInError(job.id))
        world.pass(.minutes(4))
        #expect(world.sent.count == 3)
    }

    @Test func `a new offset takes effect at once`() {
        let world = EngineWorld(jobs: [makeJob("a", .every(.hours(1)))])
        let job = makeJob("a", .every(.hours(1)), offset: .minutes(20))
        world.tell(.jobLoaded(job))
        let offset = RandomizedOffset.offset(of: job.id, in: world.historyID, within: .minutes(20))
        #expect(world.engine.nextWallDeadline == .noon(3_600) + offset)
    }

    @Test func `nothing is due before a start has been told every job`() {
        let world = EngineWorld()
        world.tell(
            .restored(
                RestoredHistory(
                    historyID: world.historyID, nextSequence: 1, lastWrittenAt: nil, jobs: [:])))
        world.tell(.jobLoaded(makeJob("a", .every(.seconds(1)))))
        world.pass(.seconds(10))
        #expect(world.engine.nextWallDeadline == nil)
        #expect(world.records.isEmpty)
    }

    @Test func `a job that comes back while its last call is still in flight takes part again`() {
        let job = makeJob("a", .every(.minutes(1)))
        let world = EngineWorld(jobs: [job])
        world.reply = { _ in .ok(after: .seconds(10)) }
        world.pass(.seconds(62))
        world.tell(.jobRemoved(job.id))
        world.tell(.jobLoaded(job))
        world.pass(.minutes(1) + .seconds(10))
        #expect(world.executions(of: "a").map(\.run.scheduledAt) == [.noon(60), .noon(120)])
    }
}
