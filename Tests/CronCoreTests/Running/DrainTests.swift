import CronCore
import Testing

@Suite struct DrainTests {
    @Test func `a drain lets calls in flight end, starts nothing, and then says so`() {
        let world = EngineWorld(jobs: [makeJob("a", .every(.minutes(1)))])
        world.reply = { _ in .ok(after: .seconds(90)) }
        world.pass(.minutes(1))
        world.tell(.drain)
        #expect(!world.hasDrained)
        world.pass(.minutes(1) + .seconds(29))
        #expect(!world.hasDrained)
        world.pass(.seconds(2))
        #expect(world.hasDrained)
        #expect(world.sent.count == 1)
        #expect(world.executions(of: "a").count == 1)
    }

    @Test func `a drain is complete only once everything is on the disk, unless the disk refuses`() {
        for refuses in [false, true] {
            let world = EngineWorld(jobs: [makeJob("a", .every(.minutes(1)))])
            world.reply = { _ in .ok(after: .seconds(1)) }
            world.pass(.minutes(1))
            world.syncDelay = nil
            world.tell(.drain)
            world.pass(.seconds(2))
            #expect(world.executions(of: "a").count == 1)
            #expect(!world.hasDrained)
            if refuses { world.tell(.diskRefuses(true)) } else { world.acknowledgeSynced() }
            #expect(world.hasDrained)
        }
    }

    @Test func `what a second stop cuts short goes on first after the next start, whatever CatchUp says`() {
        let job = makeJob("a", .every(.hours(1)), catchUp: .skip)
        let world = EngineWorld(jobs: [job])
        world.reply = { _ in nil }
        world.pass(.hours(1) + .seconds(7))
        let key = world.sent[0].attempt.key
        world.tell(.drain)
        world.tell(.drainNow)
        world.pass(.zero)
        #expect(world.cancelled == [key])
        #expect(world.hasDrained)
        let cut = world.executions(of: "a").first
        #expect(cut?.response.failure?.error == "%Httpcron.Interrupted{reason: :shutdown}")
        #expect(cut?.duration == .seconds(7))
        #expect(cut?.header.account.failuresInARow == 0)
        #expect(cut?.header.account.openRuns == 1)
        world.pass(.minutes(5))
        world.crash()
        world.reply = { _ in .ok() }
        world.start(with: [job])
        world.pass(.seconds(1))
        #expect(world.sent.count == 2)
        #expect(world.executions(of: "a").map(\.attempt) == [1, 2])
    }

    @Test func `what was cut short longer ago than CatchUpWindow is dropped, and noted`() {
        let job = makeJob("a", .every(.hours(1)))
        let world = EngineWorld(jobs: [job])
        world.reply = { _ in nil }
        world.pass(.hours(1))
        world.tell(.drainNow)
        world.pass(.minutes(11))
        world.crash()
        world.start(with: [job])
        world.pass(.seconds(1))
        #expect(world.sent.count == 1)
        #expect(world.notes(of: "a", .dropped).count == 1)
    }

    @Test func `an at-most-once request that had left is not repeated after a stop`() {
        let job = makeJob("a", .every(.hours(1)), delivery: .atMostOnce)
        let world = EngineWorld(jobs: [job])
        world.reply = { _ in nil }
        world.pass(.hours(1))
        world.tell(.drainNow)
        world.pass(.zero)
        world.crash()
        world.start(with: [job])
        world.pass(.minutes(5))
        #expect(world.sent.count == 1)
        #expect(world.executions(of: "a").map(\.header.account.openRuns) == [0])
    }

    @Test func `what is due and has no place at a stop starts first after the next start`() {
        let jobs = [makeJob("a", .every(.hours(1)), catchUp: .skip), makeJob("b", .every(.hours(1)), catchUp: .skip)]
        let world = EngineWorld(jobs: jobs, settings: EngineSettings(maxConcurrent: 1))
        world.reply = { _ in .ok(after: .seconds(30)) }
        world.pass(.hours(1))
        #expect(world.sent.count == 1)
        world.tell(.drain)
        world.pass(.minutes(3))
        #expect(world.hasDrained)
        #expect(world.sent.count == 1)
        world.crash()
        world.start(with: jobs)
        #expect(world.executions(of: "b").isEmpty)
        world.pass(.minutes(1))
        #expect(world.executions(of: "a").count == 1)
        #expect(world.executions(of: "b").map(\.run.scheduledAt) == [.noon(3_600)])
    }

    @Test func `a retry that waits at a stop happens once, at its time, after the next start`() {
        let job = makeJob("a", .every(.hours(1)))
        let world = EngineWorld(jobs: [job])
        world.reply = { $0.number == 1 ? .status(500, after: .zero) : .ok() }
        world.pass(.hours(1) + .seconds(2))
        world.tell(.drain)
        world.pass(.zero)
        #expect(world.hasDrained)
        world.pass(.seconds(2))
        world.crash()
        world.start(with: [job])
        world.pass(.minutes(2))
        #expect(world.times(of: "a") == [3_600, 3_615])
    }
}
