package import CronCore

/// A history as it was when it was opened, for reading. Takes no lock and changes nothing: works beside a running
/// daemon, on a copy, and on one that is torn or damaged.
package struct HistorySnapshot {
    /// Oldest first.
    let segments: [SegmentFile]
    let log: DamageLog

    /// Opens the history in `directory`. A directory without a segment is an empty history.
    package static func open(directory: String) throws(HistoryError) -> HistorySnapshot {
        let storage = try history { () throws(SystemError) in try PosixStorage(path: directory) }
        return try open(storage)
    }

    package static func open(_ storage: any Storage) throws(HistoryError) -> HistorySnapshot {
        // A segment that went away between the listing and the opening was sealed into a cover: list again.
        for _ in 0..<100 {
            if let snapshot = try attempt(storage) { return snapshot }
        }
        throw .unsteady(path: storage.path)
    }

    private static func attempt(_ storage: any Storage) throws(HistoryError) -> HistorySnapshot? {
        let listing: DirectoryListing
        do throws(SystemError) {
            listing = try DirectoryListing(storage, withUnfinished: false)
        } catch {
            if error.isMissing { return nil }
            throw .system(error)
        }
        if let newer = listing.newer { throw .newerVersion(file: newer.file, version: newer.version) }
        do throws(SystemError) {
            return try read(listing, in: storage)
        } catch {
            throw .system(error)
        }
    }

    /// nil: a file is missing because the directory was listed while it changed.
    private static func read(_ listing: DirectoryListing, in storage: any Storage) throws(SystemError)
        -> HistorySnapshot?
    {
        let log = DamageLog()
        for segment in listing.segments {
            if let damage = try listing.damage(of: segment) { log.add(damage) }
        }
        var segments: [SegmentFile] = []
        for (segment, header) in listing.readable.reversed() {
            segments.append(
                try SegmentFile(
                    name: segment.name, directory: storage.path, file: segment.file, header: header,
                    next: segments.last, damage: log))
        }
        segments.reverse()
        // A listing taken while files come and go may lack one, or all: that is no damage.
        if !SegmentChain.check(segments, log) || segments.isEmpty {
            guard try listing.isCurrent(in: storage) else { return nil }
        }
        return HistorySnapshot(segments: segments, log: log)
    }

    /// What could not be read so far: grows while cursors move.
    package var damage: [Damage] { log.found }

    /// The history's identity; nil for an empty one.
    package var historyID: HistoryID? { segments.last?.header.history }

    /// Every job with a record, sorted.
    package var jobs: [JobID] {
        var jobs: Set<JobID> = []
        for segment in segments {
            for entry in segment.entries() { jobs.insert(entry.job) }
        }
        return jobs.sorted()
    }

    /// The jobs that are paused, each by its newest record.
    package var pausedJobs: Set<JobID> {
        var known: Set<JobID> = []
        var paused: Set<JobID> = []
        for segment in segments.reversed() {
            for entry in segment.entries() where known.insert(entry.job).inserted && entry.account.isPaused {
                paused.insert(entry.job)
            }
        }
        return paused
    }

    /// The records of `jobs`, or of all for nil, newest first. Who wants no starts saves half of the work.
    package func newestFirst(jobs: Set<JobID>?, skippingStarts: Bool = false) -> RecordCursor {
        RecordCursor(segments, newestFirst: true, filter: RecordFilter(jobs: jobs, skipsStarts: skippingStarts))
    }

    /// The same, oldest first.
    package func oldestFirst(jobs: Set<JobID>?, skippingStarts: Bool = false) -> RecordCursor {
        RecordCursor(segments, newestFirst: false, filter: RecordFilter(jobs: jobs, skipsStarts: skippingStarts))
    }

    /// The records of `jobs` after `sequence`, oldest first: only the segments that hold such are read.
    package func oldestFirst(jobs: Set<JobID>?, after sequence: SequenceNumber) -> RecordCursor {
        let first = segments.lastIndex { 1 <= $0.header.firstSequence && $0.header.firstSequence <= sequence }
        return RecordCursor(
            Array(segments[(first ?? 0)...]), newestFirst: false, filter: RecordFilter(jobs: jobs, after: sequence))
    }

    /// The `seq` of the newest record; 0 for an empty history. A follower goes on from here.
    package var lastSequence: SequenceNumber {
        for segment in segments.reversed() {
            let last = segment.summary().lastSequence
            if last > 0 { return last }
        }
        return 0
    }
}
