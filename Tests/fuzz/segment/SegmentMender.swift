import CronCore

@testable import History

/// Makes every checksum of a segment good that its own lengths lead to: what is wrong in it then gets past them, to the
/// decoders behind. The lengths, counts, offsets and kinds stay as they are.
struct SegmentMender {
    private(set) var bytes: [UInt8]
    private let checksum: Checksum
    /// The end of the last batch whose header could be mended.
    private(set) var end: SegmentEnd

    /// `bytes` are no shorter than the place of the header.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        checksum = Checksum(salt: bytes.integer(at: 32))
        end = .empty(0)
        mendHeader()
        end.id = self.bytes.integer(at: 24)
        mendFooter()
        mendBatches()
    }

    /// Ids that a neighbour can follow on, and a range only where there may be one.
    private mutating func mendHeader() {
        bytes.set(SegmentFormat.magic, at: 0)
        let lo = max(1, bytes.integer(at: 16, as: UInt64.self) % 8)
        let isCover = bytes.integer(at: 64, as: UInt64.self) & SegmentFormat.coverFlag != 0
        bytes.set(lo, at: 16)
        bytes.set(isCover ? max(lo, bytes.integer(at: 24, as: UInt64.self) % 8) : lo, at: 24)
        bytes.closeHeader()
    }

    private mutating func mendBatches() {
        var place = Int(SegmentFormat.firstBatchOffset)
        while place + SegmentFormat.batchHeaderLength <= bytes.count {
            let begin = place + SegmentFormat.batchHeaderLength
            let length = Int(bytes.integer(at: place + 8, as: UInt32.self))
            bytes.set(SegmentFormat.batchMarker, at: place)
            if length <= bytes.count - begin {
                if bytes[place + 44] == SegmentFormat.recordsType { mendRecords(begin..<begin + length) }
                bytes.set(crc(begin..<begin + length), at: place + 12)
            }
            bytes.set(crc(place + 8..<begin, at: place), at: place + 4)
            place = begin + SegmentFormat.aligned(length)
            guard place <= bytes.count else { return }
            end.length = UInt64(place)
            end.lastBatch = UInt64(bytes.integer(at: begin - 48, as: UInt32.self))
            end.crc = bytes.integer(at: begin - 60)
        }
    }

    private mutating func mendRecords(_ payload: Range<Int>) {
        var place = payload.lowerBound
        while payload.upperBound - place >= SegmentFormat.recordHeaderLength {
            let length = Int(bytes.integer(at: place + 4, as: UInt32.self))
            guard length >= SegmentFormat.recordHeaderLength, length <= payload.upperBound - place else { return }
            bytes.set(crc(place + 4..<place + length), at: place)
            place += length
        }
    }

    /// The trailer, and each entry with its hash, by which names are found and held to be whole.
    private mutating func mendFooter() {
        let trailer = bytes.count - SegmentFormat.trailerLength
        guard bytes.count & 7 == 0, bytes.count > Int(SegmentFormat.firstBatchOffset) + 64 else { return }
        bytes.set(crc(trailer..<trailer + 24), at: trailer + 24)
        let batch: UInt64 = bytes.integer(at: trailer)
        guard batch >= SegmentFormat.firstBatchOffset, batch < UInt64(trailer) else { return }
        let entries = Int(batch) + SegmentFormat.batchHeaderLength + SegmentFormat.summaryLength
        let count = Int(clamping: bytes.integer(at: trailer + 8, as: UInt64.self))
        let (length, overflow) = count.multipliedReportingOverflow(by: SegmentFormat.entryLength)
        guard !overflow, entries <= trailer, length <= trailer - entries else { return }
        for begin in stride(from: entries, to: entries + length, by: SegmentFormat.entryLength) {
            let name = entries + length + Int(bytes.integer(at: begin + 104, as: UInt32.self))
            let nameEnd = name + Int(bytes.integer(at: begin + 108, as: UInt16.self))
            if nameEnd <= trailer {
                bytes.set(JobID(String(decoding: bytes[name..<nameEnd], as: UTF8.self)).hash64, at: begin)
            }
            let crcBegin = begin + SegmentFormat.entryLength - 4
            bytes.set(crc(begin..<crcBegin), at: crcBegin)
        }
    }

    /// `offset`: of what the checksum is bound to, where that is not the first byte.
    private func crc(_ range: Range<Int>, at offset: Int? = nil) -> UInt32 {
        bytes.withUnsafeBytes {
            checksum.of(UnsafeRawBufferPointer(rebasing: $0[range]), at: UInt64(offset ?? range.lowerBound))
        }
    }
}

extension [UInt8] {
    /// Gives a header its checksum, and the segment the second copy of it.
    mutating func closeHeader() {
        let crc = withUnsafeBytes { Checksum.plain(UnsafeRawBufferPointer(rebasing: $0[..<252])) }
        set(crc, at: 252)
        overwrite(Array(self[..<SegmentFormat.headerLength]), at: Int(SegmentFormat.secondHeaderOffset))
    }
}
