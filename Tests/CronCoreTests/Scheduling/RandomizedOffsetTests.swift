import CronCore
import Testing

@Suite struct RandomizedOffsetTests {
    private let history = HistoryID(UUID(high: 1, low: 2))

    @Test func `is fixed for a job of a history, and for ever`() {
        func offset(_ job: String, _ history: HistoryID) -> Int64 {
            RandomizedOffset.offset(of: JobID(job), in: history, within: .hours(1)).microseconds
        }
        #expect(offset("backup", history) == 2_985_921_156)
        #expect(offset("report", history) == 1_570_577_931)
        #expect(offset("backup", HistoryID(UUID(high: 1, low: 3))) == 1_587_126_176)
    }

    @Test func `no span, no offset`() {
        #expect(RandomizedOffset.offset(of: JobID("backup"), in: history, within: .zero) == .zero)
        #expect(RandomizedOffset.offset(of: JobID("backup"), in: history, within: .seconds(-5)) == .zero)
        #expect(RandomizedOffset.offset(of: JobID("backup"), in: history, within: TimeSpan(microseconds: 1)) == .zero)
    }

    @Test func `spreads jobs evenly over the span`() {
        var buckets = [Int](repeating: 0, count: 10)
        for index in 0..<10_000 {
            let offset = RandomizedOffset.offset(of: JobID("job\(index)"), in: history, within: .seconds(10))
            #expect(offset >= .zero && offset < .seconds(10))
            buckets[Int(offset.microseconds / 1_000_000)] += 1
        }
        #expect(buckets.allSatisfy { (850...1_150).contains($0) })
    }
}
