import CronCore
import Testing

/// Pauses across stops and crashes.
@Suite struct PauseRestartTests {
    private let every = Schedule.every(.seconds(10))

    @Test(arguments: [nil, 100] as [Int64?])
    func `a pause survives a restart, with its reason`(until: Int64?) {
        let job = makeJob("a", every)
        let world = EngineWorld(jobs: [job])
        world.pause("a", until: until.map { .noon($0) })
        world.pass(.seconds(1))
        world.crash()
        world.pass(.seconds(49))
        world.start(with: [job])
        world.pass(.seconds(15))
        #expect(world.engine.pause(of: JobID("a"))?.reason == "deploy")
        #expect(world.times(of: "a").isEmpty && world.notes(of: "a").isEmpty)
    }

    /// What was due at the end of the pause and behind it was missed because of the stop, not because of the pause.
    @Test(arguments: [CatchUp.once, .skip], [10, 12] as [Int64])
    func `a pause that ends while the daemon is away ends there`(catchUp: CatchUp, until: Int64) {
        let job = makeJob("a", .every(.minutes(5)), catchUp: catchUp)
        let world = EngineWorld(jobs: [job])
        world.pause("a", until: noon + .minutes(until))
        world.pass(.seconds(1))
        world.crash()
        world.pass(.minutes(18) - .seconds(1))
        world.start(with: [job])
        world.pass(.minutes(3))
        #expect(world.engine.pausedJobs.isEmpty)
        #expect(world.times(of: "a").first == (catchUp == .once ? 1_080 : 1_200))
        var counts: [NoteReason: UInt64] = [:]
        for note in world.notes(of: "a") { counts[note.reason, default: 0] += note.count }
        #expect(counts[.paused] == (until == 10 ? 1 : 2))
        #expect((counts[.missed] ?? 0) == (until == 10 ? 1 : 0) + (catchUp == .once ? 0 : 1))
    }

    /// What is kept of a job that is gone ends with `KeepRemoved=`.
    @Test func `a pause outlives the records of a job that was away while the daemon ran`() throws {
        let world = EngineWorld(jobs: [makeJob("a", every)])
        world.pause("a", until: .noon(7_200))
        world.pass(.seconds(1))
        let pause = try #require(world.engine.pause(of: JobID("a")))
        world.tell(.jobRemoved(JobID("a")))
        world.pass(.seconds(1))
        world.dropRecords { $0.header.job == JobID("a") }
        world.tell(.jobLoaded(makeJob("a", every)))
        world.pass(.seconds(1))
        world.crash()
        world.start(with: [makeJob("a", every)])
        #expect(world.engine.pause(of: JobID("a")) == pause)
        world.pass(.hours(3))
        #expect(world.times(of: "a").first == 7_200)
    }

    @Test func `a pause and what passed while the daemon was away are one note, of the pause`() {
        let job = makeJob("a", every)
        let world = EngineWorld(jobs: [job])
        world.pause("a")
        world.pass(.seconds(25))
        world.crash()
        world.pass(.seconds(3_600))
        world.start(with: [job])
        world.pass(.seconds(30))
        #expect(world.notes(of: "a").isEmpty)
        world.resume("a")
        #expect(world.notes(of: "a").map(\.reason) == [.paused])
        #expect(world.notes(of: "a").map(\.count) == [365])
    }

    @Test func `a call that a stop cuts short while its job is paused is over`() {
        let job = makeJob("a")
        let world = EngineWorld(jobs: [job])
        world.reply = { _ in nil }
        world.run("a")
        world.pass(.seconds(1))
        world.pause("a")
        world.pass(.seconds(1))
        world.tell(.drainNow)
        world.pass(.seconds(1))
        #expect(world.hasDrained && world.cancelled.count == 1)
        #expect(world.executions(of: "a").map(\.nextAttemptAt) == [nil])
        world.crash()
        world.start(with: [job])
        world.resume("a")
        world.pass(.minutes(2))
        #expect(world.sent.count == 1 && world.brokenPause == nil)
    }

    @Test(arguments: 0...3)
    func `a crash in the midst of a resumption leaves nothing to catch up`(kept: Int) {
        let job = makeJob("a", every)
        let world = EngineWorld(jobs: [job])
        world.pause("a")
        world.pass(.seconds(95))
        world.syncDelay = nil
        world.resume("a")
        world.crash(keeping: kept)
        world.syncDelay = .zero
        world.start(with: [job])
        world.pass(.seconds(3))
        #expect(world.times(of: "a") == [])
        if world.engine.pausedJobs.isEmpty == false { world.resume("a") }
        world.pass(.seconds(4))
        #expect(world.times(of: "a") == [100])
        #expect(world.notes(of: "a").map(\.count).reduce(0, +) == 9)
    }

    /// A life with a pause in it, of which a crash leaves each prefix.
    @Test(arguments: 0...26)
    func `a crash anywhere leaves a job paused or not, and every occurrence accounted for`(kept: Int) {
        let jobs = [
            makeJob("a", every, overlap: .queue, retry: RetryPolicy(maxRetries: 1, delay: .seconds(15))),
            makeJob("b", every, onFailure: "a", retry: RetryPolicy(maxRetries: 0)),
        ]
        let world = EngineWorld(jobs: jobs)
        world.pass(.seconds(1))
        world.syncDelay = nil
        world.reply = { $0.job.id == JobID("b") ? .refused() : .status(500, after: .seconds(12)) }
        world.pass(.seconds(24))
        world.run("a", 1)
        world.pause("a")
        world.pass(.seconds(40))
        world.resume("a")
        world.pass(.seconds(3))
        let last = world.records.count - world.synced
        #expect(last == 26)
        world.crash(keeping: kept)
        var paused = false
        for case .state(let state) in world.records where state.header.job == JobID("a") {
            if case .paused = state.kind { paused = true }
            if case .resumed = state.kind { paused = false }
        }
        world.syncDelay = .zero
        world.reply = { _ in .ok() }
        world.start(with: jobs)
        world.pass(.seconds(1))
        #expect(world.engine.pausedJobs == (paused ? [JobID("a")] : []))
        let sent = world.sends(of: "a").count
        world.pass(.seconds(30))
        #expect((world.sends(of: "a").count == sent) == paused)
        world.resume("a")
        world.pass(.seconds(30))
        let cursor = world.engine.standing(of: JobID("a"))?.account.cursor ?? noon
        let accounted = world.accounted("a")
        let due = UInt64((cursor - noon).microseconds / 10_000_000)
        #expect(UInt64(accounted.runs.count) + accounted.noted == due, "\(accounted)")
        #expect(world.brokenPause == nil && world.engine.brokenInvariant == nil)
    }
}
