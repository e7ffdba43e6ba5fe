internal import CronCore

/// Which records a dump shows: executions and notes, of a time and an outcome.
struct RecordFilter: Equatable {
    enum Status: String, CaseIterable {
        case success
        case failed
    }

    var since: Timestamp?
    var until: Timestamp?
    /// Given: only executions that ended so, and no notes.
    var status: Status?
    /// Given: nothing recorded later than the record of this number.
    var through: SequenceNumber?

    func admits(_ record: Record) -> Bool {
        if let through, record.header.sequence > through { return false }
        switch record {
        case .execution(let execution):
            let wanted = status.map { ($0 == .success) == execution.succeeded } ?? true
            return wanted && overlaps(execution.startedAt, execution.startedAt)
        case .note(let note):
            return status == nil && overlaps(note.first, max(note.last, note.header.recordedAt))
        case .start, .state:
            return false
        }
    }

    /// Whether the record was made before anything of interest began. One that is does not end a search by itself: the
    /// clock may have been wrong for a while, and the order of the record is not that of the clock.
    func isTooOld(_ record: Record) -> Bool {
        guard let since else { return false }
        return record.header.recordedAt < since
    }

    private func overlaps(_ first: Timestamp, _ last: Timestamp) -> Bool {
        if let since, last < since { return false }
        if let until, first > until { return false }
        return true
    }
}
