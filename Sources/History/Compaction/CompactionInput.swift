internal import CronCore

/// Why a compaction came to no end.
enum CompactionFault: Error {
    case system(SystemError)
    case history(HistoryError)
    /// This input is damaged in a way that was not known when the merge began.
    case damaged(input: Int, Range<UInt64>)
    /// `pace` said to stop.
    case stopped
}

extension CompactionFault {
    /// What keeps input `number` from being read. Pages that cannot be are damage: there are others that can be.
    init(_ fault: SegmentFault, of number: Int) {
        self =
            switch fault {
            case .damaged(let range): .damaged(input: number, range)
            case .system(let error): error.isUnreadable ? .damaged(input: number, 0..<0) : .system(error)
            }
    }
}

/// Runs `body`, whose only failures are the system's.
func faultable<Value>(_ body: () throws(SystemError) -> Value) throws(CompactionFault) -> Value {
    do throws(SystemError) { return try body() } catch { throw .system(error) }
}

/// One of the segments that a compaction joins. Damage in it throws; then it is read through a private copy of what is
/// whole in it.
final class CompactionInput {
    let segment: SegmentFile
    /// Where the records are read: the segment itself, or a copy of what is good in it.
    private(set) var source: SegmentFile
    /// Of a segment without a footer: what a walk found.
    private var index: SegmentIndex?
    private(set) var isDamaged = false

    init(_ segment: SegmentFile) {
        self.segment = segment
        source = segment
    }

    var isGrouped: Bool { segment.header.isGrouped }

    /// The range of `seq`, and when it was last written to, as a restore would have it.
    func summary(
        _ number: Int
    ) throws(CompactionFault) -> (first: SequenceNumber, last: SequenceNumber, at: Timestamp) {
        // What was lost counts, too.
        if isDamaged, let batch = try? segment.footerBatch() {
            return (batch.firstSequence, batch.lastSequence, batch.writtenAt)
        }
        if source.place != nil {
            let batch = try checked(number) { () throws(SegmentFault) in try source.footerBatch() }
            if let batch { return (batch.firstSequence, batch.lastSequence, batch.writtenAt) }
        }
        let index = try walked(number)
        return (index.firstSequence, index.lastSequence, index.lastWrittenAt)
    }

    /// The jobs in it, in the order of a footer.
    func entries(_ number: Int) throws(CompactionFault) -> EntryStream {
        if let place = source.place {
            return EntryStream(FooterReader(source.file, place: place, checksum: source.checksum, readAhead: 8 << 10))
        }
        return EntryStream(try walked(number).sorted)
    }

    /// What the segment says of `job`.
    func entry(of job: JobID, _ number: Int) throws(CompactionFault) -> SegmentEntry? {
        guard let place = source.place else { return try walked(number).entry(of: job) }
        let reader = FooterReader(source.file, place: place, checksum: source.checksum)
        return try checked(number) { () throws(SegmentFault) in try reader.entry(of: job) }
    }

    /// The jobs that have records in it and that `isNew` has not heard of, by their hashes, if it leaves runs of them
    /// open.
    func jobsWithOpenRuns(
        _ number: Int, isNew: (UInt64) -> Bool
    ) throws(CompactionFault) -> [(job: JobID, openRuns: UInt32)] {
        guard let place = source.place else {
            return try walked(number).entries.filter { isNew($0.hash) && $0.account.openRuns > 0 }
                .map { ($0.job, $0.account.openRuns) }
        }
        let reader = FooterReader(source.file, place: place, checksum: source.checksum, readAhead: 64 << 10)
        return try checked(number) { () throws(SegmentFault) in
            var found: [(job: JobID, openRuns: UInt32)] = []
            for position in 0..<place.entryCount {
                let (hash, count) = try reader.openRuns(at: position)
                if isNew(hash), count > 0 { found.append((try reader.entry(at: position).job, count)) }
            }
            return found
        }
    }

    /// What a footer would say, for a segment that was abandoned and has none.
    private func walked(_ number: Int) throws(CompactionFault) -> SegmentIndex {
        if let index { return index }
        let scan = try scan()
        if let bad = scan.bad.first { throw .damaged(input: number, bad.range) }
        // A cover is sealed before it gets its name.
        if source.header.isCover { throw .damaged(input: number, source.limit..<source.limit) }
        index = scan.index
        return scan.index
    }

    private func scan() throws(CompactionFault) -> SegmentScan {
        try faultable { () throws(SystemError) in
            guard let place = source.place else { return try source.checkedScan() }
            return try SegmentScan(source.file, header: source.header, limit: place.batchOffset)
        }
    }

    func checked<Value>(
        _ number: Int, _ body: () throws(SegmentFault) -> Value
    ) throws(CompactionFault) -> Value {
        do throws(SegmentFault) { return try body() } catch { throw CompactionFault(error, of: number) }
    }

    /// Reads all of it: what is damaged.
    func inspect() throws(CompactionFault) -> [Damage] {
        try scan().bad.map {
            Damage(
                file: segment.path, range: $0.range, words: "corrupt: only those of its records are left that are whole"
            )
        }
    }

    /// Has what is whole copied into a file without a name, which is read from now on.
    func salvage(in storage: any Storage, salt: UInt64, log: DamageLog) throws(CompactionFault) {
        isDamaged = true
        index = nil
        source = try faultable { () throws(SystemError) in
            try SegmentSalvage.copy(of: segment, in: storage, salt: salt, log: log)
        }
    }

    /// The account of `job` by the footer of a damaged segment, whose records may not know it any more.
    func lostAccount(of job: JobID) -> (account: Account, sequence: SequenceNumber)? {
        guard isDamaged, let place = segment.place else { return nil }
        let reader = FooterReader(segment.file, place: place, checksum: segment.checksum)
        guard let entry = try? reader.entry(of: job) else { return nil }
        return (entry.account, entry.newestSequence)
    }
}
