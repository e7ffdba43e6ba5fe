internal import CronCore
internal import Glibc

/// What was found of one job in a segment, as its entry in the footer should say.
struct JobTally {
    fileprivate var nameBegin: Int
    fileprivate var nameLength: Int
    private(set) var newest: UInt64 = 0
    private var oldest: UInt64 = 0
    private var newestExecution: UInt64 = 0
    private var newestSuccess: UInt64 = 0
    private(set) var newestSequence: SequenceNumber = 0
    private var records: UInt32 = 0
    private var executions: UInt32 = 0
    private var successes: UInt32 = 0
    private var others: UInt32 = 0
    private var account = Account(
        cursor: Timestamp(microseconds: 0), epoch: 0, failuresInARow: 0, openRuns: 0, schedule: 0)
    private var finishedAt = Timestamp(microseconds: 0)
    private var hasSucceeded = false

    fileprivate init(nameBegin: Int, nameLength: Int) {
        self.nameBegin = nameBegin
        self.nameLength = nameLength
    }

    fileprivate mutating func take(_ view: RecordView, _ traits: RecordTraits) {
        if oldest == 0 { oldest = view.offset }
        newest = view.offset
        newestSequence = view.sequence
        account = view.account
        records &+= 1
        switch traits.kind {
        case .start: break
        case .execution:
            newestExecution = view.offset
            executions &+= 1
            finishedAt = traits.at
            hasSucceeded = !traits.hasFailed
            if hasSucceeded {
                newestSuccess = view.offset
                successes &+= 1
            }
        case .note, .pending, .state, .unknown: others &+= 1
        }
    }

    /// In a cover the account may be that of a record which damage has taken.
    func agrees(with entry: SegmentEntry, _ header: SegmentHeader) -> Bool {
        entry.newest == newest && entry.oldest == oldest && entry.newestExecution == newestExecution
            && entry.newestSuccess == newestSuccess && entry.newestSequence == newestSequence
            && entry.recordCount == records && entry.executionCount == executions && entry.successCount == successes
            && (entry.otherCount ?? others) == others && entry.newestFinishedAt == finishedAt
            && entry.newestSucceeded == hasSucceeded && (entry.account == account || header.isCover)
    }
}

/// The tallies of a segment's jobs, found by the bytes of their names: no text is made for a record.
struct JobTallies {
    private var tallies: [JobTally] = []
    private var names: [UInt8] = []
    /// Open addressing: a place in `tallies` plus 1, or 0. Its length is a power of two.
    private var table = [UInt32](repeating: 0, count: 256)
    private var currentPlace: Int?

    var count: Int { tallies.count }
    /// The job of the record taken last.
    var current: JobTally? { currentPlace.map { tallies[$0] } }

    func name(of tally: JobTally) -> ArraySlice<UInt8> {
        names[tally.nameBegin..<tally.nameBegin + tally.nameLength]
    }

    /// Whether the record taken last was of this job; true if there was none.
    func isCurrent(_ name: UnsafeRawBufferPointer) -> Bool {
        currentPlace.map { isName(name, of: tallies[$0]) } ?? true
    }

    /// Counts a record. Gives where the job's record before it lies, and that one's `seq`; 0: there is none. `alone`:
    /// the jobs before this one are done with, and forgotten.
    mutating func take(
        _ view: RecordView, _ traits: RecordTraits, alone: Bool
    ) -> (previous: UInt64, sequence: SequenceNumber) {
        let place: Int
        if let currentPlace, isName(view.name, of: tallies[currentPlace]) {
            place = currentPlace
        } else if alone {
            tallies.removeAll(keepingCapacity: true)
            names.removeAll(keepingCapacity: true)
            place = add(view.name)
        } else {
            place = find(view.name)
        }
        currentPlace = place
        let before = (tallies[place].newest, tallies[place].newestSequence)
        tallies[place].take(view, traits)
        return before
    }

    func tally(named job: JobID) -> JobTally? {
        var text = job.text
        return text.withUTF8 { bytes in
            let name = UnsafeRawBufferPointer(bytes)
            var slot = Int(Checksum.plain(name)) & (table.count - 1)
            while table[slot] != 0 {
                let tally = tallies[Int(table[slot]) - 1]
                if isName(name, of: tally) { return tally }
                slot = (slot + 1) & (table.count - 1)
            }
            return nil
        }
    }

    private func isName(_ name: UnsafeRawBufferPointer, of tally: JobTally) -> Bool {
        guard name.count == tally.nameLength else { return false }
        guard let address = name.baseAddress, !name.isEmpty else { return true }
        return names.withUnsafeBytes { known in
            guard let base = known.baseAddress else { return false }
            return memcmp(base + tally.nameBegin, address, name.count) == 0
        }
    }

    private mutating func find(_ name: UnsafeRawBufferPointer) -> Int {
        var slot = Int(Checksum.plain(name)) & (table.count - 1)
        while table[slot] != 0 {
            let place = Int(table[slot]) - 1
            if isName(name, of: tallies[place]) { return place }
            slot = (slot + 1) & (table.count - 1)
        }
        let place = add(name)
        table[slot] = UInt32(truncatingIfNeeded: place + 1)
        if tallies.count * 2 > table.count { widen() }
        return place
    }

    private mutating func add(_ name: UnsafeRawBufferPointer) -> Int {
        tallies.append(JobTally(nameBegin: names.count, nameLength: name.count))
        names.append(contentsOf: name)
        return tallies.count - 1
    }

    private mutating func widen() {
        table = [UInt32](repeating: 0, count: table.count * 2)
        for (place, tally) in tallies.enumerated() {
            let hash = names.withUnsafeBytes { known in
                Checksum.plain(
                    UnsafeRawBufferPointer(rebasing: known[tally.nameBegin..<tally.nameBegin + tally.nameLength]))
            }
            var slot = Int(hash) & (table.count - 1)
            while table[slot] != 0 { slot = (slot + 1) & (table.count - 1) }
            table[slot] = UInt32(truncatingIfNeeded: place + 1)
        }
    }
}
