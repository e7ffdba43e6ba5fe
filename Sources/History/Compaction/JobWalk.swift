internal import CronCore

/// Reads records of one job after the other, newest first, through the segments of a compaction; reads ahead little
/// where jobs are mixed and more where they are grouped.
final class JobWalk {
    /// Where the next older record lies.
    struct Place: Equatable {
        /// Which of the job's pieces; below 0: at the end.
        var piece: Int
        /// 0: at the piece's newest record.
        var offset: UInt64
    }

    private let inputs: [CompactionInput]
    private let meter: IOMeter
    private var buffer = ByteBuffer(capacity: 64 << 10)
    /// What `buffer` holds: bytes of this input from this offset.
    private var bufferInput = -1
    private var bufferBegin: UInt64 = 0

    /// How much is read for one record where jobs are mixed: what records took lately.
    private var mixedAhead = leastAhead
    private static let leastAhead = 1 << 10
    private static let mostAhead = 8 << 10
    private static let groupedAhead = 64 << 10

    init(_ inputs: [CompactionInput], meter: IOMeter) {
        self.inputs = inputs
        self.meter = meter
    }

    /// The record at `place`, which moves to the next older one. Its bytes hold until the next call. nil: at the end.
    /// `skips`: whether nothing in a piece is wanted; asked before a piece is begun.
    func next(
        _ place: inout Place, of pieces: [FooterMerge.Piece], skips: (SegmentEntry) -> Bool
    ) throws(CompactionFault) -> (view: RecordView, input: CompactionInput)? {
        while place.piece >= 0, place.offset == 0 {
            let entry = pieces[place.piece].entry
            if !skips(entry) { place.offset = entry.newest }
            if place.offset == 0 { place.piece -= 1 }
        }
        guard place.piece >= 0 else { return nil }
        let piece = pieces[place.piece]
        let offset = place.offset
        let view = try record(at: offset, of: piece.input)
        guard view.previous < offset, view.isOf(piece.entry.job) else {
            throw .damaged(input: piece.input, offset..<offset + UInt64(view.length))
        }
        place.offset = view.previous
        if place.offset == 0 { place.piece -= 1 }
        return (view, inputs[piece.input])
    }

    private func record(at offset: UInt64, of number: Int) throws(CompactionFault) -> RecordView {
        let source = inputs[number].source
        let headerLength = UInt64(SegmentFormat.recordHeaderLength)
        guard offset >= SegmentFormat.firstBatchOffset, offset & 7 == 0, offset < source.limit,
            headerLength <= source.limit - offset
        else { throw .damaged(input: number, min(offset, source.limit)..<source.limit) }
        let damaged = CompactionFault.damaged(input: number, offset..<offset + headerLength)
        let head = try bytes(at: offset, length: 8, of: number)
        guard head.count == 8 else { throw damaged }
        let length = Int(UInt32(littleEndian: head.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
        guard length >= SegmentFormat.recordHeaderLength, length <= SegmentFormat.longestRecord,
            UInt64(length) <= source.limit - offset
        else { throw damaged }
        let whole = try bytes(at: offset, length: length, of: number)
        guard let view = RecordView(whole, at: offset, checking: source.checksum) else { throw damaged }
        return view
    }

    /// `length` bytes from `offset`; fewer at the end of the file.
    private func bytes(
        at offset: UInt64, length: Int, of number: Int
    ) throws(CompactionFault) -> UnsafeRawBufferPointer {
        if number != bufferInput || offset < bufferBegin || offset + UInt64(length) > bufferBegin + UInt64(buffer.count)
        {
            try fill(from: offset, length: length, of: number)
        }
        let begin = min(Int(offset - bufferBegin), buffer.count)
        return UnsafeRawBufferPointer(rebasing: buffer.bytes[begin..<min(begin + length, buffer.count)])
    }

    private func fill(from offset: UInt64, length: Int, of number: Int) throws(CompactionFault) {
        // The records before this one are wanted next; and often its start lies straight before an execution.
        let before = inputs[number].isGrouped ? Self.groupedAhead : Self.leastAhead / 4
        let begin = offset - min(offset, UInt64(before))
        if length > 8 { mixedAhead = min(max(length + 256, mixedAhead), Self.mostAhead) }
        let wanted = max(length, mixedAhead) + Int(offset - begin)
        mixedAhead = max(mixedAhead - 8, Self.leastAhead)
        bufferInput = -1
        do throws(SystemError) {
            try buffer.read(wanted, of: inputs[number].source.file, at: begin)
        } catch {
            // Pages that cannot be read are damage, if there are others that can be.
            throw error.isUnreadable ? .damaged(input: number, begin..<begin + UInt64(wanted)) : .system(error)
        }
        (bufferInput, bufferBegin) = (number, begin)
        try meter.spend(buffer.count)
    }
}
