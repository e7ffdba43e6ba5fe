import CronCore
import Synchronization
import Testing

@testable import History

/// Damage anywhere costs what it hit, is told with file and range, and nothing is invented.
@Suite struct DamageTests {
    static let jobs = [JobID("a"), JobID("b"), JobID("c")]

    /// One segment of twelve batches, sealed or not, in its directory, and the records of each batch.
    struct Fixture {
        var contents: [String: [UInt8]]
        var name: String
        var batches: [[Record]]
        var ranges: [Range<Int>]
        var records: [Record] { batches.flatMap { $0 } }
        var bytes: [UInt8] { contents[name] ?? [] }

        init(sealed: Bool, body: [UInt8]? = nil) throws {
            let disk = FakeDisk()
            var settings = SteppedWriter.settings
            settings.segmentSize = 1 << 15
            let writer = try SteppedWriter(disk, makesSpares: true, settings: settings)
            var samples = Samples(seed: 3)
            batches = []
            for number in 0..<12 {
                var part = samples.wholeRun(DamageTests.jobs[number % 3], bodyLength: 300)
                if let body { part.append(samples.execution(DamageTests.jobs[0], run: Samples.run(1), body: body)) }
                batches.append(part)
                writer.append(part)
                writer.settle()
            }
            if sealed { writer.close() }
            name = "0000000000000002.seg"
            contents = disk.contents
            contents["spare"] = nil
            let header = contents[name].map { bytes in
                bytes.withUnsafeBytes { SegmentHeader.decode(UnsafeRawBufferPointer(rebasing: $0[..<256])) }
            }
            ranges = []
            guard case .good(let header)? = header else { return }
            let file = FakeFile(name, contents[name] ?? [], disk: disk)
            _ = try SegmentScan(file, header: header, limit: try file.size()) { batch in
                guard !batch.header.isFooter else { return }
                ranges.append(Int(batch.offset)..<Int(batch.offset + batch.header.length))
            }
        }

        func disk(_ change: (inout [UInt8]) -> Void) -> FakeDisk {
            var contents = contents
            var bytes = bytes
            change(&bytes)
            contents[name] = bytes
            return FakeDisk(contents)
        }

        /// The records of the batches that lie, at least in part, in `range`.
        func records(in range: Range<Int>) -> Set<SequenceNumber> {
            var hit: Set<SequenceNumber> = []
            for (batch, place) in zip(batches, ranges) where place.overlaps(range) {
                for record in batch { hit.insert(record.header.sequence) }
            }
            return hit
        }
    }

    /// Reads all, both ways and by job, and holds it against what there was.
    func check(_ fixture: Fixture, _ disk: FakeDisk, hit: Range<Int>, _ comment: Comment) throws {
        let all = fixture.records
        let allowed = fixture.records(in: hit)
        let snapshot = try HistorySnapshot.open(disk)
        var cursors = [
            (snapshot.oldestFirst(jobs: nil), all), (snapshot.newestFirst(jobs: nil), all.reversed()),
        ]
        for job in Self.jobs {
            let some = all.filter { $0.header.job == job }
            cursors.append((snapshot.newestFirst(jobs: [job]), some.reversed()))
            cursors.append((snapshot.oldestFirst(jobs: [job]), some))
        }
        for (cursor, expected) in cursors {
            var cursor = cursor
            let found = cursor.rest()
            let missing = Set(expected.map(\.header.sequence)).subtracting(found.map(\.header.sequence))
            #expect(missing.isSubset(of: allowed), comment)
            #expect(found == expected.filter { !missing.contains($0.header.sequence) }, comment)
            // Cut off exactly between two batches, with nothing behind it, a segment looks whole.
            let isClean = fixture.ranges.contains { $0.lowerBound == hit.lowerBound && hit.count > $0.count }
            if !missing.isEmpty, !isClean { #expect(!snapshot.damage.isEmpty, comment) }
        }
        #expect(Set(snapshot.jobs).isSubset(of: Self.jobs), comment)
        for damage in snapshot.damage { #expect(damage.file.hasSuffix(fixture.name), comment) }
    }

    @Test(arguments: [true, false])
    func `a flipped bit costs at most its batch`(sealed: Bool) throws {
        let fixture = try Fixture(sealed: sealed)
        #expect(fixture.ranges.count == 12)
        let end = sealed ? fixture.bytes.count : (fixture.ranges.last?.upperBound ?? 0) + 64
        for bit in stride(from: 0, to: end * 8, by: 331) {
            let place = bit / 8
            if place > 256, place < 8_000, place % 64 != 0 { continue }
            let disk = fixture.disk { $0[place] ^= 1 << (bit % 8) }
            try check(fixture, disk, hit: place..<place + 1, "bit \(bit)")
        }
    }

    @Test(arguments: [true, false])
    func `a zeroed sector costs at most the batches it touches`(sealed: Bool) throws {
        let fixture = try Fixture(sealed: sealed)
        for sector in stride(from: 0, to: fixture.bytes.count, by: 512) {
            let range = sector..<min(sector + 512, fixture.bytes.count)
            let disk = fixture.disk { bytes in for place in range { bytes[place] = 0 } }
            try check(fixture, disk, hit: range, "sector at \(sector)")
        }
    }

    @Test(arguments: [true, false])
    func `a truncated segment keeps every whole batch`(sealed: Bool) throws {
        let fixture = try Fixture(sealed: sealed)
        let first = fixture.ranges[0].lowerBound
        let end = sealed ? fixture.bytes.count : (fixture.ranges.last?.upperBound ?? 0) + 40
        for length in Set(stride(from: first, to: end, by: 29)).union(fixture.ranges.map(\.upperBound)).sorted() {
            let disk = fixture.disk { $0.removeLast($0.count - length) }
            try check(fixture, disk, hit: length..<fixture.bytes.count, "length \(length)")
            let recovered = try disk.recoveredRecords()
            let whole = zip(fixture.batches, fixture.ranges).filter { $0.1.upperBound <= length }.flatMap { $0.0 }
            #expect(recovered.records == whole, "length \(length)")
            #expect(recovered.restored.nextSequence == SequenceNumber(whole.count + 1))
        }
    }

    @Test func `the durable mark tells corruption from a torn tail`() throws {
        let fixture = try Fixture(sealed: false)
        let early = fixture.disk { $0[fixture.ranges[3].lowerBound + 100] ^= 1 }
        let corrupt = try early.recoveredRecords()
        #expect(corrupt.findings.contains { $0.words.hasPrefix("corrupt") })
        #expect(corrupt.records.count == 22)
        #expect(try early.names().contains("0000000000000002.seg.bad"))
        #expect(early.contents["0000000000000002.seg.bad"] != nil)
        let late = fixture.disk { $0[fixture.ranges[11].lowerBound + 100] ^= 1 }
        let torn = try late.recoveredRecords()
        #expect(torn.findings.contains { $0.words.hasPrefix("torn") })
        #expect(!torn.findings.contains { $0.words.hasPrefix("corrupt") })
        #expect(torn.records.count == 22)
    }

    @Test func `one header is enough, and without any the file is set aside`() throws {
        let fixture = try Fixture(sealed: false)
        let one = fixture.disk { bytes in for place in 0..<4_096 { bytes[place] = 0xff } }
        #expect(try one.recoveredRecords().records == fixture.records)
        let none = fixture.disk { bytes in for place in 0..<8_192 { bytes[place] = 0xff } }
        let recovered = try none.recoveredRecords()
        #expect(recovered.records == [])
        #expect(recovered.findings.contains { $0.words.contains("header") })
        #expect(none.contents["0000000000000002.seg.bad"] != nil)
    }

    @Test func `a header that came from another segment is none, in either of its places`() throws {
        let fixture = try Fixture(sealed: false)
        let other = try #require(fixture.contents["0000000000000001.seg"])
        for place in [0, 4_096] {
            let disk = fixture.disk { $0.replaceSubrange(place..<place + 256, with: other[..<256]) }
            try check(fixture, disk, hit: place..<place, "copy at \(place)")
            #expect(try disk.recoveredRecords().records == fixture.records)
        }
    }

    @Test func `a batch stored inside a body passes for nothing, whatever is damaged around it`() throws {
        let plain = try Fixture(sealed: true)
        let batches = Array(plain.bytes[plain.ranges[2].lowerBound..<plain.ranges[4].upperBound])
        // One of them lies at a multiple of 8, wherever the body does.
        let forged = Array((0..<8).map { _ in batches + [0] }.joined())
        let fixture = try Fixture(sealed: true, body: forged)
        for range in fixture.ranges {
            let disk = fixture.disk { bytes in
                for place in range.lowerBound..<range.lowerBound + 64 { bytes[place] = 0 }
            }
            try check(fixture, disk, hit: range, "batch at \(range.lowerBound)")
        }
    }

    @Test func `a damaged name in a footer is not taken for a job`() throws {
        let fixture = try Fixture(sealed: true)
        // Three names of one byte each and five zeros, before the trailer.
        let names = fixture.bytes.count - 40..<fixture.bytes.count - 37
        #expect(Set(fixture.bytes[names]) == Set("abc".utf8))
        for place in names {
            let disk = fixture.disk { $0[place] ^= 4 }
            try check(fixture, disk, hit: place..<place, "byte \(place)")
            #expect(try disk.recoveredRecords().restored.jobs.keys.sorted() == Self.jobs)
        }
    }
}
