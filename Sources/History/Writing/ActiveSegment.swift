internal import CronCore

/// The writer's side of a segment that is not sealed yet.
final class ActiveSegment {
    let live: LiveSegment
    let builder: SegmentBuilder
    /// Whether the syncer knows of it.
    var isAnnounced = false
    /// The last batch, for the syncer to write; empty until the segment is sealed.
    var footer: [UInt8] = []
    /// Ends of the batches that are not known to be on the disk, and of the last one that is.
    private var ends: [SegmentEnd] = []

    init(_ header: SegmentHeader, file: any StorageFile, temporaryName: SegmentName) {
        builder = SegmentBuilder(header)
        live = LiveSegment(id: header.hi, file: file, temporaryName: temporaryName)
    }

    /// A batch was written.
    func noteBatch(durable: UInt32) {
        ends.append(builder.segmentEnd)
        if let first = ends.firstIndex(where: { $0.lastBatch >= durable }), first > 64 { ends.removeFirst(first) }
    }

    /// The end of the segment if it is abandoned with `durable` as its last batch that counts.
    func end(durable: UInt32) -> SegmentEnd {
        ends.last { $0.lastBatch == durable } ?? .empty(builder.header.hi)
    }
}
