internal import CronCore

/// Reads what a start must know: accounts from the footers, newest first; records only for runs that are open.
struct HistoryRestore {
    /// Oldest first.
    private let segments: [SegmentFile]
    private(set) var findings: [Damage] = []

    init(_ segments: [SegmentFile]) {
        self.segments = segments
    }

    mutating func run(history: HistoryID) -> RestoredHistory {
        var restored = RestoredHistory(historyID: history, nextSequence: 1, lastWrittenAt: nil, jobs: [:])
        for segment in segments.reversed() {
            let summary = segment.summary()
            restored.nextSequence = max(
                restored.nextSequence, summary.lastSequence &+ 1, segment.header.lastSequence &+ 1)
            if restored.lastWrittenAt == nil, summary.lastSequence > 0 {
                restored.lastWrittenAt = summary.lastWrittenAt
            }
            for entry in segment.entries() where restored.jobs[entry.job] == nil {
                restored.jobs[entry.job] = RestoredJob(account: entry.account, open: [])
            }
        }
        for (job, known) in restored.jobs where known.account.isPaused { restored.jobs[job]?.pause = pause(of: job) }
        for (job, known) in restored.jobs where known.account.openRuns > 0 {
            restored.jobs[job]?.open = openRuns(of: job, expecting: known.account.openRuns)
        }
        return restored
    }

    /// Why a job is paused; nil: the record that says so is lost.
    private func pause(of job: JobID) -> Pause? {
        var cursor = RecordCursor(segments, newestFirst: true, filter: RecordFilter(jobs: [job], skipsStarts: true))
        var read = 0
        return Record.pause {
            read += 1
            return read <= OpenRuns.longestSearch ? cursor.next() : nil
        }
    }

    private mutating func openRuns(of job: JobID, expecting count: UInt32) -> [OpenRun] {
        var runs = OpenRuns(expecting: count)
        var cursor = RecordCursor(segments, newestFirst: true, filter: RecordFilter(jobs: [job]))
        var read = 0
        while !runs.isComplete, read < OpenRuns.longestSearch, let record = cursor.next() {
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
        while read < OpenRuns.longestSearch, let record = cursor.next() {
            if case .execution(let execution) = record, execution.id == cause.execution { return execution }
            read += 1
        }
        return nil
    }
}
