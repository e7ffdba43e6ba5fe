import Synchronization
import Testing

@testable import History

@Suite struct BadShelfTests {
    /// A damaged file under its own name, set aside and gone. Gives what was told.
    private func setAside(_ id: UInt64, _ bytes: [UInt8], on disk: FakeDisk) throws -> [Damage] {
        let name = SegmentName.raw(id)
        disk.state.withLock { $0.names[name.text] = FakeFile(name.text, bytes, disk: disk) }
        let findings = try BadShelf(disk).keep(name, as: name)
        try disk.remove(name.text)
        return findings
    }

    @Test func `at most eight are kept, the oldest go first, and their removal is told`() throws {
        let disk = FakeDisk()
        // The later, the lower the id: age is not told by names.
        for number in 0..<8 {
            let findings = try setAside(UInt64(90 - number), [UInt8(number), 1], on: disk)
            #expect(findings.count == 1)
        }
        let first = disk.sortedNames
        #expect(first.contains("000000000000005a.seg.bad"))
        #expect(first.contains("0000000000000059.seg.bad.1"))
        let findings = try setAside(5, [99], on: disk)
        #expect(findings.map(\.file) == ["/disk/000000000000005a.seg.bad", "/disk/0000000000000005.seg.bad.8"])
        #expect(findings.first?.words.hasPrefix("removed") == true)
        #expect(disk.sortedNames.count == 8)
        #expect(disk.contents["0000000000000005.seg.bad.8"] == [99])
    }

    @Test func `64 MiB are kept together, and the newest whatever its length`() throws {
        let disk = FakeDisk()
        let part = [UInt8](repeating: 1, count: 30 << 20)
        _ = try setAside(2, part, on: disk)
        _ = try setAside(3, part, on: disk)
        #expect(disk.sortedNames.count == 2)
        #expect(try setAside(4, part, on: disk).count == 2)
        #expect(disk.sortedNames == ["0000000000000003.seg.bad.1", "0000000000000004.seg.bad.2"])
        let long = try setAside(5, [UInt8](repeating: 2, count: 65 << 20), on: disk)
        #expect(long.count == 3)
        #expect(disk.sortedNames == ["0000000000000005.seg.bad.3"])
        #expect(try setAside(6, [1], on: disk).count == 2)
        #expect(disk.sortedNames == ["0000000000000006.seg.bad.4"])
    }

    @Test func `the same file is kept once, however often a start dies over it`() throws {
        let disk = FakeDisk()
        for _ in 0..<20 { #expect(try setAside(2, [1, 2, 3], on: disk).count == 1) }
        #expect(disk.sortedNames == ["0000000000000002.seg.bad"])
        _ = try setAside(2, [1, 2, 4], on: disk)
        _ = try setAside(3, [1, 2, 3], on: disk)
        #expect(disk.sortedNames.count == 3)
    }

    @Test func `what is set aside has its second name on the disk before the first one goes`() throws {
        let disk = FakeDisk()
        _ = try setAside(2, [1], on: disk)
        let log = disk.state.withLock { $0.log }
        #expect(
            log == [
                "link 0000000000000002.seg 0000000000000002.seg.bad", "sync directory", "remove 0000000000000002.seg",
            ])
    }
}
