import CronCore
import Testing

@testable import History

/// Segments of which every checksum is good, and which say what cannot be. `Tests/fuzz/run segment` has found them.
@Suite struct HostileSegmentTests {
    /// `bytes`, a sealed segment, with this number in each entry of its footer.
    private func lie(_ bytes: inout [UInt8], _ value: UInt64, at place: Int) throws {
        let header = bytes[..<256].withUnsafeBytes { SegmentHeader.decode($0) }.header
        let checksum = Checksum(salt: try #require(header).salt)
        let file = try FakeDisk(["x": bytes]).open("x")
        let footer = try #require(try FooterPlace(file, size: UInt64(bytes.count), checksum: checksum))
        for number in 0..<footer.entryCount {
            let begin = Int(footer.entries) + number * SegmentFormat.entryLength
            let end = begin + SegmentFormat.entryLength - 4
            bytes.withUnsafeMutableBytes { bytes in
                bytes.storeBytes(of: value.littleEndian, toByteOffset: begin + place, as: UInt64.self)
                let crc = checksum.of(UnsafeRawBufferPointer(rebasing: bytes[begin..<end]), at: UInt64(begin))
                bytes.storeBytes(of: crc.littleEndian, toByteOffset: end, as: UInt32.self)
            }
        }
    }

    @Test(arguments: [8, 16], [16_384, 1 << 62, .max - 7] as [UInt64])
    func `an offset in a footer that lies behind the end of the file is damage`(place: Int, offset: UInt64) throws {
        let forge = try Forge(sealed: true)
        let clean = forge.disk
        try clean.compact(keep: 1_000)
        let cover = try #require(clean.sortedNames.first)
        for (disk, name) in [(forge.disk, forge.name(3)), (clean, cover)] {
            let records = try disk.readRecords().records.filter { $0.header.job == JobID("a") }
            var bytes = try #require(disk.contents[name])
            try lie(&bytes, offset, at: place)
            try disk.damage(name) { $0 = bytes }
            let snapshot = try HistorySnapshot.open(disk)
            var (forward, backward) = (
                snapshot.oldestFirst(jobs: [JobID("a")]), snapshot.newestFirst(jobs: [JobID("a")])
            )
            #expect(Set(forward.rest().map(\.header.sequence)).isSubset(of: records.map(\.header.sequence)))
            #expect(Set(backward.rest().map(\.header.sequence)).isSubset(of: records.map(\.header.sequence)))
            #expect(try HistoryVerifier.run(disk) {}.isDamaged)
            try disk.live(seed: 6, steps: 1)
            let report = try disk.compact(keep: 1_000)
            #expect(report != nil)
        }
    }

    @Test func `a name that is no UTF-8 does not keep a history from being compacted`() throws {
        let forge = try Forge(sealed: true)
        let disk = forge.disk
        try disk.rewriteRecords(of: forge.name(3)) { record in if record[10] == 1 { record[64] = 0xff } }
        let executions = CompactionDamageTests.executions(forge.records)
        for _ in 0..<2 {
            #expect(try disk.compact(keep: 1_000) != nil)
            let (after, damage) = try disk.records()
            #expect(CompactionDamageTests.executions(after).count >= executions.count)
            #expect(after.contains { $0.header.job == JobID("\u{fffd}") })
            #expect(damage == [])
            try disk.live(seed: 6, steps: 1, jobs: 1)
            try disk.live(seed: 7, steps: 1, jobs: 1)
        }
    }

    @Test func `a follower stays at the end of a file that is shorter than the place of its first batch`() throws {
        var forge = try Forge()
        forge.contents[forge.name(6)] = Array(forge.bytes(forge.name(6)).prefix(256))
        var follower = HistoryFollower(forge.disk, jobs: nil, after: 0)
        #expect(try follower.poll().count == 48)
        #expect(try follower.poll() == [])
    }

    @Test func `what goes for want of room is found up to the greatest number`() {
        let sizes = SizeSink(from: 1, through: .max)
        #expect(sizes.cutoff(for: 0) == .max)
        #expect(sizes.cutoff(for: 1 << 20) == 0)
    }
}
