internal import CronCore

/// One line of the human dump.
enum Row: Equatable {
    case execution(Execution)
    case notes(NoteGroup)
}

/// Notes of one reason in a row for one job, told as one.
struct NoteGroup: Equatable {
    let job: JobID
    let reason: NoteReason
    private(set) var count: UInt64
    private(set) var first: Timestamp
    private(set) var last: Timestamp
    /// When the newest of them was made.
    private(set) var recordedAt: Timestamp
    private(set) var detail: String

    init(_ note: Note) {
        job = note.header.job
        reason = note.reason
        count = note.count
        first = note.first
        last = note.last
        recordedAt = note.header.recordedAt
        detail = note.detail
    }

    /// Takes another note in; false if it is about something else.
    mutating func absorb(_ note: Note) -> Bool {
        guard note.header.job == job, note.reason == reason, note.detail == detail else { return false }
        let (sum, overflow) = count.addingReportingOverflow(note.count)
        count = overflow ? .max : sum
        first = min(first, note.first)
        last = max(last, note.last)
        recordedAt = max(recordedAt, note.header.recordedAt)
        return true
    }
}

/// Gathers records into rows. Notes of one reason that follow each other in one job's record become one row, also when
/// records of other jobs stand between them.
struct RowCollector {
    private(set) var rows: [Row] = []
    /// Where the newest row of each job is.
    private var latest: [JobID: Int] = [:]

    /// Whether the record went into a row that was there already.
    mutating func add(_ record: Record) -> Bool {
        switch record {
        case .execution(let execution):
            append(.execution(execution), of: execution.header.job)
            return false
        case .note(let note):
            if absorb(note) { return true }
            append(.notes(NoteGroup(note)), of: note.header.job)
            return false
        case .start, .state:
            return true
        }
    }

    /// Whether the record would go into the last row, and cost none of its own.
    func wouldFold(_ record: Record) -> Bool {
        guard case .note(let note) = record, case .notes(var group) = rows.last else { return false }
        return group.absorb(note)
    }

    mutating func removeAll() {
        rows.removeAll(keepingCapacity: true)
        latest.removeAll(keepingCapacity: true)
    }

    private mutating func absorb(_ note: Note) -> Bool {
        guard let index = latest[note.header.job], case .notes(var group) = rows[index] else { return false }
        guard group.absorb(note) else { return false }
        rows[index] = .notes(group)
        return true
    }

    private mutating func append(_ row: Row, of job: JobID) {
        latest[job] = rows.count
        rows.append(row)
    }
}
