internal import CronCore

/// Puts the bytes of one segment together, batch by batch, in one buffer that is used again. Pure: who has the bytes
/// written, and where they went, is somebody else's business.
final class SegmentBuilder {
    let header: SegmentHeader
    private let checksum: Checksum
    private(set) var index = SegmentIndex()
    /// Where the next batch will lie.
    private(set) var offset = SegmentFormat.firstBatchOffset
    private(set) var lastBatch: UInt32 = 0
    private var lastOffset: UInt64 = 0
    private(set) var lastCRC: UInt32 = 0
    private var buffer = ByteBuffer(capacity: 4_096)
    private var recordCount: UInt32 = 0
    private var firstSequence: SequenceNumber = 0
    private var lastSequence: SequenceNumber = 0

    init(_ header: SegmentHeader) {
        self.header = header
        checksum = Checksum(salt: header.salt)
    }

    /// The bytes before the first batch; they lie at 0.
    func headerBytes() -> UnsafeRawBufferPointer {
        buffer.removeAll()
        header.encode(into: &buffer)
        return buffer.bytes
    }

    func beginBatch() {
        buffer.removeAll()
        buffer.appendZeros(SegmentFormat.batchHeaderLength)
        recordCount = 0
    }

    /// Whether the batch is as long as it should get.
    var isFull: Bool { buffer.count >= SegmentFormat.batchTarget }
    var isEmpty: Bool { recordCount == 0 }

    /// Adds `record` to the batch. Gives its `seq`.
    @discardableResult
    func add(_ record: Record) -> SequenceNumber {
        let header = record.header
        let slot = index.slot(of: header.job)
        let place = RecordCodec.encode(
            record, header, previous: index.newest(in: slot), into: &buffer, batchOffset: offset, checksum: checksum)
        count(RecordFacts(record, header), slot: slot, place: place)
        return header.sequence
    }

    /// Adds a record as it lies in another segment, of whatever kind.
    func add(_ view: RecordView) {
        add(view, slot: index.slot(of: view.job))
    }

    /// A place in the index for a job whose records come all in a row.
    func newSlot(of job: JobID) -> Int { index.newSlot(of: job) }

    func add(_ view: RecordView, slot: Int) {
        let place = RecordCodec.copy(
            view.bytes, previous: index.newest(in: slot), into: &buffer, batchOffset: offset, checksum: checksum)
        count(RecordFacts(view), slot: slot, place: place)
    }

    private func count(_ facts: RecordFacts, slot: Int, place: UInt64) {
        index.add(facts, slot: slot, offset: place)
        if recordCount == 0 { firstSequence = facts.sequence }
        lastSequence = facts.sequence
        recordCount += 1
    }

    /// Has the footer say more than the records do; see ``SegmentIndex``.
    func amend(_ change: (inout SegmentIndex) -> Void) { change(&index) }

    /// Ends the batch. The bytes go to `offset` as it was before, and hold until the next batch begins.
    func endBatch(durable: UInt32, at time: Timestamp, predecessorIsSynced: Bool) -> UnsafeRawBufferPointer {
        index.lastWrittenAt = time
        return end(
            type: SegmentFormat.recordsType, durable: durable, at: time, predecessorIsSynced: predecessorIsSynced)
    }

    /// The batch that seals the segment.
    func footer(durable: UInt32, at time: Timestamp, predecessorIsSynced: Bool) -> UnsafeRawBufferPointer {
        beginBatch()
        firstSequence = index.firstSequence
        lastSequence = index.lastSequence
        Footer.encode(index, into: &buffer, batchOffset: offset, checksum: checksum)
        return end(
            type: SegmentFormat.footerType, durable: durable, at: time, predecessorIsSynced: predecessorIsSynced)
    }

    private func end(
        type: UInt8, durable: UInt32, at time: Timestamp, predecessorIsSynced: Bool
    ) -> UnsafeRawBufferPointer {
        lastBatch += 1
        let header = BatchHeader(
            payloadLength: 0, payloadCRC: 0, number: lastBatch, durable: durable, previous: lastOffset,
            writtenAt: time, recordCount: recordCount, type: type,
            flags: predecessorIsSynced ? SegmentFormat.predecessorSyncedFlag : 0, firstSequence: firstSequence,
            lastSequence: lastSequence)
        lastCRC = header.seal(&buffer, at: offset, checksum: checksum)
        lastOffset = offset
        offset += UInt64(buffer.count)
        return buffer.bytes
    }

    /// The end of the segment as it stands.
    var segmentEnd: SegmentEnd {
        SegmentEnd(id: header.hi, length: offset, lastBatch: UInt64(lastBatch), crc: lastCRC)
    }
}
