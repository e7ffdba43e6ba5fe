import CronCore
import Synchronization
import Testing

@testable import History

/// The swap that seals what a dead daemon left behind, cut short between any two of its steps.
@Suite struct SwapTests {
    /// A history whose last segment is not sealed, and its records.
    static func unsealed() throws -> (disk: FakeDisk, records: [Record]) {
        let disk = FakeDisk()
        let writer = try SteppedWriter(disk, makesSpares: true)
        var samples = Samples()
        var records: [Record] = []
        for _ in 0..<6 {
            let part = samples.wholeRun(JobID("a"), bodyLength: 300) + samples.wholeRun(JobID("b"), bodyLength: 300)
            records += part
            writer.append(part)
            writer.settle()
        }
        return (disk.copy(), records)
    }

    @Test func `the power may go at any operation of a recovery`() throws {
        let clean = try Self.unsealed()
        let first = try clean.disk.recoveredRecords()
        #expect(first.records == clean.records)
        #expect(try clean.disk.names().sorted() == ["0000000000000001.seg", "0000000000000002-0000000000000002.seg"])
        #expect(clean.disk.operations > 6)
        for cut in 1...clean.disk.operations {
            for keepingPages in [true, false] {
                let (disk, records) = try Self.unsealed()
                disk.fail { $0 >= cut ? .error(5) : nil }
                _ = try? HistoryStore.prepare(disk, settings: SteppedWriter.settings)
                let image = disk.afterPowerCut(keepingPages: keepingPages)
                #expect(try image.recoveredRecords().records == records, "power, cut at \(cut)")
                let killed = disk.copy()
                #expect(try killed.recoveredRecords().records == records, "kill, cut at \(cut)")
                #expect(try killed.names().count == 2)
            }
        }
    }

    @Test func `readers see every record once between any two steps`() throws {
        let clean = try Self.unsealed()
        _ = try clean.disk.recoveredRecords()
        for cut in 1...clean.disk.operations {
            let (disk, records) = try Self.unsealed()
            disk.fail { $0 >= cut ? .error(5) : nil }
            _ = try? HistoryStore.prepare(disk, settings: SteppedWriter.settings)
            let snapshot = try HistorySnapshot.open(disk)
            var cursor = snapshot.newestFirst(jobs: nil)
            #expect(cursor.rest() == records.reversed(), "cut at \(cut)")
            #expect(snapshot.damage == [])
        }
    }

    @Test func `a copy that does not read back is not put in the original's place`() throws {
        let (disk, _) = try Self.unsealed()
        let (segments, _) = try DirectoryRecovery(FakeDisk(disk.contents), settings: SteppedWriter.settings).run()
        let segment = try #require(segments.last)
        let copy = SegmentCopy(of: segment, in: disk, end: segment.end, salt: 1)
        try copy.write()
        #expect(try copy.verify())
        try disk.damage(copy.temporary) { $0[9_000] ^= 1 }
        #expect(try copy.verify() == false)
    }

    @Test func `the chain goes on behind a copy as it did behind the original`() throws {
        let (disk, records) = try Self.unsealed()
        let opened = try HistoryStore.prepare(disk, settings: SteppedWriter.settings)
        #expect(opened.chainEnd.id == 2)
        #expect(opened.chainEnd.lastBatch == 6)
        #expect(opened.restored.nextSequence == SequenceNumber(records.count + 1))
        #expect(opened.restored.lastWrittenAt == SteppedWriter.settings.now())
    }
}

extension FakeDisk {
    var contents: [String: [UInt8]] { state.withLock { $0.names }.mapValues { $0.bytes } }

    /// Changes the bytes of a file in place.
    func damage(_ name: String, _ change: (inout [UInt8]) -> Void) throws {
        var contents = contents
        guard var bytes = contents[name] else { return }
        change(&bytes)
        contents[name] = bytes
        try remove(name)
        let file = FakeFile(name, bytes, disk: self)
        state.withLock { $0.names[name] = file }
    }
}
