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
}
