import CronCore
import Testing

@testable import httpcron

@Suite struct ComingStartsTests {
    private let ten = Sample.ten

    private func job(_ name: String, _ schedule: Schedule, offset: TimeSpan = .zero) -> UpcomingJob {
        UpcomingJob(id: JobID(name), schedule: schedule, offset: offset)
    }

    @Test func `jobs are merged by time, and by id where that is the same`() {
        let jobs = [
            job("c", .every(.minutes(2))), job("a", .every(.minutes(1))), job("b", .every(.minutes(2))),
            job("once", .at(ten + .seconds(90))), job("never", .onDemand), job("past", .at(ten)),
        ]
        let starts = Array(ComingStarts(of: jobs, after: ten).prefix(7))
        #expect(starts.map(\.job.text) == ["a", "once", "a", "b", "c", "a", "a"])
        #expect(starts.map { ($0.startsAt - ten).microseconds / 1_000_000 } == [60, 90, 120, 120, 120, 180, 240])
    }

    @Test func `an offset moves the start and not the occurrence`() {
        let jobs = [job("a", .every(.minutes(1)), offset: .seconds(30))]
        let starts = Array(ComingStarts(of: jobs, after: ten).prefix(2))
        #expect(starts.map(\.startsAt) == [ten + .seconds(30), ten + .seconds(90)])
        #expect(starts.map(\.occurrence) == [ten, ten + .seconds(60)])
    }

    @Test func `what is paused starts when its pause ends`() {
        var paused = job("a", .every(.minutes(1)), offset: .seconds(30))
        paused.pausedUntil = ten + .seconds(150)
        let starts = Array(ComingStarts(of: [paused, job("b", .every(.minutes(2)))], after: ten).prefix(3))
        #expect(starts.map(\.job.text) == ["b", "a", "a"])
        #expect(starts.map { ($0.startsAt - ten).microseconds / 1_000_000 } == [120, 150, 210])
        paused.pausedUntil = ten - .minutes(1)
        #expect(Array(ComingStarts(of: [paused], after: ten).prefix(1)).map(\.startsAt) == [ten + .seconds(30)])
    }

    @Test func `schedules that end, end`() {
        let starts = Array(ComingStarts(of: [job("a", .at(ten + .seconds(1)))], after: ten))
        #expect(starts.count == 1)
        #expect(Array(ComingStarts(of: [], after: ten)).isEmpty)
    }

    @Test func `a thousand jobs come out in order`() {
        let jobs = (1...1_000).map { job("j\($0)", .every(.seconds(Int64($0 % 97 + 1)))) }
        let starts = Array(ComingStarts(of: jobs, after: ten).prefix(5_000))
        #expect(zip(starts, starts.dropFirst()).allSatisfy { $0.startsAt <= $1.startsAt })
    }

    @Test func `a histogram counts by whole minutes`() {
        let jobs = (0..<8).map { job("h\($0)", .every(.minutes(5))) } + [job("m", .every(.minutes(1)))]
        let from = ten + .seconds(30)
        let histogram = Histogram(ComingStarts(of: jobs, after: from), from: from, minutes: 10)
        #expect(histogram.start == ten)
        #expect(histogram.counts == [0, 1, 1, 1, 1, 9, 1, 1, 1, 1])
        #expect(histogram.peak?.minute == 5)
        #expect(histogram.peak?.count == 9)
        #expect(histogram.sparkline == " ▁▁▁▁█▁▁▁▁")
    }
}
