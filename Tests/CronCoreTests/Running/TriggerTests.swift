import CronCore
import Testing

@Suite struct TriggerTests {
    private let once = RetryPolicy(maxRetries: 0)

    private func failing(_ id: JobID = JobID("a")) -> (Attempt) -> EngineWorld.Reply? {
        { $0.job.id == id ? .status(500, after: .zero) : .ok(after: .zero) }
    }

    @Test func `an outage triggers OnFailure once, and its end OnRecovery once`() {
        let job = makeJob("a", .every(.minutes(1)), onFailure: "alarm", onRecovery: "calm", retry: once)
        let world = EngineWorld(jobs: [job, makeJob("alarm"), makeJob("calm")])
        world.reply = failing()
        world.pass(.minutes(5))
        #expect(world.executions(of: "a").count == 5)
        #expect(world.executions(of: "alarm").count == 1)
        #expect(world.executions(of: "calm").isEmpty)
        let cause = world.executions(of: "a")[0]
        let alarm = world.executions(of: "alarm")[0]
        #expect(alarm.run.trigger == .failure)
        #expect(alarm.run.cause == Cause(job: JobID("a"), execution: cause.id))
        #expect(
            alarm.run.id
                == RunID(
                    history: world.historyID, job: JobID("alarm"), triggeredBy: cause.run.id, trigger: .failure))
        #expect(world.sends(of: "alarm").first?.attempt.failed == cause)
        world.reply = { _ in .ok(after: .zero) }
        world.pass(.minutes(5))
        #expect(world.executions(of: "alarm").count == 1)
        #expect(world.executions(of: "calm").map(\.run.trigger) == [.recovery])
    }

    @Test func `OnFailureAfter counts failed runs in a row, and a restart does not forget them`() {
        let job = makeJob("a", .every(.minutes(1)), onFailure: "alarm", onFailureAfter: 3, retry: once)
        let jobs = [job, makeJob("alarm")]
        let world = EngineWorld(jobs: jobs)
        world.reply = failing()
        world.pass(.minutes(2))
        #expect(world.executions(of: "alarm").isEmpty)
        world.crash()
        world.start(with: jobs)
        world.pass(.minutes(1))
        #expect(world.executions(of: "alarm").count == 1)
        world.crash()
        world.start(with: jobs)
        world.pass(.minutes(3))
        #expect(world.executions(of: "alarm").count == 1)
    }

    @Test func `a triggered run triggers nothing further`() {
        let jobs = [
            makeJob("a", .every(.minutes(1)), onFailure: "alarm", retry: once),
            makeJob("alarm", onFailure: "again", retry: once), makeJob("again"),
        ]
        let world = EngineWorld(jobs: jobs)
        world.reply = { _ in .status(500, after: .zero) }
        world.pass(.minutes(2))
        #expect(world.executions(of: "alarm").count == 1)
        #expect(world.executions(of: "again").isEmpty)
    }

    @Test func `a trigger waits for its cause to be on the disk, unless the disk refuses`() {
        let job = makeJob("a", .every(.minutes(1)), onFailure: "alarm", retry: once)
        for refuses in [false, true] {
            let world = EngineWorld(jobs: [job, makeJob("alarm")])
            world.reply = failing()
            world.syncDelay = nil
            world.pass(.seconds(61))
            #expect(world.executions(of: "a").count == 1)
            #expect(world.sends(of: "alarm").isEmpty)
            if refuses { world.tell(.diskRefuses(true)) } else { world.acknowledgeSynced() }
            world.pass(.seconds(1))
            #expect(world.sends(of: "alarm").count == 1)
        }
    }

    /// Wherever the history is cut between a failure and the end of what it triggered, the alarm is raised, and each
    /// request under its one run id.
    @Test func `a crash neither doubles nor loses a triggered run`() {
        let jobs = [makeJob("a", .every(.minutes(1)), onFailure: "alarm", retry: once), makeJob("alarm")]
        let whole = EngineWorld(jobs: jobs)
        whole.reply = failing()
        whole.pass(.seconds(61))
        for cut in 2..<whole.records.count {
            let world = EngineWorld(jobs: jobs)
            world.reply = failing()
            world.syncDelay = nil
            world.pass(.seconds(59))
            world.acknowledgeSynced()
            world.pass(.seconds(1))
            if cut > 5 { world.acknowledgeSynced() }
            world.pass(.seconds(1))
            guard world.records.count >= cut else { continue }
            world.crash(keeping: cut - world.synced)
            world.syncDelay = .zero
            world.start(with: jobs)
            world.pass(.seconds(10))
            #expect(world.executions(of: "alarm").filter(\.succeeded).count == 1, "cut at \(cut)")
            #expect(Set(world.executions(of: "alarm").map(\.run.id)).count == 1, "cut at \(cut)")
        }
    }

    @Test func `triggered runs queue one behind another, a thousand at most`() {
        var jobs = (0..<1_010).map { makeJob("a\($0)", .every(.minutes(1)), onFailure: "alarm", retry: once) }
        jobs.append(makeJob("alarm", overlap: .skip))
        let world = EngineWorld(jobs: jobs, settings: EngineSettings(maxConcurrent: 5_000, maxPerHost: 5_000))
        world.reply = { $0.job.id == JobID("alarm") ? nil : .status(500, after: .zero) }
        world.pass(.seconds(61))
        #expect(world.sends(of: "alarm").count == 1)
        #expect(world.notes(of: "alarm", .overflow).count == 9)
        #expect(world.engine.standing(of: JobID("alarm"))?.openRuns == 1_001)
    }

    @Test func `a target that is not loaded is told`() {
        let world = EngineWorld(jobs: [makeJob("a", .every(.minutes(1)), onFailure: "alarm", retry: once)])
        world.reply = failing()
        world.pass(.seconds(61))
        #expect(
            world.logs.contains { entry in
                if case .triggerTargetMissing(_, let target) = entry { target == JobID("alarm") } else { false }
            })
    }

    @Test func `a stop of the daemon neither counts nor triggers`() {
        let jobs = [makeJob("a", .every(.minutes(1)), onFailure: "alarm", retry: once), makeJob("alarm")]
        let world = EngineWorld(jobs: jobs)
        world.reply = { _ in nil }
        world.pass(.minutes(1))
        world.tell(.drainNow)
        world.pass(.zero)
        #expect(world.executions(of: "a").first?.header.account.failuresInARow == 0)
        #expect(world.states(of: "alarm").allSatisfy { $0.kind == .accountingBegan })
    }
}
