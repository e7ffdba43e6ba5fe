import CronCore
import Testing

@Suite struct MetricsTests {
    @Test func `a histogram counts by upper bounds, and what is longer falls behind the last`() {
        var histogram = Histogram(bounds: [1_000, 5_000])
        for value in [-5, 0, 1_000, 1_001, 5_000, 5_001, 9_000_000] as [Int64] {
            histogram.add(TimeSpan(microseconds: value))
        }
        #expect(histogram.counts == [3, 2, 2])
        #expect(histogram.count == 7)
        #expect(histogram.sum == TimeSpan(microseconds: 9_012_002))
    }

    @Test func `the text has each family once, its buckets added up, and labels escaped`() {
        var text = MetricsText()
        var histogram = Histogram(bounds: [5_000, 1_500_000])
        histogram.add(.milliseconds(2))
        histogram.add(.seconds(1))
        histogram.add(.seconds(9))
        text.family("a_total", .counter, "Things.")
        text.sample([("name", "x\"\\\n")], 3)
        text.family("b_seconds", .histogram, "Spans.")
        text.sample([("name", "y")], histogram)
        text.family("c", .gauge, "A moment.")
        text.sample([], Timestamp(microseconds: 1_500_000))
        text.sample([], nil as Timestamp?)
        #expect(
            String(decoding: text.bytes, as: UTF8.self) == """
                # HELP a_total Things.
                # TYPE a_total counter
                a_total{name="x\\"\\\\\\n"} 3
                # HELP b_seconds Spans.
                # TYPE b_seconds histogram
                b_seconds_bucket{name="y",le="0.005"} 1
                b_seconds_bucket{name="y",le="1.5"} 2
                b_seconds_bucket{name="y",le="+Inf"} 3
                b_seconds_sum{name="y"} 10.002
                b_seconds_count{name="y"} 3
                # HELP c A moment.
                # TYPE c gauge
                c 1.5

                """)
    }

    @Test func `a thousand jobs have histograms of their own, the others share one pair`() {
        let world = EngineWorld(jobs: (0..<1_010).map { makeJob("j\($0)", .every(.seconds(60))) })
        world.pass(.seconds(61))
        var metrics = JobMetrics()
        for execution in world.attempted { metrics.add(execution, lateness: .zero) }
        #expect(world.attempted.count == 1_010)
        #expect(metrics.spans.count == 1_000 && metrics.others.durations.count == 10)
        #expect(metrics.counts.count == 1_010 && metrics.counts[JobID("j3")]?.successes == 1)
        metrics.forget(JobID("j3"))
        #expect(metrics.counts[JobID("j3")] == nil)
    }

    @Test(arguments: 0..<20)
    func `buckets only grow, the last one has all, and the sum is that of the spans`(seed: UInt64) throws {
        var random = RandomSource(seed: seed)
        var histogram = seed.isMultiple(of: 2) ? Histogram.durations : Histogram.lateness
        var sum: Int64 = 0
        let count = Int.random(in: 0...300, using: &random)
        for _ in 0..<count {
            let reach: Int64 = [1_000, 1_000_000, 200_000_000].randomElement(using: &random) ?? 1
            let edge = histogram.bounds.randomElement(using: &random) ?? 0
            let span = Bool.random(using: &random) ? edge : Int64.random(in: 0...reach, using: &random)
            sum += span
            histogram.add(TimeSpan(microseconds: span))
        }
        var text = MetricsText()
        text.family("x", .histogram, "X.")
        text.sample([], histogram)
        let lines = String(decoding: text.bytes, as: UTF8.self).split(separator: "\n").dropFirst(2)
        let values = lines.map { $0.split(separator: " ").last ?? "" }
        let buckets = values.dropLast(2).compactMap { UInt64($0) }
        #expect(buckets.count == histogram.bounds.count + 1 && buckets == buckets.sorted())
        #expect(buckets.last == UInt64(count) && values.last == "\(count)")
        #expect(lines.contains { $0.hasPrefix("x_bucket{le=\"+Inf\"} \(count)") })
        #expect(lines.filter { $0.contains("+Inf") }.count == 1)
        let told = try #require(values.dropLast().last.flatMap { Double($0) })
        #expect(abs(told * 1_000_000 - Double(sum)) < 0.5)
        // Each bound is told as a number that grows.
        let bounds = lines.compactMap { line in line.split(separator: "\"").dropFirst().first.flatMap { Double($0) } }
        #expect(bounds == bounds.sorted() && Set(bounds).count == bounds.count)
    }

    struct Label: CustomTestStringConvertible {
        let value: String
        let escaped: String
        var testDescription: String { value.debugDescription }

        init(_ value: String, _ escaped: String) {
            self.value = value
            self.escaped = escaped
        }
    }

    @Test(arguments: [
        Label("plain", "plain"), Label("", ""), Label("a\"b", #"a\"b"#), Label("a\\b", #"a\\b"#), Label("\\n", #"\\n"#),
        Label("a\nb", #"a\nb"#), Label("é😀{},=", "é😀{},="), Label("\\\"\n", #"\\\"\n"#),
    ])
    func `a label is escaped so that a scraper reads what it was`(label: Label) {
        var text = MetricsText()
        text.family("x", .gauge, "X.")
        text.sample([("name", label.value), ("status", "ok")], -3)
        let line = String(decoding: text.bytes, as: UTF8.self).split(separator: "\n").last
        #expect(line.map(String.init) == "x{name=\"\(label.escaped)\",status=\"ok\"} -3")
    }

    @Test func `a job that is gone leaves its histogram to another, and what it counted to nobody`() {
        var metrics = JobMetrics()
        let world = EngineWorld(jobs: (0..<1_002).map { makeJob("j\($0)", .every(.seconds(60))) })
        world.pass(.seconds(61))
        for execution in world.attempted { metrics.add(execution, lateness: .milliseconds(3)) }
        let outside = (0..<1_002).map { JobID("j\($0)") }.filter { metrics.spans[$0] == nil }
        #expect(outside.count == 2 && metrics.others.lateness.count == 2)
        metrics.forget(JobID("j5"))
        #expect(metrics.spans[JobID("j5")] == nil && metrics.counts[JobID("j5")] == nil)
        for execution in world.attempted where outside.contains(execution.header.job) {
            metrics.add(execution, lateness: .milliseconds(3))
        }
        #expect(outside.filter { metrics.spans[$0] != nil }.count == 1)
        #expect(metrics.others.lateness.count == 3 && metrics.spans.count == JobMetrics.mostHistograms)
        #expect(outside.allSatisfy { metrics.counts[$0]?.successes == 2 })
    }

    @Test func `failures count as such, and leave the last success where it was`() {
        let world = EngineWorld(jobs: [makeJob("a", .every(.seconds(10)), retry: RetryPolicy(maxRetries: 0))])
        world.reply = { _ in world.now.wall < .noon(25) ? .ok() : .status(500) }
        world.pass(.seconds(41))
        var metrics = JobMetrics()
        for execution in world.attempted { metrics.add(execution, lateness: .zero) }
        let counts = metrics.counts[JobID("a")]
        #expect(counts?.successes == 2 && counts?.failures == 2 && counts?.failuresInARow == 2)
        #expect(counts?.lastRunAt == .noon(40))
        #expect(counts?.lastSuccessAt.map { $0 >= .noon(20) && $0 < .noon(21) } == true)
    }
}
