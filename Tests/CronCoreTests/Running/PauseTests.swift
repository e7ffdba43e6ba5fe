import CronCore
import Testing

/// Pauses and resumptions.
@Suite struct PauseTests {
    private let every = Schedule.every(.seconds(10))

    @Test func `a pause lets the call in flight end, ends what waits, and nothing starts`() {
        let world = EngineWorld(jobs: [
            makeJob("flies", every), makeJob("waits", every), makeJob("queues", overlap: .queue),
        ])
        world.reply = { $0.job.id == JobID("waits") ? .refused() : nil }
        world.run("queues", 10)
        world.run("queues", 11)
        world.pass(.seconds(11))
        for (token, job) in ["flies", "waits", "queues"].enumerated() { world.pause(job, ControlToken(20 + token)) }
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
        world.pause("a")
        world.pass(.seconds(60))
        world.resume("a")
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
        world.pause("a", until: .noon(35))
        #expect(world.engine.status.nextDueJob == nil)
        world.pass(.seconds(60))
        #expect(world.times(of: "a") == [40, 50, 60])
        #expect(world.notes(of: "a").map(\.count) == [3])
        #expect(world.states(of: "a").last?.kind == .resumed(by: ""))
    }

    @Test func `a paused job stays paused through changes of its file, its absence and its return`() {
        let world = EngineWorld(jobs: [makeJob("a", every)])
        world.pause("a")
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
        world.resume("a")
        world.pass(.seconds(10))
        #expect(world.times(of: "a").count == 1)
        #expect(world.engine.brokenInvariant == nil)
    }

    @Test func `a failure that would trigger a paused job is noted there`() {
        let world = EngineWorld(jobs: [
            makeJob("a", onFailure: "alert", retry: RetryPolicy(maxRetries: 0)), makeJob("alert"),
        ])
        world.reply = { _ in .refused() }
        world.pause("alert")
        world.run("a")
        world.pass(.seconds(10))
        #expect(world.sends(of: "alert").isEmpty)
        #expect(world.notes(of: "alert").map(\.reason) == [.paused])
    }

    @Test func `who pauses or resumes is told once it is on the disk, and at once while that refuses`() {
        let world = EngineWorld(jobs: [makeJob("a", every)])
        world.syncDelay = nil
        world.pause("a", 1)
        world.resume("a", 2)
        world.pass(.seconds(1))
        #expect(world.answers.isEmpty)
        world.acknowledgeSynced()
        #expect(world.answers == [1: .done, 2: .done])
        world.setDisk(refuses: true)
        world.pause("a", 3)
        #expect(world.answers[3] == .done)
        world.resume("a", 4)
        #expect(world.answers[4] == .done)
    }

    @Test func `a second pause replaces the first`() {
        let world = EngineWorld(jobs: [makeJob("a", every)])
        world.pause("a", until: .noon(30), 1)
        world.pass(.seconds(5))
        world.pause("a", until: .noon(50), reason: "longer", 2)
        world.pass(.seconds(60))
        #expect(world.times(of: "a") == [50, 60])
        #expect(world.answers[2] == .done)
        #expect(world.notes(of: "a").map(\.count) == [4])
        #expect(world.brokenPause == nil)
    }

    @Test func `runs in line, queued, parked and not yet caused end at a pause, each with a note`() {
        let world = EngineWorld(
            jobs: [
                makeJob("busy"), makeJob("line", overlap: .allow), makeJob("parked", delivery: .atMostOnce),
                makeJob("fails", onFailure: "caused", retry: RetryPolicy(maxRetries: 0), host: "b"), makeJob("caused"),
            ], settings: EngineSettings(maxConcurrent: 2, maxPerHost: 1))
        world.reply = { $0.job.id == JobID("busy") ? nil : .refused() }
        world.run("busy", 1)
        world.run("line", 2)
        world.pass(.seconds(1))
        world.syncDelay = nil
        world.run("fails", 3)
        world.pass(.seconds(1))
        #expect(world.engine.standing(of: JobID("caused"))?.openRuns == 1)
        world.pause("line", 4)
        world.pause("caused", 5)
        world.pass(.seconds(1))
        world.acknowledgeSynced()
        world.setDisk(refuses: true)
        world.run("parked", 6)
        world.pause("parked", 7)
        world.setDisk(refuses: false)
        for sent in world.sends(of: "busy") { world.end(sent.attempt.key, .ok()) }
        world.pass(.minutes(30))
        for job in ["line", "parked", "caused"] {
            #expect(world.sends(of: job).isEmpty, "\(job)")
            #expect(world.notes(of: job).map(\.reason) == [.paused], "\(job)")
            #expect(world.engine.standing(of: JobID(job))?.openRuns == 0, "\(job)")
        }
        #expect(world.brokenPause == nil && world.engine.brokenInvariant == nil)
    }

    @Test func `a request that waits for its start to be synced is not sent once the disk has refused and come back`() {
        let world = EngineWorld(jobs: [makeJob("a", delivery: .atMostOnce), makeJob("b", delivery: .atMostOnce)])
        world.syncDelay = nil
        world.run("a", 1)
        world.run("b", 2)
        world.pause("a", 3)
        world.tell(.jobLoaded(makeJob("b", isEnabled: false, delivery: .atMostOnce)))
        world.setDisk(refuses: true)
        world.pass(.seconds(5))
        world.setDisk(refuses: false)
        world.pass(.minutes(20))
        #expect(world.sent.isEmpty)
        #expect(world.notes(of: "a").map(\.reason) == [.paused])
        #expect(world.notes(of: "b").map(\.reason) == [.dropped])
        #expect(world.engine.brokenInvariant == nil && world.brokenPause == nil)
    }

    @Test func `every later record of a paused job says that it is`() {
        let job = makeJob("a", every, retry: RetryPolicy(maxRetries: 0))
        let world = EngineWorld(jobs: [job, makeJob("b", every, onFailure: "a")])
        world.reply = { $0.job.id == JobID("a") ? .ok(after: .seconds(30)) : .refused() }
        world.pass(.seconds(11))
        let before = world.records.count
        world.pause("a")
        world.pass(.seconds(60))
        world.tell(.jobRemoved(JobID("a")))
        world.pass(.seconds(60))
        world.tell(.jobLoaded(job))
        world.pass(.seconds(5))
        let later = world.records.dropFirst(before).filter { $0.header.job == JobID("a") }
        #expect(later.count >= 4)
        #expect(later.allSatisfy { $0.header.account.isPaused })
        #expect(world.brokenPause == nil)
    }

    /// What happens to the file of a paused job after 35 seconds.
    enum Change: CaseIterable {
        case schedule, disabled, removed, sameSchedule
    }

    @Test(arguments: Change.allCases)
    func `what was due while a job was paused is noted also where its file changes then`(change: Change) {
        let world = EngineWorld(jobs: [makeJob("a", every)])
        world.pause("a")
        world.pass(.seconds(35))
        switch change {
        case .schedule: world.tell(.jobLoaded(makeJob("a", .every(.seconds(7)))))
        case .disabled: world.tell(.jobLoaded(makeJob("a", every, isEnabled: false)))
        case .removed: world.tell(.jobRemoved(JobID("a")))
        case .sameSchedule: world.tell(.jobLoaded(makeJob("a", every, overlap: .queue)))
        }
        world.pass(.seconds(30))
        world.tell(.jobLoaded(makeJob("a", change == .schedule ? .every(.seconds(7)) : every)))
        world.pass(.seconds(30))
        world.resume("a")
        world.pass(.seconds(1))
        let notes = world.notes(of: "a")
        #expect(notes.allSatisfy { $0.reason == .paused && $0.run == nil })
        // Up to the change by the old schedule; then by the new one, or while the job was there.
        #expect(notes.first?.first == .noon(10))
        #expect(notes.map(\.count) == (change == .sameSchedule ? [9] : change == .schedule ? [3, 9] : [3, 3]))
        #expect(world.brokenPause == nil)
    }

    @Test func `the clock may be set back while a job is paused`() {
        let world = EngineWorld(jobs: [makeJob("a", every)])
        world.pass(.seconds(25))
        world.pause("a", until: .noon(60))
        world.step(by: .seconds(-3_600))
        world.pass(.seconds(3_000))
        #expect(world.times(of: "a") == [10, 20])
        world.pass(.seconds(700))
        #expect(world.sends(of: "a").count > 2)
        #expect(world.brokenPause == nil && world.engine.brokenInvariant == nil)
    }

    @Test func `what is due next is told of the jobs that are not paused`() {
        let world = EngineWorld(jobs: [
            makeJob("a", every), makeJob("b", .every(.seconds(45))), makeJob("c", .every(.seconds(30))),
        ])
        world.pause("a", until: .noon(5), 1)
        #expect(world.engine.status.nextDueJob == JobID("c") && world.engine.status.nextDueAt == .noon(30))
        world.pause("c", 2)
        #expect(world.engine.status.nextDueJob == JobID("b") && world.engine.status.paused == 2)
        #expect(world.engine.standing(of: JobID("a"))?.nextDueAt == nil)
        world.pass(.seconds(6))
        #expect(world.engine.status.nextDueJob == JobID("a") && world.engine.status.nextDueAt == .noon(10))
        #expect(world.engine.standing(of: JobID("a"))?.nextDueAt == .noon(10))
    }
}
