/// What has been counted since the start, job by job. The first thousand jobs have histograms of their own; the others
/// share one pair, so that a scrape stays bounded.
package struct JobMetrics: Sendable {
    /// Of one job.
    package struct Counts: Sendable {
        package var successes: UInt64 = 0
        package var failures: UInt64 = 0
        package var lastRunAt: Timestamp?
        package var lastSuccessAt: Timestamp?
        /// Failed runs in a row.
        package var failuresInARow: UInt32 = 0

        package init() {}
    }

    /// Of one job, or of all that have none of their own.
    package struct Spans: Sendable {
        package var durations = Histogram.durations
        package var lateness = Histogram.lateness
    }

    package static let mostHistograms = 1_000

    package private(set) var counts: [JobID: Counts] = [:]
    package private(set) var spans: [JobID: Spans] = [:]
    package private(set) var others = Spans()

    package init() {}

    /// An attempt has ended, and may be shown. `lateness`: from when it was due to when it began.
    package mutating func add(_ execution: Execution, lateness: TimeSpan) {
        let job = execution.header.job
        counts[job, default: Counts()].add(execution)
        if spans[job] != nil || spans.count < Self.mostHistograms {
            spans[job, default: Spans()].add(execution.duration, lateness)
        } else {
            others.add(execution.duration, lateness)
        }
    }

    /// The job's file is gone.
    package mutating func forget(_ job: JobID) {
        counts[job] = nil
        spans[job] = nil
    }
}

extension JobMetrics.Counts {
    package mutating func add(_ execution: Execution) {
        lastRunAt = execution.startedAt
        failuresInARow = execution.header.account.failuresInARow
        if execution.succeeded {
            successes += 1
            lastSuccessAt = execution.finishedAt
        } else {
            failures += 1
        }
    }
}

extension JobMetrics.Spans {
    fileprivate mutating func add(_ duration: TimeSpan, _ late: TimeSpan) {
        durations.add(duration)
        lateness.add(late)
    }
}
