internal import CChecksum
internal import CronCore

/// Reads one segment from end to end, and tells what is not as it was written.
final class SegmentCheck {
    private let segment: SegmentFile
    private let log: DamageLog
    private let order: SequenceOrder
    private let ids: FingerprintSet
    private var tallies: JobTallies
    private(set) var batchCount: UInt64 = 0
    private(set) var recordCount: UInt64 = 0
    private(set) var byteCount: UInt64 = 0
    /// A part of it cannot be read, so what is said of the whole cannot be held against what was found.
    private var hasGap = false
    /// The batch before, unless it is not known.
    private var last: (number: UInt32, offset: UInt64, durable: UInt32)?
    private var lastWrittenAt: Timestamp?
    private var first: SequenceNumber = 0
    private var newest: SequenceNumber = 0

    init(_ segment: SegmentFile, log: DamageLog, order: SequenceOrder, ids: FingerprintSet) {
        self.segment = segment
        self.log = log
        self.order = order
        self.ids = ids
        tallies = JobTallies()
    }

    func run() {
        order.begin(segment)
        do throws(SegmentFault) {
            try checkHead()
            try checkBatches()
            if let place = segment.place { try checkFooter(place) }
        } catch {
            segment.report(error, "segment")
            order.interrupt()
        }
        order.end()
    }

    private func report(_ range: Range<UInt64>, _ words: String) {
        log.add(Damage(file: segment.path, range: range, words: words))
    }

    /// Both copies of the header, and the zeros between and behind them.
    private func checkHead() throws(SegmentFault) {
        let length = Int(SegmentFormat.firstBatchOffset)
        let window = FileWindow(segment.file, readAhead: length)
        let bytes = try window.checked(at: 0, length: length)
        byteCount += UInt64(bytes.count)
        guard bytes.count == length else {
            report(UInt64(bytes.count)..<UInt64(length), "corrupt: cut off within its header")
            return
        }
        for begin in [0, Int(SegmentFormat.secondHeaderOffset)] {
            let copy = UnsafeRawBufferPointer(rebasing: bytes[begin..<begin + SegmentFormat.headerLength])
            if SegmentHeader.decode(copy) != .good(segment.header) {
                let range = UInt64(begin)..<UInt64(begin + SegmentFormat.headerLength)
                report(range, "corrupt: one of the two copies of the header; the other one counts")
            }
        }
        for begin in [SegmentFormat.headerLength, Int(SegmentFormat.secondHeaderOffset) + SegmentFormat.headerLength] {
            let end = begin < Int(SegmentFormat.secondHeaderOffset) ? Int(SegmentFormat.secondHeaderOffset) : length
            if let stray = (begin..<end).first(where: { bytes[$0] != 0 }) {
                report(UInt64(stray)..<UInt64(end), "corrupt: what should be zeros; nothing is lost")
            }
        }
    }

    // MARK: batches

    private func checkBatches() throws(SegmentFault) {
        let isSealed = segment.place != nil
        var limit = segment.place?.batchOffset ?? 0
        if !isSealed {
            // What is torn or corrupt in it has been told by the scan, which knows the one from the other.
            let scan = segment.scan()
            limit = scan.end.length
            hasGap = !scan.bad.isEmpty
        }
        var scanner = BatchScanner(
            segment.file, checksum: segment.checksum, limit: limit, isFull: isSealed, readAhead: 1 << 20)
        while true {
            let item: BatchScanner.Item?
            do throws(SystemError) { item = try scanner.next() } catch { throw .system(error) }
            switch item {
            case nil:
                byteCount += max(limit, SegmentFormat.firstBatchOffset) - SegmentFormat.firstBatchOffset
                return
            case .batch(let batch): check(batch)
            case .bad(let range, let header):
                if isSealed { log.add(Damage(file: segment.path, lost: range)) }
                hasGap = true
                last = header.map { ($0.number, range.lowerBound, $0.durable) }
                order.interrupt()
            }
        }
    }

    private func check(_ batch: ScannedBatch) {
        let header = batch.header
        let range = batch.offset..<batch.offset + header.length
        batchCount += 1
        if let last {
            if header.number != last.number &+ 1 {
                report(range, "corrupt: batch \(header.number) follows batch \(last.number)")
            }
            if header.previous != last.offset {
                report(range, "corrupt: batch \(header.number) names another one before it than there is")
            }
            if header.durable < last.durable { report(range, "corrupt: batch \(header.number) takes back a sync") }
        } else if !hasGap, header.number != 1 || header.previous != 0 {
            report(range, "corrupt: the first batch has number \(header.number)")
        }
        if header.durable >= header.number, !header.isFooter {
            report(range, "corrupt: batch \(header.number) says that it was on the disk before it was written")
        }
        last = (header.number, batch.offset, header.durable)
        guard header.type == SegmentFormat.recordsType else { return }
        lastWrittenAt = header.writtenAt
        checkRecords(of: batch)
    }

    private func checkRecords(of batch: ScannedBatch) {
        let begin = batch.offset + UInt64(SegmentFormat.batchHeaderLength)
        var position = 0
        var count: UInt32 = 0
        var ends: (first: SequenceNumber, last: SequenceNumber)?
        while position < batch.payload.count {
            let offset = begin + UInt64(position)
            let rest = UnsafeRawBufferPointer(rebasing: batch.payload[position...])
            guard let view = RecordView(rest, at: offset, checking: segment.checksum) else {
                report(offset..<begin + UInt64(batch.payload.count), "corrupt record")
                hasGap = true
                order.interrupt()
                return
            }
            check(view)
            ends = (ends?.first ?? view.sequence, view.sequence)
            count &+= 1
            position += view.length
        }
        let header = batch.header
        if count != header.recordCount || ends?.first != header.firstSequence || ends?.last != header.lastSequence {
            report(
                batch.offset..<batch.offset + header.length,
                "corrupt: its header says \(header.recordCount) records, seq \(header.firstSequence) to "
                    + "\(header.lastSequence); it holds \(count)")
        }
    }

    // MARK: records

    private func check(_ view: RecordView) {
        let range = view.offset..<view.offset + UInt64(view.length)
        recordCount += 1
        let traits = view.traits
        if segment.header.isGrouped, !tallies.isCurrent(view.name) { finishJob() }
        let (previous, sequence) = tallies.take(view, traits, alone: segment.header.isGrouped)
        if view.previous != previous, !(hasGap && view.previous > previous && view.previous < view.offset) {
            report(range, "corrupt record: it names another one before it than there is")
        }
        if first == 0 || view.sequence < first { first = view.sequence }
        newest = max(newest, view.sequence)
        order.take(view, jobsLast: sequence)
        if view.kind == SegmentFormat.noteKind, case .note(let note)? = view.record(job: JobID("")),
            note.reason == .lost
        {
            order.allow(note.count)
        }
        guard traits.kind == .execution, let execution = traits.execution else { return }
        if !ids.insert(execution.value) {
            log.add(
                Damage(.repeated, file: segment.path, range: range, words: "repeated: execution \(execution.value)"))
        }
    }

    // MARK: footer

    /// Where the next job of a cover stands in the footer; nil: it was found wrong.
    private var position: Int? = 0
    private lazy var footer: FooterReader? = segment.place.map {
        FooterReader(segment.file, place: $0, checksum: segment.checksum, readAhead: 256 << 10)
    }

    /// In a cover that is grouped, the jobs come in the order of the footer.
    private func finishJob() {
        guard let tally = tallies.current, let position, !hasGap, let footer, let place = segment.place else { return }
        guard position < place.entryCount else {
            self.position = nil
            report(place.entries..<place.names, "corrupt footer: it does not name every job")
            return
        }
        compare(tally, footer, at: position)
        self.position = position + 1
    }

    private func compare(_ tally: JobTally, _ footer: FooterReader, at position: Int) {
        do throws(SegmentFault) {
            let entry = try footer.entry(at: position)
            if !tallies.name(of: tally).elementsEqual(entry.job.text.utf8) || !tally.agrees(with: entry, segment.header)
            {
                reportEntry(position, entry.job)
            }
        } catch {
            segment.report(error, "footer")
        }
    }

    private func reportEntry(_ position: Int, _ job: JobID) {
        guard let place = segment.place else { return }
        let begin = place.entries + UInt64(position * SegmentFormat.entryLength)
        let words = "corrupt footer: what it says of job \(job) is not what the segment holds"
        report(begin..<begin + UInt64(SegmentFormat.entryLength), words)
    }

    private func checkFooter(_ place: FooterPlace) throws(SegmentFault) {
        guard let footer else { return }
        let (header, _) = try footer.batch()
        byteCount += place.end - place.batchOffset
        let isGood = try checkPayload(header, at: place)
        if let last, !hasGap, header.number != last.number &+ 1 || header.previous != last.offset {
            report(place.batchOffset..<place.summary, "corrupt footer: it does not follow on batch \(last.number)")
        }
        // Of one that is damaged no more is told: what it should say, the batches do.
        guard isGood, !hasGap else { return }
        checkSummary(header, try summary(place), place)
        if segment.header.isGrouped {
            finishJob()
            if let position, position != place.entryCount {
                report(place.entries..<place.names, "corrupt footer: it names jobs that have no record")
            }
            return
        }
        guard place.entryCount == tallies.count else {
            report(place.entries..<place.names, "corrupt footer: \(place.entryCount) jobs, of \(tallies.count)")
            return
        }
        for position in 0..<place.entryCount {
            let entry = try footer.entry(at: position)
            guard let tally = tallies.tally(named: entry.job), tally.agrees(with: entry, segment.header) else {
                reportEntry(position, entry.job)
                continue
            }
        }
    }

    /// Whether the checksum of the footer as a whole is good, which may be long.
    private func checkPayload(_ header: BatchHeader, at place: FooterPlace) throws(SegmentFault) -> Bool {
        let window = FileWindow(segment.file, readAhead: 256 << 10)
        var crc = segment.checksum.of(UnsafeRawBufferPointer(start: nil, count: 0), at: place.summary)
        var offset = place.summary
        let end = place.summary + UInt64(header.payloadLength)
        while offset < end {
            let bytes = try window.checked(at: offset, length: Int(min(end - offset, 256 << 10)))
            guard !bytes.isEmpty else { break }
            crc = httpcron_crc32c(crc, bytes.baseAddress, bytes.count)
            offset += UInt64(bytes.count)
        }
        guard crc == header.payloadCRC, end == place.end else {
            report(place.batchOffset..<place.end, "corrupt footer; the batches say the same")
            return false
        }
        return true
    }

    private func summary(_ place: FooterPlace) throws(SegmentFault) -> [UInt64] {
        let window = FileWindow(segment.file, readAhead: SegmentFormat.summaryLength)
        var reader = ByteReader(try window.checked(at: place.summary, length: SegmentFormat.summaryLength))
        return (0..<8).map { _ in reader.integer(UInt64.self) }
    }

    /// A cover tells of all that it stands for, kept or not.
    private func checkSummary(_ header: BatchHeader, _ summary: [UInt64], _ place: FooterPlace) {
        let isRange =
            segment.header.isGrouped
            ? recordCount == 0 || (summary[0] <= first && newest <= summary[1])
            : summary[0] == first && summary[1] == newest
        let isTime =
            segment.header.isCover || lastWrittenAt == nil
            || UInt64(truncatingIfNeeded: lastWrittenAt?.microseconds ?? 0) == summary[4]
        guard isRange, isTime, summary[2] == recordCount, summary[3] == UInt64(place.entryCount),
            summary[5] == UInt64(place.namesLength), header.firstSequence == summary[0],
            header.lastSequence == summary[1]
        else {
            report(place.summary..<place.entries, "corrupt footer: its summary is not of what the segment holds")
            return
        }
    }
}
