import CronCore

@testable import History

/// Directories of segments made to measure, for what no daemon writes or only a damaged disk shows.
struct Forge {
    /// Segment 1 is empty, 2…5 are sealed and raw, 6 is not sealed.
    var contents: [String: [UInt8]]
    /// All records, oldest first.
    let records: [Record]

    static let ids: ClosedRange<UInt64> = 1...6

    init(sealed: Bool = false, seed: UInt64 = 5) throws {
        let disk = FakeDisk()
        let writer = try SteppedWriter(disk, makesSpares: true)
        var samples = Samples(seed: seed)
        var records: [Record] = []
        for segment in 0..<5 {
            for round in 0..<3 {
                let part = samples.wholeRun(JobID("a"), bodyLength: 200) + samples.wholeRun(JobID("job-\(round)"))
                records += part
                writer.append(part)
                writer.settle()
            }
            if segment < 4 {
                writer.inbox.post(.seal)
                writer.settle()
            }
        }
        if sealed { writer.close() }
        self.records = records
        contents = disk.contents
        contents["spare"] = nil
    }

    func name(_ id: UInt64) -> String { SegmentName.raw(id).text }
    func name(_ lo: UInt64, _ hi: UInt64) -> String { SegmentName.cover(lo, hi).text }

    func bytes(_ name: String) -> [UInt8] { contents[name] ?? [] }

    func header(_ name: String) -> SegmentHeader {
        let reading = bytes(name).withUnsafeBytes { SegmentHeader.decode(UnsafeRawBufferPointer(rebasing: $0[..<256])) }
        return reading.header ?? Self.nothing
    }

    private static let nothing = SegmentHeader(
        lo: 1, hi: 1, salt: 0, history: HistoryID(CronCore.UUID(high: 0, low: 0)), createdAt: Timestamp(seconds: 0),
        flags: 0, firstSequence: 1, predecessor: .none, ownEnd: .none)

    /// The records of raw segment `id`.
    func records(of id: UInt64) -> [Record] {
        guard id > 1 else { return [] }
        return Array(records[Int(id - 2) * 12..<Int(id - 1) * 12])
    }

    /// A cover of `lo` to `hi`, sealed, in the order of `seq`.
    func cover(_ lo: UInt64, _ hi: UInt64, change: (inout SegmentHeader) -> Void = { _ in }) -> [UInt8] {
        var header = header(name(lo))
        header.hi = hi
        header.flags = SegmentFormat.coverFlag
        header.salt = 77
        header.ownEnd = contents[name(hi + 1)] == nil ? SegmentEnd.empty(hi) : self.header(name(hi + 1)).predecessor
        change(&header)
        let builder = SegmentBuilder(header)
        var bytes = Array(builder.headerBytes())
        for id in lo...hi where id > 1 {
            builder.beginBatch()
            for record in records(of: id) { builder.add(record) }
            bytes += builder.endBatch(durable: builder.lastBatch, at: header.createdAt, predecessorIsSynced: true)
        }
        bytes += builder.footer(durable: builder.lastBatch, at: header.createdAt, predecessorIsSynced: true)
        return bytes
    }

    /// The unsealed segment `id` with these records, behind segment `id - 1` as far as `predecessor` says.
    func unsealed(_ id: UInt64, _ records: [Record], behind predecessor: SegmentEnd) -> [UInt8] {
        var header = header(name(2))
        (header.lo, header.hi, header.salt, header.predecessor) = (id, id, 78, predecessor)
        header.firstSequence = records.first?.header.sequence ?? 1
        let builder = SegmentBuilder(header)
        var bytes = Array(builder.headerBytes())
        builder.beginBatch()
        for record in records { builder.add(record) }
        bytes += builder.endBatch(durable: 0, at: header.createdAt, predecessorIsSynced: false)
        return bytes
    }

    /// Writes both copies of a file's header anew.
    mutating func change(_ name: String, header change: (inout SegmentHeader) -> Void) {
        var header = header(name)
        change(&header)
        var buffer = ByteBuffer(capacity: 0)
        header.encode(into: &buffer)
        let head = Array(buffer.bytes)
        contents[name] = head + bytes(name).dropFirst(head.count)
    }

    /// Makes a file one of a later major version.
    mutating func makeNewer(_ name: String) {
        for place in [0, 4_096] {
            contents[name]?[place + 8] = 2
            let crc = bytes(name)[place..<place + 252].withUnsafeBytes { Checksum.plain($0) }
            for byte in 0..<4 { contents[name]?[place + 252 + byte] = UInt8(truncatingIfNeeded: crc >> (8 * byte)) }
        }
    }

    mutating func flip(_ name: String, at place: Int) {
        let count = bytes(name).count
        contents[name]?[place < 0 ? count + place : place] ^= 1
    }

    mutating func spoilHeader(_ name: String) {
        flip(name, at: 20)
        flip(name, at: 4_116)
    }

    var disk: FakeDisk { FakeDisk(contents) }

    func path(_ name: String) -> String { "/disk/\(name)" }
}

extension FakeDisk {
    /// All that a reader finds, without a recovery.
    func readRecords() throws -> (records: [Record], damage: [Damage]) {
        let snapshot = try HistorySnapshot.open(self)
        var cursor = snapshot.oldestFirst(jobs: nil)
        let records = cursor.rest()
        return (records, snapshot.damage)
    }

    var sortedNames: [String] { contents.keys.sorted() }
}
