internal import CronCore

/// All records of one segment, batch by batch, in order of their batches or against it; one batch in memory.
final class BatchWalk {
    private let segment: SegmentFile
    private let isNewestFirst: Bool
    private let filter: RecordFilter
    private let window: FileWindow
    /// For a sealed segment read newest first: where the next batch lies; 0: at the end.
    private var linked: UInt64?
    /// For one read oldest first.
    private var scanner: BatchScanner?
    /// For any other: the batches still to come, the next one last.
    private var listed: [UInt64] = []
    /// The batch at hand, and where in it the records lie that are still to come, the next one last.
    private var payload = UnsafeRawBufferPointer(start: nil, count: 0)
    private var payloadOffset: UInt64 = 0
    private var places: [Int] = []
    private var names = JobNames()

    init(_ segment: SegmentFile, newestFirst: Bool, filter: RecordFilter) {
        self.segment = segment
        self.filter = filter
        isNewestFirst = newestFirst
        window = FileWindow(segment.file, readAhead: 256 << 10, newestFirst ? .backward : .forward)
        if let place = segment.place, newestFirst, let last = segment.lastBatchOffset(place) {
            linked = last
        } else if let place = segment.place, !newestFirst {
            scanner = BatchScanner(
                segment.file, checksum: segment.checksum, limit: place.batchOffset, isFull: true)
        } else {
            let batches = segment.scan().batches
            listed = newestFirst ? batches : batches.reversed()
        }
    }

    func next() -> Record? {
        while true {
            guard let place = places.popLast() else {
                guard step() else { return nil }
                continue
            }
            let bytes = UnsafeRawBufferPointer(rebasing: payload[place...])
            guard let view = RecordView(bytes, at: payloadOffset + UInt64(place), checking: nil),
                filter.takes(view)
            else { continue }
            let job = names.job(view.name)
            if filter.takes(job), let record = view.record(job: job) { return record }
        }
    }

    /// Goes on to the next batch. false: there is none.
    private func step() -> Bool {
        if scanner != nil { return scan() }
        if let linked {
            guard linked != 0 else { return false }
            do throws(SegmentFault) {
                let batch = try segment.batch(at: linked, through: window)
                take(batch)
                guard batch.header.previous < linked else { throw .damaged(linked..<linked) }
                self.linked = batch.header.previous
            } catch {
                // The walk tells what is damaged with its whole range.
                let scan = segment.scan()
                if scan.bad.isEmpty { segment.report(error, "batch") }
                self.linked = nil
                listed = scan.batches.filter { $0 < linked }
            }
            return true
        }
        guard let offset = listed.popLast() else { return false }
        do throws(SegmentFault) {
            take(try segment.batch(at: offset, through: window))
        } catch {
            segment.report(error, "batch")
        }
        return true
    }

    private func scan() -> Bool {
        do throws(SystemError) {
            switch try scanner?.next() {
            case nil: return false
            case .bad(let range, _): segment.report(.damaged(range), "batch")
            case .batch(let batch): take(batch)
            }
        } catch {
            segment.report(.system(error), "segment")
            return false
        }
        return true
    }

    private func take(_ batch: ScannedBatch) {
        guard batch.header.type == SegmentFormat.recordsType else { return }
        payload = batch.payload
        payloadOffset = batch.offset + UInt64(SegmentFormat.batchHeaderLength)
        for view in batch.records { places.append(Int(view.offset - payloadOffset)) }
        if !isNewestFirst { places.reverse() }
    }
}

extension SegmentFile {
    /// The batch at `offset`, checked. Its bytes hold until the window's next use. `limit`: where the file ends, for
    /// one that has grown.
    func batch(
        at offset: UInt64, through window: FileWindow, limit: UInt64? = nil
    ) throws(SegmentFault) -> ScannedBatch {
        let limit = limit ?? self.limit
        let headerLength = SegmentFormat.batchHeaderLength
        let head = try window.checked(at: offset, length: headerLength)
        guard let found = BatchHeader.decode(head, at: offset, checksum: checksum), offset <= limit,
            found.header.length <= limit - offset
        else { throw .damaged(offset..<max(min(offset + UInt64(headerLength), limit), offset)) }
        let place = offset + UInt64(headerLength)
        let payload = try window.checked(at: place, length: found.header.payloadLength)
        guard payload.count == found.header.payloadLength,
            checksum.of(payload, at: place) == found.header.payloadCRC
        else { throw .damaged(offset..<offset + found.header.length) }
        return ScannedBatch(header: found.header, crc: found.crc, offset: offset, payload: payload)
    }

    /// Where the last batch before the footer lies, by the footer's header; 0: there is none. nil: it cannot be read.
    func lastBatchOffset(_ place: FooterPlace) -> UInt64? {
        let window = FileWindow(file, readAhead: SegmentFormat.batchHeaderLength)
        let head = try? window.bytes(at: place.batchOffset, length: SegmentFormat.batchHeaderLength)
        guard let head, let found = BatchHeader.decode(head, at: place.batchOffset, checksum: checksum),
            found.header.previous < place.batchOffset
        else { return nil }
        return found.header.previous
    }
}
