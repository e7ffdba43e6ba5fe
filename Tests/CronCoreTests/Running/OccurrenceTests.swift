import CronCore
import Testing

@Suite struct OccurrenceTests {
    private let minutely = Schedule.every(.minutes(1))

    /// Stops the daemon's world for a while, and starts it again.
    private func standStill(_ world: EngineWorld, _ span: TimeSpan, _ jobs: [Job]) {
        world.crash()
        world.now.wall = world.now.wall + span
        world.start(with: jobs)
        world.pass(.seconds(1))
    }

    @Test func `nothing before a job was first seen was missed`() {
        let world = EngineWorld(jobs: [makeJob("a", .every(.hours(1)))], at: .noon(120))
        world.pass(.minutes(57))
        #expect(world.sent.isEmpty)
        #expect(world.notes(of: "a").isEmpty)
        #expect(world.states(of: "a").map(\.kind) == [.accountingBegan])
    }

    @Test func `an occurrence noticed within 60 s of its time is late, and runs whatever CatchUp says`() {
        let job = makeJob("a", .every(.hours(1)), catchUp: .skip)
        for (late, runs) in [(59, true), (60, true), (62, false)] {
            let world = EngineWorld(jobs: [job])
            world.pass(.minutes(59))
            standStill(world, .seconds(Int64(60 + late)), [job])
            #expect(world.executions(of: "a").map(\.run.trigger) == (runs ? [.schedule] : []))
            #expect(world.notes(of: "a", .missed).count == (runs ? 0 : 1))
        }
    }

    @Test func `of several late ones the newest runs, and the rest is one note`() {
        let job = makeJob("a", .every(.seconds(10)))
        let world = EngineWorld(jobs: [job])
        world.pass(.seconds(5))
        world.step(by: .seconds(50))
        world.pass(.seconds(1))
        #expect(world.executions(of: "a").map(\.run.scheduledAt) == [.noon(50)])
        let notes = world.notes(of: "a", .missed)
        #expect(notes.map(\.count) == [4])
        #expect(notes.first?.first == .noon(10))
        #expect(notes.first?.last == .noon(40))
        #expect(notes.first?.header.account.cursor == .noon(40))
    }

    @Test func `of what was missed the newest is caught up, and the rest is one note and one line`() {
        let job = makeJob("a", .every(.minutes(2)))
        let world = EngineWorld(jobs: [job])
        world.pass(.minutes(1))
        standStill(world, .minutes(60) + .seconds(61), [job])
        #expect(world.executions(of: "a").map(\.run.scheduledAt) == [.noon(62 * 60)])
        standStill(world, .minutes(9) + .seconds(20), [job])
        let caught = world.executions(of: "a").last
        #expect(caught?.run.scheduledAt == .noon(70 * 60))
        #expect(caught?.run.trigger == .catchUp)
        #expect(world.notes(of: "a").map(\.count) == [30, 3])
        let lines = world.logs.filter { if case .noted = $0 { true } else { false } }
        #expect(lines.count == 2)
    }

    @Test func `CatchUp=skip and what is older than CatchUpWindow are only noted`() {
        let rows: [(CatchUp, Int64, Int)] = [(.skip, 200, 0), (.once, 599, 1), (.once, 602, 0)]
        for (catchUp, age, runs) in rows {
            let job = makeJob("a", .every(.hours(1)), catchUp: catchUp)
            let world = EngineWorld(jobs: [job])
            world.pass(.minutes(1))
            standStill(world, .minutes(59) + .seconds(age), [job])
            #expect(world.executions(of: "a").count == runs)
            #expect(world.notes(of: "a", .missed).count == 1 - runs)
        }
    }

    @Test func `a year of missed minutes is counted in bounded work, and says that there were more`() throws {
        let job = makeJob("a", try cron("* * * * *"))
        let world = EngineWorld(jobs: [job])
        world.pass(.seconds(1))
        standStill(world, .days(365), [job])
        let note = world.notes(of: "a", .missed).first
        #expect(note?.count == 1_000)
        #expect(note?.last == .noon(365 * 86_400 - 60))
        #expect(note?.detail.isEmpty == false)
    }

    @Test func `the offset moves the start, and neither the occurrence nor the run id`() {
        let job = makeJob("a", .every(.hours(1)), offset: .minutes(30))
        let world = EngineWorld(jobs: [job])
        let offset = RandomizedOffset.offset(of: job.id, in: world.historyID, within: .minutes(30))
        #expect(offset > .zero)
        world.pass(offset - .seconds(1))
        #expect(world.sent.isEmpty)
        world.pass(.seconds(2))
        #expect(world.executions(of: "a").map(\.run.scheduledAt) == [noon])
        world.pass(.hours(1) - .seconds(2))
        #expect(world.sent.count == 1)
        world.pass(.seconds(2))
        let run = world.executions(of: "a").last?.run
        #expect(run?.scheduledAt == .noon(3_600))
        #expect(
            run?.id == RunID(history: world.historyID, job: job.id, occurrence: .noon(3_600), epoch: 0))
        guard case .succeeded(_, let lateness, _) = world.logs.last else {
            Issue.record("no line")
            return
        }
        #expect(lateness == .zero)
    }

    @Test func `At runs once, and is done for good`() {
        let job = makeJob("a", .at(.noon(100)))
        let world = EngineWorld(jobs: [job])
        world.pass(.seconds(101))
        #expect(world.times(of: "a") == [100])
        standStill(world, .seconds(10), [job])
        standStill(world, .seconds(-500), [job])
        world.pass(.hours(1))
        world.tell(.jobRemoved(job.id))
        world.tell(.jobLoaded(job))
        world.pass(.hours(1))
        #expect(world.sent.count == 1)
    }

    @Test func `an At that has passed when first seen is caught up within CatchUpWindow, else noted`() {
        for (age, runs) in [(Int64(30), true), (86_000, true), (86_500, false)] {
            let job = makeJob("a", .at(.noon(-age)), catchUpWindow: .days(1))
            let world = EngineWorld(jobs: [job])
            world.pass(.seconds(1))
            #expect(world.sent.count == (runs ? 1 : 0))
            #expect(world.notes(of: "a", .missed).count == (runs ? 0 : 1))
        }
    }

    @Test func `an edited At is new, under a run id of its own`() {
        let world = EngineWorld(jobs: [makeJob("a", .at(.noon(100)))])
        world.pass(.seconds(101))
        world.tell(.jobLoaded(makeJob("a", .at(.noon(200)))))
        world.pass(.seconds(100))
        world.tell(.jobLoaded(makeJob("a", .at(.noon(100)))))
        world.pass(.seconds(1))
        let runs = world.executions(of: "a").map(\.run)
        #expect(runs.map(\.scheduledAt) == [.noon(100), .noon(200), .noon(100)])
        #expect(Set(runs.map(\.id)).count == 3)
    }

    @Test func `a herd is looked at in slices, and each slice is due at once`() {
        let jobs = (0..<1_000).map { makeJob("a\($0)", minutely, host: "h\($0)") }
        let world = EngineWorld(jobs: jobs)
        world.reply = { _ in nil }
        world.pass(.seconds(60))
        #expect(world.sent.count == 1_000)
        #expect(Set(world.sent.map(\.at.wall)) == [.noon(60)])
    }
}

@Suite struct OverlapTests {
    private func world(_ overlap: Overlap, takes seconds: Int64) -> EngineWorld {
        let world = EngineWorld(jobs: [makeJob("a", .every(.minutes(1)), overlap: overlap)])
        world.reply = { _ in .ok(after: .seconds(seconds)) }
        return world
    }

    @Test func `skip notes the occurrence`() {
        let world = world(.skip, takes: 90)
        world.pass(.minutes(3) + .seconds(1))
        #expect(world.times(of: "a") == [60, 180])
        #expect(world.notes(of: "a").map(\.reason) == [.skippedOverlap])
        #expect(world.notes(of: "a").first?.first == .noon(120))
    }

    @Test func `queue lets one wait, and notes those after it`() {
        let world = world(.queue, takes: 150)
        world.pass(.minutes(4))
        #expect(world.times(of: "a") == [60, 210])
        #expect(world.sends(of: "a").map(\.attempt.run.scheduledAt) == [.noon(60), .noon(120)])
        #expect(world.notes(of: "a", .skippedOverlap).map(\.first) == [.noon(180)])
    }

    @Test func `allow lets them overlap, up to a bound`() {
        let world = world(.allow, takes: 150)
        world.pass(.minutes(4))
        #expect(world.times(of: "a") == [60, 120, 180, 240])
        #expect(world.notes(of: "a").isEmpty)
        world.reply = { _ in nil }
        world.pass(.hours(24))
        #expect(world.engine.standing(of: JobID("a"))?.openRuns == 1_000)
        #expect(world.notes(of: "a", .overflow).count > 400)
    }

    @Test(arguments: Overlap.allCases) func `a run that only waits for a retry is superseded, and has failed`(
        _ overlap: Overlap
    ) {
        let retry = RetryPolicy(backoff: .fixed, delay: .minutes(10))
        let job = makeJob(
            "a", .every(.minutes(1)), overlap: overlap, onFailure: "alarm", onFailureAfter: 2, retry: retry)
        let world = EngineWorld(jobs: [job, makeJob("alarm")])
        world.reply = { $0.job.id == JobID("a") ? .status(500, after: .zero) : .ok() }
        world.pass(.minutes(3) + .seconds(1))
        #expect(world.times(of: "a") == [60, 120, 180])
        let notes = world.notes(of: "a")
        #expect(notes.map(\.reason) == [.superseded, .superseded])
        #expect(notes.map(\.run) == world.executions(of: "a").dropLast().map(\.run.id))
        #expect(notes.map(\.header.account.failuresInARow) == [1, 2])
        #expect(world.executions(of: "alarm").count == 1)
        #expect(world.sends(of: "alarm").first?.attempt.failed == world.executions(of: "a")[1])
        let failing = world.logs.count { if case .failing = $0 { true } else { false } }
        #expect(failing == 1)
    }

    @Test func `a queued occurrence supersedes the retry of the run before it`() {
        let job = makeJob("a", .every(.minutes(1)), overlap: .queue)
        let world = EngineWorld(jobs: [job])
        world.reply = { $0.run.scheduledAt == .noon(60) ? .status(500, after: .seconds(70)) : .ok() }
        world.pass(.minutes(3) - .seconds(1))
        #expect(world.times(of: "a") == [60, 130])
        #expect(world.notes(of: "a").map(\.reason) == [.superseded])
    }
}
