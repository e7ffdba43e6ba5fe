import CronCore
import Testing

@Suite struct ClockTests {
    private func corrections(_ world: EngineWorld) -> Int {
        world.logs.count { if case .clockCorrected = $0 { true } else { false } }
    }

    @Test func `a clock set back lets what follows elapsed time go on from the new now`() throws {
        for schedule in [Schedule.every(.minutes(1)), try cron("* * * * *")] {
            let world = EngineWorld(jobs: [makeJob("a", schedule)])
            world.pass(.minutes(10))
            #expect(world.sent.count == 10)
            world.step(by: .minutes(-5) - .seconds(30))
            world.pass(.minutes(1))
            #expect(world.sends(of: "a").last?.attempt.run.scheduledAt == .noon(300))
            #expect(Set(world.executions(of: "a").map(\.run.id)).count == 11)
            #expect(world.states(of: "a").last?.kind == .clockCorrected)
            #expect(world.states(of: "a").last?.header.account.epoch == 1)
            #expect(corrections(world) == 0)
        }
    }

    @Test func `a small step back never repeats the last occurrence`() {
        let world = EngineWorld(jobs: [makeJob("a", .every(.minutes(1)))])
        world.pass(.minutes(1) + .milliseconds(200))
        world.step(by: .milliseconds(-500))
        world.pass(.seconds(59))
        #expect(world.times(of: "a") == [60])
        world.pass(.seconds(2))
        #expect(world.sends(of: "a").map(\.attempt.run.scheduledAt) == [.noon(60), .noon(120)])
        #expect(world.executions(of: "a").last?.header.account.epoch == 0)
    }

    @Test func `a fixed time waits for the clock to pass it again, up to three hours`() throws {
        let world = EngineWorld(jobs: [makeJob("a", try cron("0 13,14,15 * * *"))])
        world.pass(.hours(1))
        #expect(world.sent.count == 1)
        world.step(by: .minutes(-30))
        world.pass(.minutes(89))
        #expect(world.sent.count == 1)
        world.pass(.minutes(2))
        #expect(world.sends(of: "a").map(\.attempt.run.scheduledAt) == [.noon(3_600), .noon(7_200)])
        #expect(corrections(world) == 0)
    }

    @Test func `a fixed time more than three hours ahead was a wrong clock: warned, noted, moved to now`() throws {
        let world = EngineWorld(jobs: [makeJob("a", try cron("0 13,14,15 * * *"))])
        world.pass(.hours(3))
        #expect(world.sent.count == 3)
        world.step(by: .hours(-3) - .minutes(2))
        world.pass(.hours(1) + .minutes(3))
        #expect(world.sends(of: "a").last?.attempt.run.scheduledAt == .noon(3_600))
        #expect(Set(world.executions(of: "a").map(\.run.id)).count == 4)
        #expect(corrections(world) == 1)
        #expect(world.notes(of: "a").map(\.reason) == [.clock])
        #expect(world.notes(of: "a").first?.header.account.epoch == 1)
    }

    @Test func `a history written under a wrong clock does not silence a job at the next start`() throws {
        let job = makeJob("a", try cron("0 13 * * *"))
        let world = EngineWorld(jobs: [job], at: .noon(86_400 * 3_650))
        world.pass(.hours(2))
        #expect(world.sent.count == 1)
        world.crash()
        world.now.wall = noon
        world.start(with: [job])
        world.pass(.minutes(3))
        #expect(corrections(world) == 1)
        world.pass(.hours(2))
        #expect(world.sent.count == 2)
    }

    @Test func `a retry keeps its time by the boot clock, whatever the wall clock does`() {
        let world = EngineWorld(jobs: [makeJob("a", .at(.noon(10)))])
        world.reply = { $0.number == 1 ? .status(500, after: .zero) : .ok() }
        world.pass(.seconds(11))
        let start = world.sent[0].at.boot
        world.step(by: .hours(-1))
        world.pass(.seconds(1))
        world.step(by: .hours(2))
        world.pass(.seconds(2))
        #expect(world.sent.count == 1)
        world.pass(.minutes(1))
        #expect(world.sent.count == 2)
        #expect(world.sent[1].at.boot - start == .seconds(15))
    }

    @Test func `a step is told with its size`() {
        let world = EngineWorld(jobs: [makeJob("a", .every(.hours(1)))])
        world.pass(.minutes(1))
        world.step(by: .seconds(90))
        guard case .clockStepped(let step) = world.logs.last else {
            Issue.record("no line")
            return
        }
        #expect(step == .seconds(90))
    }

    @Test func `a clock behind the record holds scheduled starts for two minutes`() {
        let job = makeJob("a", .every(.minutes(1)))
        let world = EngineWorld(jobs: [job])
        world.pass(.minutes(30))
        let count = world.sent.count
        world.crash()
        world.now.wall = .noon(600)
        world.start(with: [job])
        world.pass(.seconds(119))
        #expect(world.sent.count == count)
        world.pass(.minutes(2))
        #expect(world.sent.count > count)
        let told = world.logs.count { if case .holdEnded(clockIsBehind: true) = $0 { true } else { false } }
        #expect(told == 1)
    }

    @Test func `a step to the right time ends the hold at once`() {
        let job = makeJob("a", .every(.minutes(1)))
        let world = EngineWorld(jobs: [job])
        world.pass(.minutes(30))
        let count = world.sent.count
        world.crash()
        world.now.wall = .noon(600)
        world.start(with: [job])
        world.pass(.seconds(10))
        world.step(by: .minutes(21))
        world.pass(.seconds(1))
        #expect(world.sent.count == count + 1)
        let told = world.logs.count { if case .holdEnded(clockIsBehind: false) = $0 { true } else { false } }
        #expect(told == 1)
    }

    @Test func `a clock behind the build of the program holds too`() {
        let world = EngineWorld(at: noon, programBuiltAt: .noon(600))
        world.start(with: [makeJob("a", .every(.seconds(10)))])
        world.pass(.seconds(119))
        #expect(world.sent.isEmpty)
        #expect(world.engine.nextWallDeadline == nil)
        world.pass(.seconds(20))
        #expect(!world.sent.isEmpty)
    }

    @Test func `a clock that is a second behind is waited for a second`() {
        let world = EngineWorld(at: noon, programBuiltAt: .noon(1))
        world.start(with: [makeJob("a", .every(.seconds(10)))])
        world.pass(.seconds(12))
        #expect(world.times(of: "a") == [10])
    }
}
