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
