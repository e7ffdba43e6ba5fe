import CronCore
import Testing

@testable import History

/// What retention reads off a record's bytes is what decoding it whole would tell.
@Suite struct RecordPeekTests {
    private static let jobs = [JobID("a"), JobID("job-β"), JobID(String(repeating: "x", count: 90))]

    private static func encoded(_ record: Record) -> [UInt8] {
        var buffer = ByteBuffer(capacity: 64)
        _ = RecordCodec.encode(
            record, record.header, previous: 0, into: &buffer, batchOffset: 8_192, checksum: Checksum(salt: 1))
        return Array(buffer.bytes)
    }

    private static func expectSame(_ bytes: [UInt8], _ what: String) {
        bytes.withUnsafeBytes { raw in
            guard let view = RecordView(raw, at: 8_192, checking: nil) else { return }
            let whole =
                view.record().map(RecordTraits.init)
                ?? RecordTraits(kind: .unknown, sequence: view.sequence, at: view.recordedAt)
            #expect(view.traits == whole, "\(what)")
        }
    }

    @Test func `of any record there can be`() {
        var samples = Samples(seed: 71)
        for _ in 0..<600 {
            let record = samples.any(jobs: Self.jobs)
            Self.expectSame(Self.encoded(record), "\(record)")
        }
    }

    @Test func `of bytes that are none, too`() {
        var samples = Samples(seed: 72)
        for _ in 0..<150 {
            let bytes = Self.encoded(samples.any(jobs: Self.jobs))
            for _ in 0..<20 {
                var changed = bytes
                // Not the length and not the name's: the rest is taken as it comes.
                let place = Int.random(in: 8..<bytes.count, using: &samples.random)
                changed[place] = UInt8.random(in: 0...255, using: &samples.random)
                Self.expectSame(changed, "byte \(place) of \(bytes.count)")
            }
            var cut = Array(bytes.prefix(Int.random(in: 8...bytes.count / 8, using: &samples.random) * 8))
            let length = UInt32(cut.count)
            for index in 0..<4 { cut[4 + index] = UInt8(truncatingIfNeeded: length >> (8 * UInt32(index))) }
            Self.expectSame(cut, "cut to \(length)")
        }
    }
}
