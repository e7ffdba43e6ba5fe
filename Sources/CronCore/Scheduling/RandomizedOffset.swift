/// `RandomizedOffset=`: by how much a job starts after its nominal occurrences.
package enum RandomizedOffset {
    /// A fixed offset in [0, `span`), from the history and the job alone: it survives restarts, is never drawn again, and
    /// spreads both the jobs of a host and the hosts that share a job file.
    package static func offset(of job: JobID, in history: HistoryID, within span: TimeSpan) -> TimeSpan {
        guard span > .zero else { return .zero }
        var hash = SipHash(key: history.value)
        hash.update("offset\0".utf8)
        hash.update(job.text.utf8)
        return TimeSpan(microseconds: Int64(hash.finish().low % UInt64(span.microseconds)))
    }
}

extension Job {
    /// `RandomizedOffset=` as the host of this history has it; zero where no history says which host this is.
    package func offset(in history: HistoryID?) -> TimeSpan {
        history.map { RandomizedOffset.offset(of: id, in: $0, within: randomizedOffset) } ?? .zero
    }

    /// When it starts next, behind `now`, by its schedule alone; nil: never.
    package func nextStart(after now: Timestamp, in history: HistoryID?) -> Timestamp? {
        let offset = offset(in: history)
        return schedule.next(after: now - offset).map { $0 + offset }
    }
}
