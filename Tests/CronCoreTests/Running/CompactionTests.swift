import CronCore
import Testing

@Suite struct CompactionTests {
    /// A world whose engine runs, with one job that leaves records.
    private func makeWorld(compactAt: TimeSpan = .hours(13), job: Job? = nil) -> EngineWorld {
        EngineWorld(
            jobs: [job ?? makeJob("a", .every(.minutes(30)))], settings: EngineSettings(compactAt: compactAt))
    }

    private func times(_ world: EngineWorld) -> [Double] {
        world.compactions.map { Double(($0.at.wall - noon).microseconds) / 1_000_000 }
    }

    @Test func `the history is compacted each day at its time, and at no other`() {
        let world = makeWorld()
        world.pass(.hours(50))
        #expect(times(world) == [3_600, 90_000, 176_400])
        #expect(world.compactions.allSatisfy { $0.cause == .daily })
        #expect(world.engine.brokenInvariant == nil)
    }

    @Test func `a time of day that has passed is tomorrow's, and the very moment of the start too`() {
        for compactAt in [TimeSpan.hours(11), .hours(12)] {
            let world = makeWorld(compactAt: compactAt)
            world.pass(.hours(22))
            #expect(world.compactions.isEmpty)
            world.pass(.hours(2))
            #expect(world.compactions.count == 1)
        }
    }

    @Test func `a daemon without jobs compacts too, and tells no job as the next`() {
        let world = EngineWorld(jobs: [], settings: EngineSettings(compactAt: .hours(13)))
        #expect(world.engine.nextWallDeadline == .noon(3_600))
        #expect(world.engine.status.nextDueAt == nil)
        world.pass(.hours(2))
        #expect(world.compactions.count == 1)
    }

    @Test func `the next job is told, though the compaction comes before it`() {
        let world = makeWorld(compactAt: .hours(12) + .minutes(10))
        world.tell(.jobLoaded(makeJob("b", .every(.minutes(40)))))
        #expect(world.engine.status.nextDueJob == JobID("a"))
        #expect(world.engine.status.nextDueAt == .noon(1_800))
        world.tell(.jobRemoved(JobID("a")))
        #expect(world.engine.status.nextDueJob == JobID("b"))
    }

    @Test func `one that a stop has missed comes ten minutes after the start`() {
        let world = makeWorld()
        world.pass(.minutes(59))
        world.crash()
        world.now.wall = .noon(7_200)
        world.start(with: [makeJob("a", .every(.minutes(30)))])
        world.pass(.minutes(10) - .milliseconds(1))
        #expect(world.compactions.isEmpty)
        world.pass(.milliseconds(1))
        #expect(times(world) == [7_800])
        #expect(world.compactions.map(\.cause) == [.missed])
        world.pass(.hours(24))
        #expect(times(world) == [7_800, 90_000])
    }

    @Test func `a new history, or one that was compacted since, has missed none`() {
        let fresh = makeWorld(compactAt: .hours(11))
        fresh.pass(.minutes(30))
        #expect(fresh.compactions.isEmpty)
        for (compactedAt, isMissed) in [(-3_601, true), (-3_600, false), (60, false)] as [(Int64, Bool)] {
            let world = makeWorld(compactAt: .hours(11))
            world.pass(.minutes(31))
            world.crash()
            world.compactedAt = .noon(compactedAt)
            world.start(with: [])
            world.pass(.hours(1))
            #expect(!world.compactions.isEmpty == isMissed, "\(compactedAt)")
        }
    }

    @Test func `a history that nothing was added to since the last one has missed none`() {
        let world = makeWorld(compactAt: .hours(13))
        world.pass(.minutes(31))
        world.crash()
        world.compactedAt = .noon(3_500)
        world.now.wall = .noon(86_400 * 3)
        world.start(with: [])
        world.pass(.minutes(30))
        #expect(world.compactions.isEmpty)
    }

    @Test func `one that was missed is made up for once, whatever comes before`() {
        let world = makeWorld()
        world.pass(.minutes(31))
        world.crash()
        world.now.wall = .noon(86_400 + 3_300)
        world.start(with: [])
        world.pass(.minutes(4))
        world.step(by: .minutes(-30))
        world.step(by: .minutes(20))
        world.tell(.historyTooLarge)
        world.pass(.minutes(10))
        #expect(world.compactions.map(\.cause) == [.early])
        world.pass(.minutes(20))
        #expect(world.compactions.map(\.cause) == [.early, .daily])
    }

    @Test func `a missed one keeps its time by the boot clock`() {
        let world = makeWorld()
        world.pass(.minutes(31))
        world.crash()
        world.now.wall = .noon(7_200)
        world.start(with: [])
        world.pass(.minutes(4))
        world.step(by: .hours(-100))
        world.pass(.minutes(6) - .milliseconds(1))
        #expect(world.compactions.isEmpty)
        world.pass(.milliseconds(1))
        #expect(world.compactions.map(\.cause) == [.missed])
    }

    @Test func `a clock that was set is followed`() {
        let world = makeWorld()
        // Over its time: that one is not lost.
        world.step(by: .days(365))
        world.pass(.seconds(2))
        #expect(world.compactions.count == 1)
        world.pass(.minutes(61))
        #expect(world.compactions.count == 2)
        world.step(by: .days(-365))
        world.pass(.hours(24))
        #expect(world.compactions.count == 3)
        // And back before it: it comes again, which does no harm.
        world.step(by: .minutes(-30))
        world.pass(.hours(1))
        #expect(world.compactions.count == 4)
    }

    @Test func `a reload that changes CompactAt= moves it, and another reload does not`() {
        let world = makeWorld(compactAt: .hours(16))
        world.tell(.settings(EngineSettings(compactAt: .hours(14))))
        world.pass(.hours(3))
        #expect(times(world) == [7_200])
        world.tell(.settings(EngineSettings(maxPerHost: 3, compactAt: .hours(14))))
        world.tell(.settings(EngineSettings(compactAt: .hours(13))))
        world.pass(.hours(24))
        #expect(times(world) == [7_200, 90_000])
    }

    @Test func `there is never a second one while one runs`() {
        let world = makeWorld()
        world.compactionTakes = nil
        world.pass(.hours(1))
        #expect(world.engine.status.isCompacting)
        world.tell(.historyTooLarge)
        world.pass(.hours(24))
        #expect(world.compactions.count == 1)
        world.tell(.compacted)
        #expect(!world.engine.status.isCompacting)
        world.tell(.historyTooLarge)
        #expect(world.compactions.map(\.cause) == [.daily, .early])
    }

    @Test func `none begins before the start is over, nor once a stop has begun`() {
        let world = EngineWorld(settings: EngineSettings(compactAt: .hours(12) + .seconds(1)))
        world.tell(.historyTooLarge)
        world.pass(.seconds(10))
        #expect(world.compactions.isEmpty)
        let draining = makeWorld()
        draining.reply = { _ in nil }
        draining.pass(.minutes(45))
        draining.tell(.drain)
        draining.tell(.historyTooLarge)
        draining.pass(.hours(2))
        #expect(!draining.hasDrained)
        #expect(draining.compactions.isEmpty)
    }

    @Test func `a clock that is waited for is waited for here too`() {
        let world = EngineWorld(
            at: noon, settings: EngineSettings(compactAt: .hours(12) + .minutes(1)), programBuiltAt: .noon(600))
        world.start(with: [])
        world.pass(.seconds(119))
        #expect(world.compactions.isEmpty)
        world.step(by: .minutes(9))
        world.pass(.hours(1))
        #expect(world.compactions.isEmpty)
    }

    @Test func `a herd and the compaction in the same second: both`() {
        let jobs = (0..<600).map { makeJob("j\($0)", .every(.hours(1))) }
        let world = EngineWorld(jobs: jobs, settings: EngineSettings(compactAt: .hours(13)))
        world.pass(.minutes(61))
        #expect(world.sent.count == 600)
        #expect(world.compactions.count == 1)
    }
}
