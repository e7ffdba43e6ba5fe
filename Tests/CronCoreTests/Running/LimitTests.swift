import CronCore
import Testing

@Suite struct LimitTests {
    @Test func `no more than MaxConcurrent are in flight, and those who wait start in due order`() {
        let jobs = (0..<6).map { makeJob("a\($0)", .at(.noon(Int64(10 - $0))), host: "h\($0)") }
        let world = EngineWorld(jobs: jobs, settings: EngineSettings(maxConcurrent: 2))
        world.reply = { _ in .ok(after: .seconds(20)) }
        world.pass(.seconds(12))
        #expect(world.sent.count == 2)
        #expect(world.engine.status.inFlight == 2)
        #expect(world.engine.status.waiting == 4)
        world.pass(.minutes(2))
        #expect(world.sent.map(\.attempt.job.id.text) == ["a5", "a4", "a3", "a2", "a1", "a0"])
        let lateness = world.logs.compactMap { entry -> TimeSpan? in
            if case .succeeded(_, let lateness, _) = entry { lateness } else { nil }
        }
        #expect(lateness.first == .zero)
        #expect(lateness.last == .seconds(36))
    }

    @Test func `a full host delays only those that call it`() {
        var jobs = (0..<10).map { makeJob("slow\($0)", .at(.noon(10)), host: "slow") }
        jobs.append(makeJob("other", .at(.noon(11)), host: "other"))
        let world = EngineWorld(jobs: jobs, settings: EngineSettings(maxConcurrent: 100, maxPerHost: 3))
        world.reply = { $0.job.request.hostKey == "slow" ? nil : .ok() }
        world.pass(.seconds(12))
        #expect(world.sent.count == 4)
        #expect(world.times(of: "other") == [11])
    }

    @Test func `ten thousand that wait for one host cost each step little`() {
        let jobs = (0..<10_000).map { makeJob("a\($0)", .at(.noon(10)), host: "slow") }
        let world = EngineWorld(jobs: jobs, settings: EngineSettings(maxConcurrent: 64, maxPerHost: 64))
        world.reply = { _ in nil }
        world.pass(.seconds(11))
        #expect(world.sent.count == 64)
        for index in 0..<1_000 {
            world.end(world.sent[index].attempt.key, .ok())
            world.acknowledgeSynced()
        }
        #expect(world.sent.count == 1_064)
        #expect(world.engine.brokenInvariant == nil)
    }

    @Test func `raised limits let in who waits, and lowered ones let go on who is in flight`() {
        let jobs = (0..<6).map { makeJob("a\($0)", .at(.noon(10))) }
        let world = EngineWorld(jobs: jobs, settings: EngineSettings(maxConcurrent: 2))
        world.reply = { _ in nil }
        world.pass(.seconds(11))
        #expect(world.sent.count == 2)
        world.tell(.settings(EngineSettings(maxConcurrent: 5)))
        world.pass(.seconds(1))
        #expect(world.sent.count == 5)
        world.tell(.settings(EngineSettings(maxConcurrent: 1)))
        world.end(world.sent[0].attempt.key, .ok())
        world.pass(.seconds(1))
        #expect(world.sent.count == 5)
        #expect(world.engine.status.inFlight == 4)
        #expect(world.engine.brokenInvariant == nil)
    }

    @Test func `a removed job leaves its place in line to the next`() {
        let jobs = ["a", "b", "c"].map { makeJob($0, .at(.noon(10))) }
        let world = EngineWorld(jobs: jobs, settings: EngineSettings(maxConcurrent: 1))
        world.reply = { _ in .ok(after: .seconds(5)) }
        world.pass(.seconds(11))
        world.tell(.jobRemoved(JobID("b")))
        world.pass(.seconds(30))
        #expect(world.sent.map(\.attempt.job.id.text) == ["a", "c"])
        #expect(world.notes(of: "b").map(\.reason) == [.dropped])
        #expect(world.engine.brokenInvariant == nil)
    }
}

@Suite struct DiskTests {
    @Test func `the request leaves only once its start is written`() {
        let world = EngineWorld(jobs: [makeJob("a", .at(.noon(10)))])
        world.writeDelay = .milliseconds(3)
        world.syncDelay = .milliseconds(50)
        world.pass(.seconds(11))
        #expect(world.times(of: "a") == [10.003])
        #expect(world.executions(of: "a").first?.startedAt == .noon(10) + .milliseconds(3))
    }

    @Test func `an at-most-once request leaves only once its start is on the disk`() {
        let world = EngineWorld(jobs: [makeJob("a", .at(.noon(10)), delivery: .atMostOnce)])
        world.writeDelay = .milliseconds(3)
        world.syncDelay = .milliseconds(50)
        world.pass(.seconds(11))
        #expect(world.times(of: "a") == [10.05])
    }

    @Test func `the line about an attempt waits for its record to be on the disk`() {
        let world = EngineWorld(jobs: [makeJob("a", .at(.noon(10)))])
        world.syncDelay = .seconds(2)
        world.pass(.seconds(11))
        #expect(world.executions(of: "a").count == 1)
        #expect(world.logs.isEmpty)
        world.pass(.seconds(2))
        #expect(world.logs.count == 1)
    }

    @Test func `while the disk refuses, at-least-once goes on and says that it is not recorded`() {
        let world = EngineWorld(jobs: [makeJob("a", .every(.minutes(1)))])
        world.setDisk(refuses: true)
        world.pass(.minutes(3) + .seconds(1))
        #expect(world.times(of: "a") == [60, 120, 180])
        let unrecorded = world.logs.count { entry in
            if case .succeeded(_, _, recorded: false) = entry { true } else { false }
        }
        #expect(unrecorded == 3)
        world.setDisk(refuses: false)
        world.pass(.minutes(1))
        guard case .succeeded(_, _, recorded: true) = world.logs.last else {
            Issue.record("not recorded again")
            return
        }
        #expect(world.logs.count == 4)
    }

    @Test func `what waits for the disk when it begins to refuse does not wait any longer`() {
        let world = EngineWorld(jobs: [makeJob("a", .at(.noon(10))), makeJob("b", .at(.noon(5)))])
        world.pass(.seconds(1))
        world.writeDelay = nil
        world.syncDelay = nil
        world.pass(.seconds(10))
        #expect(world.sent.isEmpty)
        world.setDisk(refuses: true)
        #expect(world.sent.count == 2)
    }

    @Test func `at-most-once waits for the disk up to CatchUpWindow, and holds no place meanwhile`() {
        let careful = makeJob("a", .at(.noon(10)), catchUpWindow: .minutes(5), delivery: .atMostOnce)
        let jobs = [careful, makeJob("b", .at(.noon(20)))]
        let world = EngineWorld(jobs: jobs, settings: EngineSettings(maxConcurrent: 1))
        world.setDisk(refuses: true)
        world.pass(.seconds(60))
        #expect(world.times(of: "a").isEmpty)
        #expect(world.times(of: "b") == [20])
        world.pass(.minutes(5))
        #expect(world.notes(of: "a").map(\.reason) == [.disk])
        world.setDisk(refuses: false)
        world.pass(.minutes(5))
        #expect(world.times(of: "a").isEmpty)
        #expect(world.engine.brokenInvariant == nil)
    }

    @Test func `at-most-once begins when the disk takes records again, its start written once`() {
        for refusesBefore in [true, false] {
            let job = makeJob("a", .at(.noon(10)), delivery: .atMostOnce)
            let world = EngineWorld(jobs: [job])
            world.pass(.seconds(1))
            if refusesBefore {
                world.setDisk(refuses: true)
            } else {
                world.writeDelay = nil
                world.syncDelay = nil
            }
            world.pass(.seconds(10))
            world.setDisk(refuses: true)
            world.pass(.seconds(60))
            #expect(world.sent.isEmpty)
            world.setDisk(refuses: false)
            world.pass(.seconds(1))
            #expect(world.sent.count == 1)
            let starts = world.records.count { if case .start = $0 { true } else { false } }
            #expect(starts == 1)
        }
    }
}
