internal import CronCore

/// Reads the footer of a sealed segment: single jobs, or all of them in order. What is damaged in it throws.
struct FooterReader {
    let place: FooterPlace
    private let checksum: Checksum
    private let entries: FileWindow
    private let names: FileWindow

    /// `readAhead`: for who reads on from where it begins; nil: for who looks for single jobs.
    init(_ file: any StorageFile, place: FooterPlace, checksum: Checksum, readAhead: Int? = nil) {
        self.place = place
        self.checksum = checksum
        entries = FileWindow(file, readAhead: readAhead ?? 8 << 10, readAhead == nil ? .around : .forward)
        names = FileWindow(file, readAhead: (readAhead ?? 2 << 10) / 2)
    }

    /// The header of the footer's batch: it has the range of `seq`, under a CRC of its own.
    func batch() throws(SegmentFault) -> (header: BatchHeader, crc: UInt32) {
        let bytes = try entries.checked(at: place.batchOffset, length: SegmentFormat.batchHeaderLength)
        guard let batch = BatchHeader.decode(bytes, at: place.batchOffset, checksum: checksum), batch.header.isFooter
        else { throw .damaged(place.batchOffset..<place.entries) }
        return batch
    }

    /// What the footer says of `job`; nil: it has no record in the segment.
    func entry(of job: JobID) throws(SegmentFault) -> SegmentEntry? {
        let hash = job.hash64
        var position = try position(of: hash)
        while position < place.entryCount, try self.hash(at: position) == hash {
            let entry = try entry(at: position)
            if entry.job == job { return entry }
            position += 1
        }
        return nil
    }

    /// Where the first entry stands whose hash is `hash` or greater. Hashes are spread evenly, so the value tells where,
    /// to within a page or two (interpolation search; Peterson 1957). Where it does not, what is left is halved.
    private func position(of hash: UInt64) throws(SegmentFault) -> Int {
        var (low, high) = (0, place.entryCount)
        var (least, greatest) = (UInt64.min, UInt64.max)
        var guesses = 12
        while low < high {
            var share = 0.5
            if guesses > 0, greatest > least { share = Double(hash - least) / Double(greatest - least) }
            guesses -= 1
            let middle = min(low + Int(share * Double(high - low)), high - 1)
            let found = try self.hash(at: middle)
            if found < hash { (low, least) = (middle + 1, found) } else { (high, greatest) = (middle, found) }
        }
        return low
    }

    func entry(at position: Int) throws(SegmentFault) -> SegmentEntry {
        var reader = ByteReader(try bytes(at: position))
        var entry = SegmentEntry(
            job: JobID(""), hash: reader.integer(), newest: reader.integer(), oldest: reader.integer(),
            newestExecution: reader.integer(), newestSuccess: reader.integer(), newestSequence: reader.integer(),
            recordCount: reader.integer(), executionCount: reader.integer(), successCount: reader.integer(),
            account: Account(
                cursor: Timestamp(microseconds: 0), epoch: reader.integer(), failuresInARow: 0, openRuns: 0,
                schedule: 0))
        entry.account.cursor = Timestamp(microseconds: reader.integer())
        entry.account.schedule = reader.integer()
        entry.account.failuresInARow = reader.integer()
        entry.account.openRuns = reader.integer()
        entry.newestFinishedAt = Timestamp(microseconds: reader.integer())
        let flags: UInt64 = reader.integer()
        entry.account.isPaused = flags & SegmentFormat.pausedEntryFlag != 0
        entry.newestSucceeded = flags & SegmentFormat.newestSucceededFlag != 0
        let nameBegin = UInt64(reader.integer(UInt32.self))
        let nameLength = Int(reader.integer(UInt16.self))
        reader.skip(2)
        let others: UInt32 = reader.integer()
        entry.otherCount = flags & SegmentFormat.othersCountedFlag == 0 ? nil : others
        entry.job = try name(from: nameBegin, length: nameLength, hash: entry.hash)
        return entry
    }

    /// How many runs of the job an entry leaves open, for who looks through very many.
    func openRuns(at position: Int) throws(SegmentFault) -> (hash: UInt64, count: UInt32) {
        let bytes = try bytes(at: position)
        return (
            UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
            UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 84, as: UInt32.self))
        )
    }

    private func hash(at position: Int) throws(SegmentFault) -> UInt64 {
        var reader = ByteReader(try bytes(at: position))
        return reader.integer()
    }

    /// The bytes of one entry, its CRC checked.
    private func bytes(at position: Int) throws(SegmentFault) -> UnsafeRawBufferPointer {
        let offset = place.entries + UInt64(position * SegmentFormat.entryLength)
        let bytes = try entries.checked(at: offset, length: SegmentFormat.entryLength)
        let covered = SegmentFormat.entryLength - 4
        guard bytes.count == SegmentFormat.entryLength,
            bytes.loadUnaligned(fromByteOffset: covered, as: UInt32.self).littleEndian
                == checksum.of(UnsafeRawBufferPointer(rebasing: bytes[..<covered]), at: offset)
        else { throw .damaged(offset..<offset + UInt64(SegmentFormat.entryLength)) }
        return bytes
    }

    /// A name has no CRC; the hash beside it says whether it is whole.
    private func name(from begin: UInt64, length: Int, hash: UInt64) throws(SegmentFault) -> JobID {
        let offset = place.names + begin
        guard begin + UInt64(length) <= UInt64(place.namesLength) else { throw .damaged(offset..<offset) }
        let bytes = try names.checked(at: offset, length: length)
        let job = JobID(String(decoding: bytes, as: UTF8.self))
        guard job.hash64 == hash else { throw .damaged(offset..<offset + UInt64(length)) }
        return job
    }
}

/// Why a part of a segment could not be read.
enum SegmentFault: Error {
    case system(SystemError)
    case damaged(Range<UInt64>)
}
