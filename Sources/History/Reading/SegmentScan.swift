internal import CronCore

/// What a walk over a whole segment found: all that a footer would say, where the batches lie, and what is damaged.
struct SegmentScan {
    var index = SegmentIndex()
    /// Offsets of the good batches of records.
    var batches: [UInt64] = []
    var bad: [BadRange] = []
    /// The end of the last good batch.
    var end: SegmentEnd
    /// The highest batch that something good calls durable.
    var durable: UInt64 = 0
    /// Something good says that the predecessor is on the disk to its end.
    var predecessorIsSynced = false
    var hasFooter = false

    /// A range without a good batch.
    struct BadRange: Equatable {
        var range: Range<UInt64>
        /// The number of the first batch that is missing for it.
        var batch: UInt64
        /// What is damaged is a footer, which the batches say too.
        var isFooter = false
    }

    /// Walks the batches of `file` up to `limit`; `body` sees each good one.
    init(
        _ file: any StorageFile, header: SegmentHeader, limit: UInt64,
        body: (ScannedBatch) throws(SystemError) -> Void = { _ in }
    ) throws(SystemError) {
        end = .empty(header.hi)
        var scanner = BatchScanner(file, checksum: Checksum(salt: header.salt), limit: limit)
        while let item = try scanner.next() {
            switch item {
            case .bad(let range, let header):
                bad.append(BadRange(range: range, batch: end.lastBatch + 1, isFooter: header?.isFooter == true))
            case .batch(let batch):
                try body(batch)
                take(batch)
            }
        }
    }

    private mutating func take(_ batch: ScannedBatch) {
        let header = batch.header
        end = SegmentEnd(
            id: end.id, length: batch.offset + header.length, lastBatch: UInt64(header.number), crc: batch.crc)
        durable = max(durable, UInt64(header.durable))
        predecessorIsSynced = predecessorIsSynced || header.predecessorIsSynced
        if header.isFooter {
            hasFooter = true
            durable = max(durable, UInt64(header.number))
        }
        guard header.type == SegmentFormat.recordsType else { return }
        batches.append(batch.offset)
        index.lastWrittenAt = header.writtenAt
        for view in batch.records {
            index.add(RecordFacts(view), slot: index.slot(of: view.job), offset: view.offset)
        }
    }

    /// The words for a bad range: corruption if the lost batch had been on the disk, else a tail that was torn.
    func isCorrupt(_ bad: BadRange) -> Bool { bad.batch <= durable }

    func damage(_ bad: BadRange, of file: String) -> Damage {
        guard isCorrupt(bad) else {
            return Damage(
                .torn, file: file, range: bad.range,
                words: "torn: written while the daemon or the system died, and never acknowledged")
        }
        return bad.isFooter
            ? Damage(file: file, range: bad.range, words: "corrupt footer; the batches say the same")
            : Damage(file: file, lost: bad.range)
    }
}

extension Damage {
    /// Batches that had been on the disk.
    init(file: String, lost range: Range<UInt64>) {
        self.init(file: file, range: range, words: "corrupt: what was recorded here is lost")
    }
}
