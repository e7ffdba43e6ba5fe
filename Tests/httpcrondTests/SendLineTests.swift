import CronCore
import Testing

@testable import httpcrond

@Suite struct SendLineTests {
    private func attempt(_ number: UInt64) -> Attempt {
        let request = RequestTemplate(url: Template(pieces: [.literal("http://a/")]), hostKey: "a:80")
        let job = Job(id: JobID("a"), name: "a", description: "", schedule: .onDemand, request: request)
        let run = Run(id: RunID(UUID(high: 0, low: number)), trigger: .manual, scheduledAt: Timestamp(seconds: 0))
        let now = Moment(wall: Timestamp(seconds: 0), boot: Instant(microseconds: 0))
        return Attempt(
            key: AttemptKey(number), job: job, run: run, number: 1,
            execution: ExecutionID(UUID(high: 0, low: number)), startedAt: now)
    }

    @Test func `first in, first out, without those that were taken back`() {
        var line = SendLine()
        for number in 0..<5 { line.append(attempt(UInt64(number))) }
        let removals = [0, 3, 3].map { line.remove(AttemptKey($0)) }
        #expect(removals == [true, true, false])
        var left: [UInt64] = []
        while let next = line.popFirst() { left.append(next.key.value) }
        #expect(left == [1, 2, 4])
        #expect(line.isEmpty)
    }

    @Test func `a line that never empties keeps its order`() {
        var line = SendLine()
        var expected: UInt64 = 0
        for number in 0..<10_000 {
            line.append(attempt(UInt64(number)))
            if number > 4 {
                let next = line.popFirst()
                #expect(next?.key.value == expected)
                expected += 1
            }
        }
        #expect(!line.isEmpty)
    }
}
