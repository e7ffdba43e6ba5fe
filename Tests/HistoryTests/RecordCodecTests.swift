import CChecksum
import CronCore
import Testing

@testable import History

@Suite struct RecordCodecTests {
    private let checksum = Checksum(salt: 0x1234_5678_9abc_def0)
    private let batchOffset: UInt64 = 8_192

    private func encoded(_ record: Record, previous: UInt64 = 8_256) -> [UInt8] {
        var buffer = ByteBuffer(capacity: 64)
        buffer.appendZeros(SegmentFormat.batchHeaderLength)
        let offset = RecordCodec.encode(
            record, record.header, previous: previous, into: &buffer, batchOffset: batchOffset, checksum: checksum)
        #expect(offset == batchOffset + 64)
        return Array(buffer.bytes[64...])
    }

    private func decoded(_ bytes: [UInt8], checking: Bool = true) -> Record? {
        bytes.withUnsafeBytes { bytes in
            RecordView(bytes, at: batchOffset + 64, checking: checking ? checksum : nil)?.record()
        }
    }

    @Test(arguments: 0..<20)
    func `any record comes back as it was`(seed: UInt64) {
        var samples = Samples(seed: seed)
        for _ in 0..<50 {
            let record = samples.any(jobs: [JobID("a"), JobID("ünï"), JobID(String(repeating: "j", count: 300))])
            let bytes = encoded(record)
            #expect(bytes.count % 8 == 0)
            #expect(decoded(bytes) == record)
        }
    }

    @Test func `the header says where the record before it lies`() {
        var samples = Samples()
        let bytes = encoded(samples.wholeRun(JobID("a"))[0], previous: 12_345_672)
        bytes.withUnsafeBytes { bytes in
            let view = RecordView(bytes, at: batchOffset + 64, checking: checksum)
            #expect(view?.previous == 12_345_672)
            #expect(view?.length == bytes.count)
        }
    }

    @Test func `a record is good only in its place`() {
        var samples = Samples()
        encoded(samples.wholeRun(JobID("a"))[1]).withUnsafeBytes { bytes in
            #expect(RecordView(bytes, at: batchOffset + 64, checking: checksum) != nil)
            #expect(RecordView(bytes, at: batchOffset + 72, checking: checksum) == nil)
            #expect(RecordView(bytes, at: batchOffset + 64, checking: Checksum(salt: 1)) == nil)
        }
    }

    @Test func `texts and bodies too long for a record are cut, between characters`() throws {
        var samples = Samples()
        let body = [UInt8](repeating: 7, count: SegmentFormat.longestBody + 5)
        let failure = Failure(
            code: "x" + String(repeating: "€", count: 30_000), error: String(repeating: "e", count: 70_000),
            requestMayHaveLeft: true)
        let record = samples.execution(JobID("a"), run: Samples.run(1), body: body, failure: failure)
        guard case .execution(let back)? = decoded(encoded(record)) else {
            Issue.record("not decoded")
            return
        }
        #expect(back.response.body?.count == SegmentFormat.longestBody)
        #expect(back.response.bodyTruncated)
        #expect(back.response.failure?.code == "x" + String(repeating: "€", count: 21_844))
        #expect(back.response.failure?.error.utf8.count == SegmentFormat.longestText)
    }

    @Test func `every flipped bit is noticed`() {
        var samples = Samples()
        let bytes = encoded(samples.wholeRun(JobID("a"))[1])
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << (bit % 8)
            #expect(decoded(damaged) == nil, "bit \(bit)")
        }
    }

    @Test func `hostile bytes give nothing or something, and never end the program`() {
        var samples = Samples(seed: 9)
        for _ in 0..<60 {
            let bytes = encoded(samples.any(jobs: [JobID("a")]))
            for _ in 0..<40 {
                var hostile = bytes
                for _ in 0..<4 {
                    let place = Int.random(in: 8..<hostile.count, using: &samples.random)
                    hostile[place] = UInt8.random(in: 0...255, using: &samples.random)
                }
                _ = decoded(hostile, checking: false)
                hostile.removeLast(Int.random(in: 0..<hostile.count, using: &samples.random))
                _ = decoded(hostile, checking: false)
            }
        }
    }

    @Test func `a kind of a later version is passed over, and carried along`() {
        var samples = Samples()
        var bytes = encoded(samples.wholeRun(JobID("a"))[0])
        bytes[8] = 200
        bytes.withUnsafeBytes { bytes in
            let view = RecordView(bytes, at: batchOffset + 64, checking: nil)
            #expect(view?.job == JobID("a"))
            #expect(view?.record() == nil)
            guard let view else { return }
            var buffer = ByteBuffer(capacity: 64)
            buffer.appendZeros(128)
            let offset = RecordCodec.copy(
                view.bytes, previous: 8, into: &buffer, batchOffset: batchOffset, checksum: checksum)
            let copy = RecordView(
                UnsafeRawBufferPointer(rebasing: buffer.bytes[128...]), at: offset, checking: checksum)
            #expect(copy?.kind == 200)
            #expect(copy?.previous == 8)
            #expect(copy?.body.elementsEqual(view.body) == true)
        }
    }

    /// RFC 3720, B.4, and what both ways say of any length.
    @Test func `the checksum is CRC32C, with the processor's help and without`() {
        let zeros = [UInt8](repeating: 0, count: 32)
        #expect(httpcron_crc32c(0, zeros, 32) == 0x8a91_36aa)
        #expect(httpcron_crc32c(0, Array("123456789".utf8), 9) == 0xe306_9283)
        var random = RandomSource(seed: 5)
        for length in 0..<100 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(httpcron_crc32c(1, bytes, length) == httpcron_crc32c_portable(1, bytes, length))
        }
    }
}
