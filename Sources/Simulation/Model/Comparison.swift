internal import CronCore

/// What was read, held against the ledger: strictly in order, each record as it was appended, and none missing that
/// must be there.
struct Comparison {
    private(set) var violation: Violation?
    /// Records that are not there though they had been appended.
    private(set) var missing: [SequenceNumber] = []
    /// Records that the disk's refusal has changed: bodies stripped, or a note in their place.
    private(set) var replaced: [Record] = []
    /// Records that a compaction had dropped.
    private(set) var returned: [SequenceNumber] = []
    private(set) var last: SequenceNumber = 0
    /// A cover that was damaged gives way to what it stood for, where that is there still. And who has opened the history
    /// long ago reads what it held then.
    private let mayReturn: Bool
    /// What may be missing though nothing has dropped it: who had opened a cover still reads that after a power cut has
    /// taken it back.
    private let mayLack: Set<SequenceNumber>

    /// `limit`: everything up to here must be there. `promise`: which one is broken where it is not. `maySheds`: more
    /// waited for the disk than `UnsyncedLimit=`.
    init(
        _ records: [Record], with ledger: Ledger, through limit: SequenceNumber, _ promise: Promise, maySheds: Bool,
        mayReturn: Bool, mayLack: Set<SequenceNumber> = []
    ) {
        self.mayReturn = mayReturn
        self.mayLack = mayLack
        for record in records {
            guard record.header.sequence > last else {
                fail(.order, "\(Self.words(record)) comes after \(last)")
                break
            }
            for gap in last + 1..<record.header.sequence { miss(gap, ledger, limit, promise, maySheds) }
            last = record.header.sequence
            if !mayReturn || !ledger.wasReplaced(record) { compare(record, with: ledger.entry(last), maySheds) }
            if violation != nil { break }
        }
        if last < ledger.last { for gap in last + 1...ledger.last { miss(gap, ledger, limit, promise, maySheds) } }
        if maySheds { checkNotes(ledger, through: limit) }
    }

    private mutating func compare(_ record: Record, with entry: Ledger.Entry?, _ maySheds: Bool) {
        guard let entry else { return fail(.invented, "\(Self.words(record)) was never appended") }
        if entry.isDropped {
            returned.append(entry.record.header.sequence)
            if !mayReturn { fail(.compaction, "\(Self.words(record)) was dropped by a compaction and is back") }
        }
        guard entry.record != record else { return }
        // A note of what was shed that damage has hidden so far may be found by a compaction, record by record.
        guard maySheds || entry.mayBeDamaged, Self.isShed(record, from: entry.record) else {
            return fail(.invented, "\(Self.words(record)) is not what was appended: \(record) for \(entry.record)")
        }
        replaced.append(record)
    }

    private mutating func fail(_ promise: Promise, _ words: String) {
        if violation == nil { violation = Violation(promise: promise, words: words) }
    }

    private mutating func miss(
        _ sequence: SequenceNumber, _ ledger: Ledger, _ limit: SequenceNumber, _ promise: Promise, _ maySheds: Bool
    ) {
        guard let entry = ledger.entry(sequence), !entry.isDropped, !mayLack.contains(sequence) else { return }
        missing.append(sequence)
        if sequence <= limit, !entry.mayBeDropped, !entry.mayBeDamaged, !maySheds {
            fail(promise, "\(Self.words(entry.record)) is gone; everything up to \(limit) must be there")
        }
    }

    /// Whether `record` is what a full buffer makes of `original`.
    private static func isShed(_ record: Record, from original: Record) -> Bool {
        if case .note(let note) = record, note.reason == .lost { return note.header == original.header }
        guard case .execution(let short) = record, case .execution(var whole) = original else { return false }
        guard whole.response.body?.isEmpty == false else { return false }
        whole.response.body = []
        whole.response.bodyTruncated = true
        return short == whole
    }

    /// What was lost is counted by the notes in its place. What came after `limit` a power cut may have taken.
    private mutating func checkNotes(_ ledger: Ledger, through limit: SequenceNumber) {
        var noted: [JobID: Int] = [:]
        for case .note(let note) in replaced where note.reason == .lost {
            noted[note.header.job, default: 0] += Int(clamping: note.count) - 1
        }
        for sequence in missing where sequence < last && sequence <= limit {
            guard let entry = ledger.entry(sequence), !entry.mayBeDropped, !entry.mayBeDamaged else { continue }
            noted[entry.record.header.job, default: 0] -= 1
        }
        // Damage may have taken the note, and with it all that it stands for.
        let damaged = Set(ledger.entries.lazy.compactMap { $0 }.filter(\.mayBeDamaged).map(\.record.header.job))
        for (job, count) in noted where count < 0 && !damaged.contains(job) {
            fail(.lost, "\(-count) records of \(job) are gone without a note")
        }
    }

    static func words(_ record: Record) -> String {
        let what =
            switch record {
            case .start(let start): "start of attempt \(start.attempt)"
            case .execution(let execution): "execution \(execution.attempt)"
            case .note(let note): "note \(note.reason.words)"
            case .state: "state"
            }
        return "record \(record.header.sequence) (\(what) of \(record.header.job))"
    }
}
