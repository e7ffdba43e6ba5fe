internal import CronCore

/// Reads what a start must know: accounts from the footers, newest first; records only for runs that are open, and the
/// newest execution of each job, whose body stays on the disk.
struct HistoryRestore {
    /// Oldest first.
    private let segments: [SegmentFile]
    private(set) var findings: [Damage] = []
    /// Records read back at most in search of one job's open runs, or of one execution.
    private static let longestSearch = 100_000

    init(_ segments: [SegmentFile]) {
        self.segments = segments
    }

    mutating func run(history: HistoryID) -> RestoredHistory {
        var places: [JobID: Place] = [:]
        var nextSequence: SequenceNumber = 1
        var lastWrittenAt: Timestamp?
        for (number, segment) in segments.enumerated().reversed() {
            let summary = segment.summary()
            nextSequence = max(nextSequence, summary.lastSequence &+ 1, segment.header.firstSequence)
            if lastWrittenAt == nil, summary.lastSequence > 0 { lastWrittenAt = summary.lastWrittenAt }
            for entry in segment.entries() {
                places[entry.job, default: Place(account: entry.account)].take(entry, in: number)
            }
        }
        var restored = RestoredHistory(
            historyID: history, nextSequence: nextSequence, lastWrittenAt: lastWrittenAt, jobs: [:])
        restored.jobs.reserveCapacity(places.count)
        for (job, place) in places {
            let last = place.execution == 0 ? nil : execution(at: place.execution, of: segments[place.segment])
            restored.jobs[job] = RestoredJob(account: place.account, open: [], lastExecution: last)
        }
        for (job, known) in restored.jobs where known.account.openRuns > 0 {
            restored.jobs[job]?.open = openRuns(of: job, expecting: known.account.openRuns)
        }
        return restored
    }

    /// What the newest footer with the job in it says, and where its newest execution lies.
    private struct Place {
        var account: Account
        var segment = 0
        var execution: UInt64 = 0

        mutating func take(_ entry: SegmentEntry, in number: Int) {
            guard execution == 0, entry.newestExecution != 0 else { return }
            (segment, execution) = (number, entry.newestExecution)
        }
    }

    private func execution(at offset: UInt64, of segment: SegmentFile) -> Execution? {
        do throws(SegmentFault) {
            guard case .execution(var execution)? = try segment.view(at: offset).record() else { return nil }
            execution.response.body = nil
            return execution
        } catch {
            segment.report(error, "record")
            return nil
        }
    }

    private mutating func openRuns(of job: JobID, expecting count: UInt32) -> [OpenRun] {
        var runs = OpenRuns(expecting: count)
        var cursor = RecordCursor(segments, newestFirst: true, filter: RecordFilter(jobs: [job]))
        var read = 0
        while !runs.isComplete, read < Self.longestSearch, let record = cursor.next() {
            runs.add(record)
            read += 1
        }
        if !runs.isComplete {
            let words =
                "job \(job): \(runs.oldestFirst.count) of its \(count) unfinished runs were found; the others are lost"
            findings.append(Damage(file: segments.last?.path ?? "", range: 0..<0, words: words))
        }
        return runs.oldestFirst.map { open in
            guard let cause = open.run.cause else { return open }
            return open.triggered(by: execution(cause))
        }
    }

    /// The execution that triggered a run.
    private func execution(_ cause: Cause) -> Execution? {
        var cursor = RecordCursor(
            segments, newestFirst: true, filter: RecordFilter(jobs: [cause.job], skipsStarts: true))
        var read = 0
        while read < Self.longestSearch, let record = cursor.next() {
            if case .execution(let execution) = record, execution.id == cause.execution { return execution }
            read += 1
        }
        return nil
    }
}
