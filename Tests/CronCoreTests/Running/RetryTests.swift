import CronCore
import Testing

@Suite struct RetryTests {
    private let refused = Failure(code: "connect_refused", error: "", requestMayHaveLeft: false)
    private let status = Failure(code: "http_status", error: "HTTP 500", requestMayHaveLeft: true)

    private func waits(_ policy: RetryPolicy, retryAfter: String? = nil) -> [Int64?] {
        var random = RandomSource(seed: 3)
        return (1...5).map { attempt in
            policy.wait(
                after: status, status: 500, attempt: attempt, retryAfter: retryAfter, at: noon, random: &random
            ).map { $0.microseconds / 1_000_000 }
        }
    }

    @Test func `the delay grows as Backoff says, up to MaxBackoff`() {
        #expect(waits(RetryPolicy(maxRetries: 4)) == [15, 30, 45, 60, nil])
        #expect(waits(RetryPolicy(maxRetries: 4, backoff: .fixed)) == [15, 15, 15, 15, nil])
        #expect(waits(RetryPolicy(maxRetries: 5, backoff: .exponential)) == [15, 30, 60, 120, 240])
        #expect(
            waits(RetryPolicy(maxRetries: 5, backoff: .exponential, maxDelay: .seconds(50))) == [15, 30, 50, 50, 50])
        #expect(waits(RetryPolicy(maxRetries: 0)) == [nil, nil, nil, nil, nil])
    }

    @Test func `the last attempts of an endless policy do not overflow`() {
        var random = RandomSource(seed: 3)
        for backoff in Backoff.allCases {
            let policy = RetryPolicy(
                maxRetries: .max, backoff: backoff, delay: TimeSpan(microseconds: .max),
                maxDelay: TimeSpan(microseconds: .max), jitterPercent: 100)
            for attempt in [1, 62, 63, 64, 65, Int.max] {
                let wait = policy.wait(
                    after: status, status: 500, attempt: attempt, retryAfter: nil, at: noon, random: &random)
                #expect(wait.map { $0 >= .zero } ?? false)
            }
        }
    }

    @Test func `jitter moves the delay either way, and the same seed moves it the same`() {
        let policy = RetryPolicy(maxRetries: 1, delay: .seconds(100), jitterPercent: 20)
        func draw(_ seed: UInt64) -> TimeSpan? {
            var random = RandomSource(seed: seed)
            return policy.wait(after: status, status: 500, attempt: 1, retryAfter: nil, at: noon, random: &random)
        }
        let drawn = (0..<200).compactMap { draw($0) }
        #expect(drawn.allSatisfy { $0 >= .seconds(80) && $0 <= .seconds(120) })
        #expect(drawn.contains { $0 < .seconds(90) } && drawn.contains { $0 > .seconds(110) })
        #expect(draw(1) == draw(1))
    }

    @Test func `RetryOn decides which failures are worth another attempt`() {
        var random = RandomSource(seed: 1)
        let policy = RetryPolicy(retryOn: .some(transport: true, statuses: StatusSet([408...408, 500...599])))
        let unmade = Failure(code: "request_invalid", error: "", requestMayHaveLeft: false)
        for (failure, code, retries) in [
            (refused, nil, true), (status, 500, true), (status, 408, true), (status, 404, false), (unmade, nil, false),
        ] as [(Failure, Int?, Bool)] {
            let wait = policy.wait(
                after: failure, status: code, attempt: 1, retryAfter: nil, at: noon, random: &random)
            #expect((wait != nil) == retries)
        }
    }

    @Test func `a Retry-After that asks for more wins, up to MaxBackoff`() {
        let policy = RetryPolicy(maxRetries: 2, backoff: .fixed, maxDelay: .minutes(5))
        #expect(waits(policy, retryAfter: "120").first == 120)
        #expect(waits(policy, retryAfter: "3").first == 15)
        #expect(waits(policy, retryAfter: "4000").first == 300)
        #expect(waits(policy, retryAfter: "99999999999999999999999999").first == 300)
        #expect(waits(policy, retryAfter: "Mon, 02 Mar 2026 12:01:40 GMT").first == 100)
        #expect(waits(policy, retryAfter: "Mon, 02 Mar 2020 12:01:40 GMT").first == 15)
        for nonsense in ["", "soon", "-5", "1.5"] { #expect(waits(policy, retryAfter: nonsense).first == 15) }
        var deaf = policy
        deaf.honoursRetryAfter = false
        #expect(waits(deaf, retryAfter: "120").first == 15)
    }

    @Test func `an at-most-once run is tried again only if the request cannot have left`() {
        for (reply, sends) in [(EngineWorld.Reply.refused(), 4), (.status(500), 1)] {
            let world = EngineWorld(jobs: [makeJob("a", .at(.noon(10)), delivery: .atMostOnce)])
            world.reply = { _ in reply }
            world.pass(.minutes(5))
            #expect(world.sent.count == sends)
        }
    }

    @Test(arguments: RecordBody.allCases) func `RecordBody decides which bodies are recorded`(_ recordBody: RecordBody)
    {
        let world = EngineWorld(jobs: [makeJob("a", .at(.noon(10)), recordBody: recordBody)])
        world.reply = { $0.number == 1 ? .status(500) : .ok() }
        world.pass(.minutes(1))
        let kept = world.executions(of: "a").map { $0.response.body != nil }
        switch recordBody {
        case .always: #expect(kept == [true, true])
        case .failure: #expect(kept == [true, false])
        case .no: #expect(kept == [false, false])
        }
    }

    @Test func `there is one line an attempt, at the level that it deserves`() {
        let retry = RetryPolicy(maxRetries: 1)
        let world = EngineWorld(jobs: [makeJob("a", .every(.minutes(1)), onFailureAfter: 2, retry: retry)])
        world.reply = { $0.run.scheduledAt <= .noon(180) ? .status(500) : .ok() }
        world.pass(.minutes(5) + .seconds(1))
        let words = world.logs.map { entry in
            switch entry {
            case .succeeded: "succeeded"
            case .willRetry: "willRetry"
            case .runFailed: "runFailed"
            case .failing: "failing"
            case .recovered: "recovered"
            default: "?"
            }
        }
        #expect(
            words == [
                "willRetry", "runFailed", "willRetry", "failing", "willRetry", "runFailed", "recovered", "succeeded",
            ])
    }

    @Test func `a redirect that was not followed is told with its Location`() {
        let world = EngineWorld(jobs: [makeJob("a", .at(.noon(10)), retry: RetryPolicy(maxRetries: 0))])
        world.reply = { _ in
            var reply = EngineWorld.Reply.status(302)
            reply.location = "https://example.org/"
            return reply
        }
        world.pass(.seconds(11))
        guard case .redirectNotFollowed(_, let location) = world.logs.first else {
            Issue.record("no line")
            return
        }
        #expect(location == "https://example.org/")
        #expect(world.logs.count == 2)
    }

    @Test func `an answer to an attempt that is over changes nothing`() {
        let world = EngineWorld(jobs: [makeJob("a", .every(.minutes(1)))])
        world.pass(.seconds(61))
        let key = world.sent[0].attempt.key
        world.end(key, .ok())
        world.end(AttemptKey(.max), .ok())
        world.pass(.minutes(1))
        world.end(key, .ok())
        #expect(world.executions(of: "a").count == 2)
    }
}
