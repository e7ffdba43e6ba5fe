import CronCore
import Glibc
import Synchronization
import Testing

@testable import History

/// A recovery that dies, or whose disk fails, at each of its operations, and the recovery after it, which dies too.
@Suite struct RecoveryCrashTests {
    /// A directory that makes a start do everything it can: a swap cut short, what it superseded back again, an unsealed
    /// segment with damage in it, a damaged header, one on its way, a shelf that is full.
    static func wreck() throws -> (forge: Forge, records: [Record]) {
        var forge = try Forge()
        forge.contents[forge.name(1, 2)] = forge.cover(1, 2)
        forge.contents["0000000000000001-0000000000000003.tmp"] = Array(forge.cover(1, 3).prefix(9_000))
        forge.spoilHeader(forge.name(4))
        forge.flip(forge.name(5), at: -8)
        forge.flip(forge.name(6), at: 8_300)
        var samples = Samples(seed: 3)
        samples.sequence = SequenceNumber(forge.records.count)
        let onItsWay = (0..<4).flatMap { samples.wholeRun(JobID("job-\($0)")) }
        var end = forge.header(forge.name(6)).predecessor
        end.id = 6
        forge.contents["spare"] = forge.unsealed(7, onItsWay, behind: end)
        for number in 1...8 { forge.contents["00000000000000ff.seg.bad.\(number)"] = [UInt8(number)] }
        let lost = Set(forge.records(of: 4).map(\.header.sequence))
        return (forge, try forge.disk.copy().recoveredRecords().records.filter { !lost.contains($0.header.sequence) })
    }

    private func same(_ left: [Record], _ right: [Record]) -> Bool { left == right }

    private func recover(_ disk: FakeDisk) throws {
        _ = try HistoryStore.prepare(disk, settings: SteppedWriter.settings)
    }

    @Test func `what the wreck holds is found`() throws {
        let (forge, records) = try Self.wreck()
        let disk = forge.disk
        try recover(disk)
        #expect(records.count > 50)
        #expect(
            disk.sortedNames.filter { !$0.contains("bad") } == [
                forge.name(1, 2), forge.name(3), forge.name(5, 5), forge.name(6, 6), forge.name(7, 7),
            ])
        #expect(disk.sortedNames.count { $0.contains("bad") } == 8)
    }

    /// The states that `disk` may be in after the operation at which it stopped.
    private func images(_ disk: FakeDisk) -> [FakeDisk] {
        [disk.copy(), disk.afterPowerCut(keepingPages: true), disk.afterPowerCut(keepingPages: false)]
    }

    private func dead(_ contents: [String: [UInt8]], at cut: Int) -> FakeDisk {
        let disk = FakeDisk(contents)
        disk.fail { $0 >= cut ? .error(EIO) : nil }
        _ = try? recover(disk)
        disk.fail { _ in nil }
        return disk
    }

    @Test func `a crash at any operation, and at any of the next start, loses nothing`() throws {
        let (forge, records) = try Self.wreck()
        let clean = forge.disk
        try recover(clean)
        let names = clean.sortedNames.filter { !$0.contains("bad") }
        #expect(clean.operations > 20)
        for first in 1...clean.operations {
            for image in images(dead(forge.contents, at: first)) {
                let second = FakeDisk(image.contents)
                #expect(same(try second.recoveredRecords().records, records), "cut at \(first)")
                #expect(second.sortedNames.filter { !$0.contains("bad") } == names, "cut at \(first)")
                // What was damaged is still there to be looked at.
                #expect(second.contents.values.contains(forge.bytes(forge.name(4))), "cut at \(first)")
                #expect(second.contents.values.contains(forge.bytes(forge.name(6))), "cut at \(first)")
                for again in stride(from: 1 + first % 9, through: second.operations, by: 9) {
                    let last = images(dead(image.contents, at: again))[(first + again) % 3]
                    #expect(same(try last.recoveredRecords().records, records), "cuts at \(first), \(again)")
                }
            }
        }
    }

    @Test(arguments: [EIO, ENOSPC, EROFS])
    func `an operation that fails ends the start with its words, and the next one finds everything`(code: Int32) throws
    {
        let (forge, records) = try Self.wreck()
        let clean = forge.disk
        try recover(clean)
        for victim in 1...clean.operations {
            let isWrite = clean.state.withLock { $0.log[victim - 1] }.hasPrefix("write")
            for fault in isWrite ? [FakeDisk.Fault.error(code), .short] : [.error(code)] {
                let disk = forge.disk
                disk.fail { $0 == victim ? fault : nil }
                do {
                    try recover(disk)
                    Issue.record("operation \(victim) failed, and the start did not")
                } catch HistoryError.system(let error) {
                    let expected = if case .error(let code) = fault { code } else { ENOSPC }
                    #expect(error.errno == expected)
                    #expect(!error.path.isEmpty)
                }
                disk.fail { _ in nil }
                // A reader has all but what is on its way to its name.
                #expect(try disk.readRecords().records.count >= records.count - 12, "operation \(victim)")
                #expect(same(try disk.recoveredRecords().records, records), "operation \(victim)")
            }
        }
    }

    @Test func `a start that finds the disk full again and again does not fill the shelf with one file`() throws {
        var forge = try Forge()
        forge.flip(forge.name(6), at: 8_300)
        forge.contents["00000000000000ff.seg.bad"] = [1]
        let disk = forge.disk
        for _ in 0..<20 {
            disk.failWhere { $0.hasPrefix("write") ? .error(ENOSPC) : nil }
            #expect(throws: HistoryError.self) { try recover(disk) }
        }
        #expect(
            disk.sortedNames.filter { $0.contains("bad") } == [
                forge.name(6) + ".bad.1", "00000000000000ff.seg.bad",
            ])
    }

    @Test func `a segment that cannot be read is neither removed nor taken for empty`() throws {
        let forge = try Forge()
        let disk = forge.disk
        let name = forge.name(6)
        disk.failReads { file, range in file == name && range.upperBound > 8_192 ? EIO : nil }
        #expect(throws: HistoryError.self) { try recover(disk) }
        #expect(disk.contents == forge.contents)
        disk.failReads { _, _ in nil }
        #expect(same(try disk.recoveredRecords().records, forge.records))
    }

    @Test func `a segment of which neither header can be read costs itself, and no other`() throws {
        let forge = try Forge(sealed: true)
        let name = forge.name(3)
        for unreadable in [0..<8_192, 4_096..<8_192] as [Range<UInt64>] {
            let disk = forge.disk
            // Where only the second copy cannot be read, the first one is damaged.
            if unreadable.lowerBound > 0 { #expect(disk.flip(name, at: 30)) }
            disk.failReads { file, range in file.hasPrefix(name) && range.overlaps(unreadable) ? EIO : nil }
            let rest = forge.records.filter { !forge.records(of: 3).contains($0) }
            let (records, damage) = try disk.readRecords()
            #expect(same(records, rest))
            #expect(damage.contains { $0.file == forge.path(name) }, "\(damage)")
            let recovered = try disk.recoveredRecords()
            #expect(same(recovered.records, rest))
            #expect(disk.contents[name + ".bad"] != nil)
        }
    }

    /// Runs `body` on a disk that cannot read for a moment, at each of its reads; what is there after it is for `check`.
    private func interrupted(
        _ forge: Forge, _ body: (FakeDisk) throws -> Void,
        then check: (FakeDisk, _ first: Int, _ count: Int) throws -> Void
    ) throws {
        for count in [1, 2, 3, 9, 30] {
            var (first, wasHit) = (0, true)
            while wasHit {
                let disk = forge.disk
                let reads = Mutex(0)
                let burst = first..<first + count
                disk.failReads { _, _ in
                    let number = reads.withLock { reads in
                        defer { reads += 1 }
                        return reads
                    }
                    return burst.contains(number) ? EIO : nil
                }
                do {
                    try body(disk)
                } catch {
                    #expect(error is HistoryError)
                }
                wasHit = reads.withLock { $0 } > first
                disk.failReads { _, _ in nil }
                try check(disk, first, count)
                first += 1
            }
            #expect(first > 20)
        }
    }

    @Test func `a disk that cannot read for a moment costs neither a start nor a compaction a record`() throws {
        var sealed = try Forge(sealed: true)
        // One that is walked over, for its footer is damaged.
        sealed.flip(sealed.name(3), at: -8)
        let compacted = sealed.disk
        #expect(try compacted.compact(keep: 1_000) != nil)
        let kept = try compacted.readRecords().records
        try interrupted(sealed) {
            _ = try $0.compact(keep: 1_000)
        } then: { disk, first, count in
            let records = try disk.readRecords().records
            #expect(same(records, kept) || same(records, sealed.records), "\(count) reads from \(first) on")
        }
        var torn = try Forge()
        torn.contents[torn.name(2, 4)] = torn.cover(2, 4)
        let restored = try HistoryStore.prepare(torn.disk, settings: SteppedWriter.settings).restored
        try interrupted(torn) {
            let found = try HistoryStore.prepare($0, settings: SteppedWriter.settings).restored
            #expect(found.jobs == restored.jobs && found.nextSequence == restored.nextSequence)
        } then: { disk, first, count in
            let records = try disk.recoveredRecords().records
            #expect(same(records, torn.records), "\(count) reads from \(first) on")
            #expect(!disk.sortedNames.contains { $0.contains("bad") }, "\(count) reads from \(first) on")
        }
    }

    /// A history of whole runs, a batch each, as a kill leaves it.
    private func written(runs: Int, segmentSize: UInt64) throws -> (disk: FakeDisk, records: [Record]) {
        var settings = SteppedWriter.settings
        settings.segmentSize = segmentSize
        let source = FakeDisk()
        let writer = try SteppedWriter(source, makesSpares: false, settings: settings)
        var samples = Samples()
        var records: [Record] = []
        for _ in 0..<runs {
            let part = samples.wholeRun(JobID("a"), bodyLength: 2_000)
            records += part
            writer.append(part)
            writer.settle()
        }
        return (source.copy(), records)
    }

    @Test func `a page that cannot be read costs its batches, and is told`() throws {
        let (disk, records) = try written(runs: 20, segmentSize: 1 << 16)
        let name = "0000000000000002.seg"
        disk.failReads { file, range in file == name && range.overlaps(16_384..<20_480) ? EIO : nil }
        let (found, findings, _) = try disk.recoveredRecords()
        #expect(found.count > 20)
        #expect(found.count < records.count)
        #expect(found == records.filter { found.contains($0) })
        #expect(findings.contains { $0.words.hasPrefix("corrupt") && $0.range.overlaps(16_384..<20_480) })
        #expect(disk.contents[name + ".bad"] != nil)
        // The first copy of a header, too.
        disk.failReads { file, range in file.hasSuffix("-0000000000000002.tmp") && range.overlaps(0..<4_096) ? EIO : nil
        }
        #expect(try disk.readRecords().records == found)
    }

    @Test func `a wide area that cannot be read is damage where anything before it can be`() throws {
        let (disk, records) = try written(runs: 800, segmentSize: 4 << 20)
        let name = "0000000000000002.seg"
        let dead: Range<UInt64> = 300_000..<900_000
        #expect(try #require(disk.contents[name]).count > Int(dead.upperBound))
        disk.failReads { file, range in file.hasPrefix(name) && range.overlaps(dead) ? EIO : nil }
        let (found, findings, _) = try disk.recoveredRecords()
        #expect(found.count > 100 && found.count < records.count)
        #expect(found.first == records.first && found.last == records.last)
        #expect(findings.contains { $0.words.hasPrefix("corrupt") && $0.range.overlaps(dead) })
    }

    @Test func `a footer of which no page but the last can be read costs a compaction nothing`() throws {
        let source = FakeDisk()
        var settings = SteppedWriter.settings
        settings.segmentSize = 4 << 20
        let writer = try SteppedWriter(source, makesSpares: false, settings: settings)
        var samples = Samples()
        var records: [Record] = []
        for number in 0..<400 { records += samples.wholeRun(JobID("job-\(number)")) }
        writer.append(records)
        writer.close()
        let disk = source.copy()
        let name = "0000000000000002.seg"
        let file = try disk.open(name)
        let size = try file.size()
        let header = try #require(try HistorySnapshot.open(disk).segments.last).header
        let place = try #require(try FooterPlace(file, size: size, checksum: Checksum(salt: header.salt)))
        let dead = (place.batchOffset + 4_095) / 4_096 * 4_096..<(size - 1) / 4_096 * 4_096
        #expect(dead.count > 30_000)
        disk.failReads { file, range in file == name && range.overlaps(dead) ? EIO : nil }
        let report = try #require(try disk.compact(keep: 100))
        #expect(report.damage.contains { $0.file.hasSuffix(name) })
        #expect(try disk.readRecords().records.filter { if case .execution = $0 { true } else { false } }.count == 400)
    }

    @Test func `what an opening removed before its sync of the directory failed does not come back later`() throws {
        let (forge, _) = try Self.wreck()
        let disk = forge.disk
        // The last sync of the first opening fails, and so does all that it does about it.
        let clean = forge.disk
        try recover(clean)
        let last = clean.operations
        disk.fail { $0 >= last ? .error(EIO) : nil }
        #expect(throws: HistoryError.self) { try recover(disk) }
        disk.fail { _ in nil }
        try recover(disk)
        let names = disk.sortedNames
        #expect(disk.afterPowerCut(keepingPages: true).sortedNames == names)
    }
}
