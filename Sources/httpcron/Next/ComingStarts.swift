internal import CronCore

/// What `next` and `check` look ahead from: one job, and by how much its starts follow its occurrences.
struct UpcomingJob {
    let id: JobID
    let schedule: Schedule
    /// `RandomizedOffset=` on this host; zero where no history says which.
    let offset: TimeSpan
    /// Nothing starts before: its pause ends then.
    var pausedUntil: Timestamp?
}

/// A start to come.
struct ComingStart: Equatable {
    let job: JobID
    /// The nominal occurrence.
    let occurrence: Timestamp
    /// When the call is made.
    let startsAt: Timestamp
}

/// The coming starts of many jobs merged by time, as an endless sequence: a heap holds the next one of each job, so
/// looking at few of many costs little. Ties come in the order of the jobs' ids.
struct ComingStarts: Sequence, IteratorProtocol {
    private var heap: [Entry] = []

    private struct Entry {
        let job: UpcomingJob
        let occurrence: Timestamp

        var startsAt: Timestamp { occurrence + job.offset }

        static func precedes(_ left: Entry, _ right: Entry) -> Bool {
            left.startsAt != right.startsAt ? left.startsAt < right.startsAt : left.job.id < right.job.id
        }
    }

    /// Starts strictly after `moment`.
    init(of jobs: [UpcomingJob], after moment: Timestamp) {
        heap = jobs.compactMap { job in
            let earliest = Swift.max(moment, job.pausedUntil.map { $0 - TimeSpan(microseconds: 1) } ?? moment)
            return job.schedule.next(after: earliest - job.offset).map { Entry(job: job, occurrence: $0) }
        }
        for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { siftDown(index) }
    }

    mutating func next() -> ComingStart? {
        guard let first = heap.first else { return nil }
        if let following = first.job.schedule.next(after: first.occurrence) {
            heap[0] = Entry(job: first.job, occurrence: following)
        } else {
            let last = heap.removeLast()
            if !heap.isEmpty { heap[0] = last }
        }
        if !heap.isEmpty { siftDown(0) }
        return ComingStart(job: first.job.id, occurrence: first.occurrence, startsAt: first.startsAt)
    }

    private mutating func siftDown(_ index: Int) {
        var index = index
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2] where child < heap.count {
                if Entry.precedes(heap[child], heap[least]) { least = child }
            }
            guard least != index else { return }
            heap.swapAt(least, index)
            index = least
        }
    }
}
