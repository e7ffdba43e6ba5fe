package import CronCore

/// What a batch begins with: how long it is, what had been on the disk when it was written, and its checksums.
package struct BatchHeader: Hashable, Sendable {
    package var payloadLength: Int
    package var payloadCRC: UInt32
    /// From 1, within the segment.
    package var number: UInt32
    /// The highest batch of the segment known to be on the disk when this one was written; 0: none.
    package var durable: UInt32
    /// Offset of the batch before it; 0: it is the first.
    package var previous: UInt64
    package var writtenAt: Timestamp
    package var recordCount: UInt32
    package var type: UInt8
    package var flags: UInt8
    package var firstSequence: SequenceNumber
    package var lastSequence: SequenceNumber

    /// The whole batch, its header and padding included.
    package var length: UInt64 {
        UInt64(SegmentFormat.batchHeaderLength + SegmentFormat.aligned(payloadLength))
    }

    package var isFooter: Bool { type == SegmentFormat.footerType }
    package var predecessorIsSynced: Bool { flags & SegmentFormat.predecessorSyncedFlag != 0 }

    /// Completes the batch that `buffer` holds, which will lie at `offset`: 64 bytes left free, and the payload.
    /// Fills in the length and both checksums, pads, and gives the header's CRC.
    func seal(_ buffer: inout ByteBuffer, at offset: UInt64, checksum: Checksum) -> UInt32 {
        let header = SegmentFormat.batchHeaderLength
        let payload = UnsafeRawBufferPointer(rebasing: buffer.bytes[header...])
        let payloadCRC = checksum.of(payload, at: offset + UInt64(header))
        buffer.set(SegmentFormat.batchMarker, at: 0)
        buffer.set(UInt32(truncatingIfNeeded: payload.count), at: 8)
        buffer.set(payloadCRC, at: 12)
        buffer.set(number, at: 16)
        buffer.set(durable, at: 20)
        buffer.set(previous, at: 24)
        buffer.set(writtenAt.microseconds, at: 32)
        buffer.set(recordCount, at: 40)
        buffer.set(type, at: 44)
        buffer.set(flags, at: 45)
        buffer.set(UInt16(0), at: 46)
        buffer.set(firstSequence, at: 48)
        buffer.set(lastSequence, at: 56)
        let crc = checksum.of(UnsafeRawBufferPointer(rebasing: buffer.bytes[8..<header]), at: offset)
        buffer.set(crc, at: 4)
        buffer.align()
        return crc
    }

    /// The header at `offset`, whose 64 bytes are `bytes`; nil unless its CRC is good. `crc` names the batch in a chain.
    static func decode(
        _ bytes: UnsafeRawBufferPointer, at offset: UInt64, checksum: Checksum
    ) -> (header: BatchHeader, crc: UInt32)? {
        guard bytes.count == SegmentFormat.batchHeaderLength else { return nil }
        var reader = ByteReader(bytes)
        guard reader.integer(UInt32.self) == SegmentFormat.batchMarker else { return nil }
        let crc: UInt32 = reader.integer()
        guard checksum.of(UnsafeRawBufferPointer(rebasing: bytes[8...]), at: offset) == crc else { return nil }
        let length: UInt32 = reader.integer()
        let payloadCRC: UInt32 = reader.integer()
        let number: UInt32 = reader.integer()
        let durable: UInt32 = reader.integer()
        let previous: UInt64 = reader.integer()
        let writtenAt = Timestamp(microseconds: reader.integer())
        let count: UInt32 = reader.integer()
        let type: UInt8 = reader.integer()
        let flags: UInt8 = reader.integer()
        reader.skip(2)
        let header = BatchHeader(
            payloadLength: Int(length), payloadCRC: payloadCRC, number: number, durable: durable, previous: previous,
            writtenAt: writtenAt, recordCount: count, type: type, flags: flags, firstSequence: reader.integer(),
            lastSequence: reader.integer())
        guard header.isFooter || header.payloadLength <= SegmentFormat.longestPayload else { return nil }
        return (header, crc)
    }
}
