import CronCore
import Testing

@Suite struct MainPathTests {
    @Test func `a due job is recorded as started, sent, and recorded as ended`() {
        let world = EngineWorld(jobs: [makeJob("a", .every(.minutes(1)))])
        world.pass(.seconds(59))
        #expect(world.sent.isEmpty)
        world.pass(.seconds(2))
        #expect(world.times(of: "a") == [60])
        let execution = world.executions(of: "a").first
        #expect(execution?.run.scheduledAt == .noon(60))
        #expect(execution?.run.trigger == .schedule)
        #expect(execution?.attempt == 1)
        #expect(execution?.maxAttempts == 4)
        #expect(execution?.duration == .milliseconds(10))
        #expect(execution?.startedAt == .noon(60))
        #expect(execution?.finishedAt == .noon(60) + .milliseconds(10))
        #expect(execution?.header.account.cursor == .noon(60))
        #expect(execution?.header.account.openRuns == 0)
        guard case .succeeded(_, let lateness, let recorded) = world.logs.last else {
            Issue.record("no line")
            return
        }
        #expect(lateness == .zero)
        #expect(recorded)
    }

    @Test func `a failed attempt is tried again at its backoff, and the run fails after the last`() {
        let world = EngineWorld(jobs: [makeJob("a", .every(.hours(1)))])
        world.reply = { _ in .status(500, after: .zero) }
        world.pass(.hours(1) + .minutes(5))
        #expect(world.times(of: "a") == [3_600, 3_615, 3_645, 3_690])
        let executions = world.executions(of: "a")
        #expect(executions.map(\.attempt) == [1, 2, 3, 4])
        #expect(Set(executions.map(\.run.id)).count == 1)
        #expect(executions.map(\.nextAttemptAt) == [.noon(3_615), .noon(3_645), .noon(3_690), nil])
        #expect(executions.map(\.header.account.openRuns) == [1, 1, 1, 0])
        #expect(executions.map(\.header.account.failuresInARow) == [0, 0, 0, 1])
    }
}
