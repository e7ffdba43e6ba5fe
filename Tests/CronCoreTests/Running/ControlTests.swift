import CronCore
import Testing

/// Runs that somebody asks for, and what is refused.
@Suite struct ControlTests {
    private let every = Schedule.every(.seconds(10))

    @Test func `a run by hand is a run like any other, and leaves the schedule alone`() throws {
        let world = EngineWorld(jobs: [makeJob("a", every)])
        world.pass(.seconds(5))
        world.run("a")
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
        world.run("a")
        world.pass(.seconds(1))
        #expect(world.answers[1] == nil)
        world.acknowledgeSynced()
        guard case .accepted = world.answers[1] else {
            Issue.record("\(world.answers)")
            return
        }
        world.setDisk(refuses: true)
        world.run("a", 9)
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
            world.run(job, ControlToken(token))
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
        world.run("a")
        world.pass(.seconds(1))
        world.reply = { _ in .ok() }
        world.run("a", 2)
        world.pass(.seconds(60))
        #expect(world.executions(of: "a").map(\.succeeded) == [false, true])
        #expect(world.notes(of: "a").map(\.reason) == [.superseded])
    }

    @Test func `what cannot run says why`() {
        let world = EngineWorld(jobs: [makeJob("off", isEnabled: false), makeJob("a")])
        world.run("off", 1)
        world.run("nobody", 2)
        world.pause("a", 3)
        world.pass(.seconds(1))
        world.run("a", 4)
        world.resume("off", 5)
        world.pass(.seconds(1))
        #expect(world.answers[1] == .refused(.disabled))
        #expect(world.answers[2] == .refused(.unknownJob))
        #expect(world.answers[3] == .done)
        #expect(world.answers[4] == .refused(.paused))
        #expect(world.answers[5] == .refused(.disabled))
        world.resume("a", 6)
        world.resume("a", 7)
        world.tell(.drain)
        world.run("a", 8)
        #expect(world.answers[7] == .refused(.notPaused))
        #expect(world.answers[8] == .refused(.notReady))
        let early = EngineWorld()
        early.run("a", 1)
        #expect(early.answers[1] == .refused(.notReady))
    }

    @Test(arguments: 0...4)
    func `a crash with any part of its records neither doubles a run by hand nor loses one that was answered`(kept: Int)
    {
        let world = EngineWorld(jobs: [makeJob("a")])
        world.syncDelay = nil
        world.run("a")
        world.pass(.milliseconds(5))
        world.crash(keeping: kept)
        world.syncDelay = .zero
        world.start(with: [makeJob("a")])
        world.pass(.minutes(5))
        let succeeded = world.executions(of: "a").filter(\.succeeded)
        #expect(succeeded.count == (world.records.isEmpty || kept < 1 ? 0 : 1), "\(world.records)")
        #expect(world.engine.brokenInvariant == nil)
    }

    @Test func `a run by hand is on record as pending, and synced, before it is answered`() throws {
        for disk in [TimeSpan.zero, .milliseconds(40)] {
            let world = EngineWorld(jobs: [makeJob("a", overlap: .queue)])
            world.syncDelay = disk
            world.reply = { _ in nil }
            world.inspect = { effect in
                guard case .answer(_, .accepted(let id)) = effect else { return }
                let place = world.records.firstIndex { record in
                    guard case .state(let state) = record, case .pending(let pending) = state.kind else { return false }
                    return pending.run.id == id && pending.attempt == 1
                }
                #expect(place.map { $0 < world.synced } == true)
            }
            world.run("a", 1)
            world.run("a", 2)
            world.pass(.seconds(1))
            #expect(world.accepted(1) != nil && world.accepted(2) != nil)
            #expect(world.accepted(1) != world.accepted(2))
            #expect(world.records.last { $0.header.job == JobID("a") }?.header.account.openRuns == 2)
        }
    }

    /// What a job is about when somebody asks for a run of it.
    enum Business: CaseIterable {
        case idle, inFlight, inFlightAndQueued, waitsForRetry
    }

    struct OverlapRow: CustomTestStringConvertible {
        var overlap: Overlap
        var business: Business
        var refusal: ControlRefusal?
        /// Requests under way once it has been answered.
        var inFlight: Int
        var testDescription: String { "\(overlap), \(business)" }

        init(_ overlap: Overlap, _ business: Business, _ refusal: ControlRefusal?, inFlight: Int) {
            self.overlap = overlap
            self.business = business
            self.refusal = refusal
            self.inFlight = inFlight
        }
    }

    @Test(arguments: [
        OverlapRow(.skip, .idle, nil, inFlight: 1),
        OverlapRow(.skip, .inFlight, .overlap(.skip), inFlight: 1),
        OverlapRow(.skip, .waitsForRetry, nil, inFlight: 1),
        OverlapRow(.queue, .idle, nil, inFlight: 1),
        OverlapRow(.queue, .inFlight, nil, inFlight: 1),
        OverlapRow(.queue, .inFlightAndQueued, .overlap(.queue), inFlight: 1),
        OverlapRow(.queue, .waitsForRetry, nil, inFlight: 1),
        OverlapRow(.allow, .idle, nil, inFlight: 1),
        OverlapRow(.allow, .inFlight, nil, inFlight: 2),
        OverlapRow(.allow, .waitsForRetry, nil, inFlight: 1),
    ])
    func `what the job is about decides, as for an occurrence`(row: OverlapRow) {
        let world = EngineWorld(jobs: [makeJob("a", .every(.seconds(10)), overlap: row.overlap)])
        world.reply = { _ in row.business == .waitsForRetry ? .refused() : nil }
        switch row.business {
        case .idle: world.pass(.seconds(1))
        case .inFlight, .waitsForRetry: world.pass(.seconds(11))
        case .inFlightAndQueued: world.pass(.seconds(21))
        }
        let before = world.notes(of: "a").count
        world.reply = { _ in nil }
        world.run("a")
        world.pass(.seconds(1))
        #expect(world.transfers.count == row.inFlight)
        if let refusal = row.refusal {
            #expect(world.answers[1] == .refused(refusal))
            #expect(!refusal.words.isEmpty)
        } else {
            #expect(world.accepted(1) != nil)
        }
        let ended = world.notes(of: "a").dropFirst(before).map(\.reason)
        #expect(ended == (row.business == .waitsForRetry ? [.superseded] : []))
        #expect(world.engine.brokenInvariant == nil)
    }

    @Test func `no more runs by hand than may be open are taken`() {
        let world = EngineWorld(jobs: [makeJob("a", overlap: .allow)])
        world.reply = { _ in nil }
        for token in 1...1_000 { world.run("a", ControlToken(token)) }
        world.run("a", 1_001)
        world.pass(.seconds(1))
        #expect(world.accepted(1_000) != nil)
        #expect(world.answers[1_001] == .refused(.tooMany))
    }

    @Test func `a run by hand waits for a place like any other`() {
        let world = EngineWorld(
            jobs: [makeJob("a", overlap: .allow), makeJob("b")], settings: EngineSettings(maxConcurrent: 1))
        world.reply = { _ in .ok(after: .seconds(5)) }
        world.run("a", 1)
        world.run("b", 2)
        world.run("a", 3)
        world.pass(.seconds(11))
        #expect(world.times(of: "a") == [0, 10] && world.times(of: "b") == [5])
    }

    @Test func `an at-most-once run by hand leaves only once its start is synced, and waits while the disk refuses`() {
        let world = EngineWorld(jobs: [makeJob("a", delivery: .atMostOnce)])
        world.syncDelay = .seconds(2)
        world.run("a", 1)
        world.pass(.seconds(1))
        #expect(world.sent.isEmpty)
        world.pass(.seconds(2))
        #expect(world.sent.count == 1)
        world.pass(.seconds(5))
        world.setDisk(refuses: true)
        world.run("a", 2)
        world.pass(.seconds(5))
        #expect(world.accepted(2) != nil && world.sent.count == 1)
        world.setDisk(refuses: false)
        world.pass(.seconds(5))
        #expect(world.sent.count == 2)
    }

    @Test func `a queued run by hand that a stop leaves begins first after it, as the same run`() {
        let job = makeJob("a", overlap: .queue)
        let world = EngineWorld(jobs: [job])
        world.reply = { _ in .ok(after: .seconds(30)) }
        world.run("a", 1)
        world.run("a", 2)
        world.pass(.seconds(1))
        world.tell(.drain)
        world.pass(.seconds(60))
        #expect(world.hasDrained && world.sent.count == 1)
        world.crash()
        world.start(with: [job])
        world.pass(.seconds(40))
        #expect(world.sent.map(\.attempt.run.id) == [world.accepted(1), world.accepted(2)])
        #expect(world.executions(of: "a").map(\.run.trigger) == [.manual, .manual])
    }

    @Test func `a run by hand counts for the health of its job, and triggers what a scheduled one would`() {
        let world = EngineWorld(jobs: [
            makeJob("a", onFailure: "alert", retry: RetryPolicy(maxRetries: 0)), makeJob("alert"),
        ])
        world.reply = { $0.job.id == JobID("a") ? .refused() : .ok() }
        world.run("a")
        world.pass(.seconds(5))
        #expect(world.executions(of: "alert").map(\.run.trigger) == [.failure])
    }
}
