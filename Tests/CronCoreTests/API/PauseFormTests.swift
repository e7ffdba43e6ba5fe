import CronCore
import Testing

@Suite struct PauseFormTests {
    private let now = Timestamp(seconds: 1_772_452_800)

    private func pause(until: [String] = [], reason: [String] = []) throws(APIProblem) -> Pause {
        try Pause(until: until, reason: reason, by: "uid 7", at: now)
    }

    @Test func `a form may say nothing, and the last of each field counts`() throws {
        #expect(try pause() == Pause(since: now, by: "uid 7"))
        let both = try pause(
            until: ["soon", "2026-03-02T13:00:00+00:00"], reason: ["a", String(repeating: "ö", count: 500)])
        #expect(both.until == now + .hours(1))
        #expect(both.reason == String(repeating: "ö", count: 500))
    }

    @Test(arguments: ["", "soon", "2026-03-02T13:00:00", "2026-03-02", "1772456400"])
    func `a moment is one of ISO 8601 with its offset`(text: String) {
        let words = "must be an ISO 8601 moment with an offset or Z: 2026-12-24T18:00:00Z"
        #expect(throws: APIProblem.invalid("until", words)) { try pause(until: [text]) }
    }

    @Test(arguments: ["2026-03-02T12:00:00Z", "2026-03-02T12:59:59+01:00"])
    func `a pause ends later than it begins`(text: String) {
        #expect(throws: APIProblem.invalid("until", "must lie ahead")) { try pause(until: [text]) }
    }

    @Test func `a reason has its length`() {
        #expect(throws: APIProblem.invalid("reason", "must have at most 1000 bytes")) {
            try pause(reason: [String(repeating: "ö", count: 500) + "!"])
        }
    }
}
