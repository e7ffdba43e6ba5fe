import CronCore
import Testing

/// Runs, pauses and resumptions that somebody asks for.
@Suite struct ControlTests {
    private let every = Schedule.every(.seconds(10))

    private func run(_ world: EngineWorld, _ job: String, _ token: ControlToken = 1) {
        world.tell(.control(.run(JobID(job), by: "uid 0"), token))
    }

    private func pause(_ world: EngineWorld, _ job: String, until: Timestamp? = nil, _ token: ControlToken = 2) {
        let pause = Pause(since: world.now.wall, until: until, reason: "deploy", by: "uid 0")
        world.tell(.control(.pause(JobID(job), pause), token))
    }

    private func resume(_ world: EngineWorld, _ job: String, _ token: ControlToken = 3) {
        world.tell(.control(.resume(JobID(job), by: "uid 0"), token))
    }

    // MARK: - Runs

    @Test func `a run by hand is a run like any other, and leaves the schedule alone`() throws {
        let world = EngineWorld(jobs: [makeJob("a", every)])
        world.pass(.seconds(5))
        run(world, "a")
        world.pass(.seconds(1))
        guard case .accepted(let id) = world.answers[1] else {
            Issue.record("\(world.answers)")
            return
        }
        let first = try #require(world.executions(of: "a").first)
        #expect(first.run.id == id && first.run.trigger == .manual && first.run.scheduledAt == .noon(5))
        world.pass(.seconds(10))
        #expect(world.times(of: "a") == [5, 10])
        #expect(world.engine.brokenInvariant == nil)
    }

    @Test func `who asks for a run is told once it is on the disk, and at once while that refuses`() {
        let world = EngineWorld(jobs: [makeJob("a")])
        world.syncDelay = nil
        run(world, "a")
        world.pass(.seconds(1))
        #expect(world.answers[1] == nil)
        world.acknowledgeSynced()
        guard case .accepted = world.answers[1] else {
            Issue.record("\(world.answers)")
            return
        }
        world.setDisk(refuses: true)
        run(world, "a", 9)
        guard case .accepted = world.answers[9] else {
            Issue.record("\(world.answers)")
            return
        }
    }

    @Test func `Overlap stands against a run by hand as against an occurrence`() {
        let world = EngineWorld(jobs: [
            makeJob("skip"), makeJob("queue", overlap: .queue), makeJob("allow", overlap: .allow),
        ])
        world.reply = { _ in nil }
        for (token, job) in ["skip", "skip", "queue", "queue", "queue", "allow", "allow"].enumerated() {
            run(world, job, ControlToken(token))
        }
        world.pass(.seconds(1))
        #expect(world.answers[1] == .refused(.overlap(.skip)))
        #expect(world.answers[4] == .refused(.overlap(.queue)))
        #expect(world.sends(of: "skip").count == 1)
        #expect(world.sends(of: "queue").count == 1)
        #expect(world.sends(of: "allow").count == 2)
        for sent in world.sends(of: "queue") { world.end(sent.attempt.key, .ok()) }
        world.pass(.seconds(1))
        #expect(world.sends(of: "queue").count == 2)
        #expect(world.engine.brokenInvariant == nil)
    }

    @Test func `a run that only waits for a retry gives way to one by hand`() {
        let world = EngineWorld(jobs: [makeJob("a")])
        world.reply = { _ in .refused() }
        run(world, "a")
        world.pass(.seconds(1))
        world.reply = { _ in .ok() }
        run(world, "a", 2)
        world.pass(.seconds(60))
        #expect(world.executions(of: "a").map(\.succeeded) == [false, true])
        #expect(world.notes(of: "a").map(\.reason) == [.superseded])
    }

    @Test func `what cannot run says why`() {
        let world = EngineWorld(jobs: [makeJob("off", isEnabled: false), makeJob("a")])
        run(world, "off", 1)
        run(world, "nobody", 2)
        pause(world, "a", 3)
        world.pass(.seconds(1))
        run(world, "a", 4)
        resume(world, "off", 5)
        world.pass(.seconds(1))
        #expect(world.answers[1] == .refused(.disabled))
        #expect(world.answers[2] == .refused(.unknownJob))
        #expect(world.answers[3] == .done)
        #expect(world.answers[4] == .refused(.paused))
        #expect(world.answers[5] == .refused(.disabled))
        resume(world, "a", 6)
        resume(world, "a", 7)
        world.tell(.drain)
        run(world, "a", 8)
        #expect(world.answers[7] == .refused(.notPaused))
        #expect(world.answers[8] == .refused(.notReady))
        let early = EngineWorld()
        run(early, "a", 1)
        #expect(early.answers[1] == .refused(.notReady))
    }

    private func pause(_ world: EngineWorld, _ job: String, _ token: ControlToken) {
        pause(world, job, until: nil, token)
    }

    @Test(arguments: 0...4)
    func `a crash with any part of its records neither doubles a run by hand nor loses one that was answered`(kept: Int)
    {
        let world = EngineWorld(jobs: [makeJob("a")])
        world.syncDelay = nil
        run(world, "a")
        world.pass(.milliseconds(5))
        world.crash(keeping: kept)
        world.syncDelay = .zero
        world.start(with: [makeJob("a")])
        world.pass(.minutes(5))
        let succeeded = world.executions(of: "a").filter(\.succeeded)
        #expect(succeeded.count == (world.records.isEmpty || kept < 1 ? 0 : 1), "\(world.records)")
        #expect(world.engine.brokenInvariant == nil)
    }

    // MARK: - Pauses

    @Test func `a pause lets the call in flight end, ends what waits, and nothing starts`() {
        let world = EngineWorld(jobs: [
            makeJob("flies", every), makeJob("waits", every), makeJob("queues", overlap: .queue),
        ])
        world.reply = { $0.job.id == JobID("waits") ? .refused() : nil }
        run(world, "queues", 10)
        run(world, "queues", 11)
        world.pass(.seconds(11))
        for (token, job) in ["flies", "waits", "queues"].enumerated() { pause(world, job, ControlToken(20 + token)) }
        world.pass(.seconds(1))
        for sent in world.sent where world.transfers[sent.attempt.key] != nil {
            world.end(sent.attempt.key, .status(500))
        }
        world.pass(.minutes(10))
        #expect(world.sends(of: "flies").count == 1 && world.sends(of: "waits").count == 1)
        #expect(world.sends(of: "queues").count == 1)
        // The call that failed while the job was paused is not tried again, and the others' runs have ended, too.
        for job in ["flies", "waits", "queues"] {
            let notes = world.notes(of: job).map(\.reason)
            #expect(notes == (job == "queues" ? [.paused, .paused] : [.paused]), "\(job)")
            #expect(world.executions(of: job).allSatisfy { $0.nextAttemptAt == nil || job == "waits" })
            #expect(world.engine.standing(of: JobID(job))?.openRuns == 0)
            #expect(world.records.last { $0.header.job == JobID(job) }?.header.account.isPaused == true)
        }
        #expect(world.engine.brokenInvariant == nil)
    }

    @Test func `resumed, a job catches nothing up, and one note accounts for what was due`() throws {
        let world = EngineWorld(jobs: [makeJob("a", every)])
        world.pass(.seconds(12))
        pause(world, "a")
        world.pass(.seconds(60))
        resume(world, "a")
        world.pass(.seconds(20))
        #expect(world.times(of: "a") == [10, 80, 90])
        let note = try #require(world.notes(of: "a").first)
        #expect(note.reason == .paused && note.count == 6)
        #expect(note.first == .noon(20) && note.last == .noon(70))
        #expect(world.answers[2] == .done && world.answers[3] == .done)
        #expect(world.engine.pausedJobs == [])
    }

    @Test func `a pause ends by itself when its time comes`() {
        let world = EngineWorld(jobs: [makeJob("a", every)])
        pause(world, "a", until: .noon(35))
        #expect(world.engine.status.nextDueJob == nil)
        world.pass(.seconds(60))
        #expect(world.times(of: "a") == [40, 50, 60])
        #expect(world.notes(of: "a").map(\.count) == [3])
        #expect(world.states(of: "a").last?.kind == .resumed(by: ""))
    }

    @Test(arguments: [nil, 25, 100] as [Int64?])
    func `a pause survives a restart, with its reason, and ends in time`(until: Int64?) {
        let job = makeJob("a", every)
        let world = EngineWorld(jobs: [job])
        pause(world, "a", until: until.map { .noon($0) })
        world.pass(.seconds(1))
        world.crash()
        world.pass(.seconds(49))
        world.start(with: [job])
        let ended = until.map { $0 < 50 } ?? false
        world.pass(.seconds(5))
        #expect(world.engine.pause(of: JobID("a"))?.reason == (ended ? nil : "deploy"))
        #expect(world.times(of: "a") == [])
        world.pass(.seconds(10))
        #expect(world.times(of: "a") == (ended ? [60] : []))
        #expect(world.notes(of: "a").map(\.reason) == (ended ? [.paused] : []))
    }

    @Test func `a paused job stays paused through changes of its file, its absence and its return`() {
        let world = EngineWorld(jobs: [makeJob("a", every)])
        pause(world, "a")
        world.pass(.seconds(1))
        world.tell(.jobLoaded(makeJob("a", .every(.seconds(7)))))
        world.pass(.seconds(30))
        world.tell(.jobLoaded(makeJob("a", .every(.seconds(7)), isEnabled: false)))
        world.pass(.seconds(30))
        world.tell(.jobRemoved(JobID("a")))
        world.pass(.seconds(30))
        world.tell(.jobLoaded(makeJob("a", every)))
        world.pass(.seconds(30))
        #expect(world.times(of: "a") == [])
        #expect(world.engine.pausedJobs == [JobID("a")])
        resume(world, "a")
        world.pass(.seconds(10))
        #expect(world.times(of: "a").count == 1)
        #expect(world.engine.brokenInvariant == nil)
    }

    @Test func `a failure that would trigger a paused job is noted there`() {
        let world = EngineWorld(jobs: [
            makeJob("a", onFailure: "alert", retry: RetryPolicy(maxRetries: 0)), makeJob("alert"),
        ])
        world.reply = { _ in .refused() }
        pause(world, "alert")
        run(world, "a")
        world.pass(.seconds(10))
        #expect(world.sends(of: "alert").isEmpty)
        #expect(world.notes(of: "alert").map(\.reason) == [.paused])
    }

    @Test(arguments: 0...3)
    func `a crash in the midst of a resumption leaves nothing to catch up`(kept: Int) {
        let job = makeJob("a", every)
        let world = EngineWorld(jobs: [job])
        pause(world, "a")
        world.pass(.seconds(95))
        world.syncDelay = nil
        resume(world, "a")
        world.crash(keeping: kept)
        world.syncDelay = .zero
        world.start(with: [job])
        world.pass(.seconds(3))
        #expect(world.times(of: "a") == [])
        if world.engine.pausedJobs.isEmpty == false { resume(world, "a") }
        world.pass(.seconds(4))
        #expect(world.times(of: "a") == [100])
        #expect(world.notes(of: "a").map(\.count).reduce(0, +) == 9)
    }
}
