import CronCore
import Foundation
import Testing

@testable import History

/// A record as bytes, but for what a compaction may change: its CRC and `previous`.
struct RawRecord: Equatable {
    var kind: UInt8
    var sequence: SequenceNumber
    var bytes: [UInt8]

    init(_ view: RecordView) {
        kind = view.kind
        sequence = view.sequence
        bytes = Array(view.bytes)
        for place in [0..<4, 32..<40] { for index in place { bytes[index] = 0 } }
    }
}

extension FakeDisk {
    /// Every record of every segment, of whatever kind, in order of `seq`.
    func rawRecords() throws -> [RawRecord] {
        var records: [RawRecord] = []
        for segment in try HistorySnapshot.open(self).segments {
            _ = try SegmentScan(segment.file, header: segment.header, limit: segment.limit) { batch in
                guard batch.header.type == SegmentFormat.recordsType else { return }
                for view in batch.records { records.append(RawRecord(view)) }
            }
        }
        return records.sorted { $0.sequence < $1.sequence }
    }

    /// Writes a sealed segment anew with the kinds of its records changed.
    func rewrite(_ name: String, kind: (UInt8) -> UInt8) throws {
        try rewriteRecords(of: name) { $0[8] = kind($0[8]) }
    }

    /// Writes a sealed segment anew with its records changed.
    func rewriteRecords(of name: String, _ change: (inout [UInt8]) -> Void) throws {
        let segment = try #require(try HistorySnapshot.open(self).segments.first { $0.name.text == name })
        let builder = SegmentBuilder(segment.header)
        var bytes = Array(builder.headerBytes())
        let time = segment.header.createdAt
        _ = try SegmentScan(segment.file, header: segment.header, limit: segment.limit) { batch in
            guard batch.header.type == SegmentFormat.recordsType else { return }
            builder.beginBatch()
            for view in batch.records {
                var record = Array(view.bytes)
                change(&record)
                record.withUnsafeBytes { changed in
                    if let view = RecordView(changed, at: view.offset, checking: nil) { builder.add(view) }
                }
            }
            bytes += Array(builder.endBatch(durable: builder.lastBatch, at: time, predecessorIsSynced: true))
        }
        bytes += Array(builder.footer(durable: builder.lastBatch, at: time, predecessorIsSynced: true))
        try damage(name) { $0 = bytes }
    }
}

extension Scratch {
    /// Gives the directory away. false: only root may.
    func give(to user: UInt32) -> Bool { chown(path, user, user) == 0 }

    func owner(of name: String) -> UInt32? {
        var status = stat()
        return stat("\(path)/\(name)", &status) == 0 ? status.st_uid : nil
    }
}
