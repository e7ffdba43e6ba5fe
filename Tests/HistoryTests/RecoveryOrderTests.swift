import CronCore
import Synchronization
import Testing

@testable import History

/// What must be on the disk before what.
@Suite struct RecoveryOrderTests {
    @Test func `a footer is written when everything before it is on the disk`() throws {
        let disk = FakeDisk()
        let writer = try SteppedWriter(disk, makesSpares: false)
        var samples = Samples()
        writer.append(samples.wholeRun(JobID("a")))
        writer.settle()
        writer.append(samples.wholeRun(JobID("a")))
        writer.write()
        let begin = disk.operations
        writer.close()
        let log = Array(disk.operationLog[begin...])
        let name = "0000000000000002.new"
        #expect(log.map { $0.split(separator: " ").first } == ["sync", "sync", "write", "sync", "truncate", "sync"])
        #expect(log.allSatisfy { $0.contains(name) })
    }

    @Test func `a footer that is not all there is none`() throws {
        let forge = try Forge(sealed: true)
        let name = forge.name(6)
        let whole = forge.bytes(name)
        let trailer = whole.suffix(32)
        let footer = trailer.withUnsafeBytes { Int($0.loadUnaligned(as: UInt64.self).littleEndian) }
        for place in [footer, footer + 70, whole.count - 40] {
            var contents = forge.contents
            contents[name]?[place] ^= 1
            let disk = FakeDisk(contents)
            let (records, findings, _) = try disk.recoveredRecords()
            #expect(records == forge.records)
            #expect(findings.contains { $0.words.hasPrefix("torn") && $0.range.contains(UInt64(place)) })
            #expect(disk.contents[forge.name(6, 6)] != nil && disk.contents[name] == nil)
        }
    }

    @Test func `what a cover stands for goes when the cover's name is on the disk`() throws {
        var forge = try Forge(sealed: true)
        forge.contents[forge.name(1, 4)] = forge.cover(1, 4)
        let disk = forge.disk
        #expect(try disk.recoveredRecords().records == forge.records)
        let first = try #require(disk.operationLog.firstIndex { $0.hasPrefix("remove") })
        #expect(disk.operationLog[..<first].contains("sync directory"))
    }

    @Test func `a segment whose name may not be on the disk is taken back`() throws {
        for makesSpares in [true, false] {
            let disk = FakeDisk()
            let writer = try SteppedWriter(disk, makesSpares: makesSpares)
            var samples = Samples()
            let first = samples.wholeRun(JobID("a"))
            writer.append(first)
            let failures = Atomic<Int>(0)
            disk.failWhere { what in
                guard what == "sync directory" else { return nil }
                return failures.add(1, ordering: .relaxed).oldValue == 0 ? .error(5) : nil
            }
            writer.settle()
            #expect(failures.load(ordering: .relaxed) == 2)
            let second = samples.wholeRun(JobID("a"))
            writer.append(second)
            writer.settle()
            #expect(
                try disk.names().filter { $0.hasSuffix(".seg") }.sorted() == [
                    "0000000000000001.seg", "0000000000000002.seg",
                ])
            #expect(try disk.names().contains("spare") == makesSpares)
            for keepingPages in [true, false] {
                #expect(try disk.afterPowerCut(keepingPages: keepingPages).recoveredRecords().records == first + second)
            }
        }
    }

    @Test func `segments on their way get their names oldest first`() throws {
        var forge = try Forge()
        forge.contents["spare"] = forge.contents.removeValue(forKey: forge.name(6))
        var samples = Samples(seed: 3)
        samples.sequence = SequenceNumber(forge.records.count)
        forge.contents["0000000000000007.new"] = forge.unsealed(7, samples.wholeRun(JobID("a")), behind: .none)
        let disk = forge.disk
        _ = try disk.recoveredRecords()
        let named = disk.operationLog.filter { $0.hasPrefix("rename") }.compactMap { $0.split(separator: " ").last }
        #expect(named == ["0000000000000006-0000000000000006.seg", "0000000000000007-0000000000000007.seg"])
    }

    /// A segment and the one begun behind it were given up before they had their names, and then the first was again; a
    /// power cut keeps the second try of the first, and brings back what was behind the first try.
    @Test(arguments: [0, 1, 11, 12])
    func `what a power cut brings back beside a later try is not read twice`(repeated: Int) throws {
        var forge = try Forge()
        forge.contents["0000000000000006.new"] = forge.contents.removeValue(forKey: forge.name(6))
        let last = try SegmentScan(
            try forge.disk.open("0000000000000006.new"), header: forge.header("0000000000000006.new"), limit: .max
        ).end
        var samples = Samples(seed: 3)
        samples.sequence = SequenceNumber(forge.records.count)
        let behind = Array(forge.records.suffix(repeated)) + samples.wholeRun(JobID("b"))
        forge.contents["spare"] = forge.unsealed(7, behind, behind: last)
        let (records, _, _) = try forge.disk.recoveredRecords()
        #expect(records == forge.records + (repeated == 0 ? behind : []))
    }
}

extension FakeDisk {
    fileprivate var operationLog: [String] { state.withLock { $0.log } }
}
