import CronCore
import Synchronization
import Testing

@testable import History

/// What each header says of the segments before it is held against what is there, by readers and by a start alike.
@Suite struct ChainTests {
    /// What a reader is told before a start, and what the start itself is told.
    private func told(_ forge: Forge) throws -> (reader: [Damage], start: [Damage], records: [Record]) {
        let disk = forge.disk
        let (records, damage) = try disk.readRecords()
        return (damage, try HistoryStore.prepare(disk, settings: SteppedWriter.settings).findings, records)
    }

    /// Both are told of `file`, `range` and words that begin with `words`.
    private func expect(
        _ forge: Forge, file: String, range: Range<Int>, words: String, _ location: SourceLocation = #_sourceLocation
    ) throws {
        let (reader, start, _) = try told(forge)
        for (who, damage) in [("reader", reader), ("start", start)] {
            let isThere = damage.contains {
                $0.file == forge.path(file) && $0.range == UInt64(range.lowerBound)..<UInt64(range.upperBound)
                    && $0.words.hasPrefix(words)
            }
            #expect(isThere, "\(who): \(damage)", sourceLocation: location)
        }
    }

    @Test func `a chain without a fault is told nothing of`() throws {
        for sealed in [true, false] {
            var forge = try Forge(sealed: sealed)
            #expect(try told(forge).reader == [])
            #expect(try told(forge).start == [])
            forge.contents[forge.name(2, 4)] = forge.cover(2, 4)
            #expect(try told(forge).reader == [])
            #expect(try told(forge).start == [])
        }
    }

    @Test func `a segment that is missing is told, with how long it was`() throws {
        var forge = try Forge()
        let length = forge.bytes(forge.name(3)).count
        forge.contents[forge.name(3)] = nil
        try expect(forge, file: forge.name(3), range: 0..<length, words: "missing, though \(forge.name(4)) follows")
        forge.contents[forge.name(4)] = nil
        try expect(forge, file: forge.name(3), range: 0..<0, words: "missing to \(forge.name(4)), though")
        #expect(try told(forge).records.count == forge.records.count - 24)
        for id in 1...2 { forge.contents[forge.name(UInt64(id))] = nil }
        try expect(forge, file: forge.name(1), range: 0..<0, words: "missing to \(forge.name(4)), though")
    }

    @Test func `a segment without a batch that counted is not missed`() throws {
        var forge = try Forge()
        forge.contents[forge.name(5)] = nil
        forge.change(forge.name(6)) { $0.predecessor = .empty(5) }
        #expect(try told(forge).reader == [])
        #expect(try told(forge).start == [])
    }

    @Test func `a segment that was cut off is told, also exactly between two batches`() throws {
        let whole = try Forge()
        let length = whole.bytes(whole.name(3)).count
        var ends: [Int] = []
        let disk = whole.disk
        _ = try SegmentScan(
            FakeFile("3", whole.bytes(whole.name(3)), disk: disk), header: whole.header(whole.name(3)),
            limit: UInt64(length)
        ) { ends.append(Int($0.offset + $0.header.length)) }
        #expect(ends.count == 4)
        for end in ends.dropLast() {
            var forge = whole
            forge.contents[forge.name(3)]?.removeLast(length - end)
            try expect(forge, file: forge.name(3), range: end..<length, words: "corrupt")
            // Cut within the batch behind it, the range begins where that batch did.
            forge = whole
            forge.contents[forge.name(3)]?.removeLast(length - end - 24)
            let (reader, start, _) = try told(forge)
            #expect(reader.contains { $0.range.lowerBound == UInt64(end) && $0.words.hasPrefix("corrupt") })
            #expect(start.contains { $0.range.lowerBound == UInt64(end) && $0.words.hasPrefix("corrupt") })
        }
    }

    @Test func `a segment that was replaced by another is told`() throws {
        var forge = try Forge()
        let other = try Forge(seed: 9)
        let history = forge.header(forge.name(3)).history
        let length = forge.bytes(forge.name(3)).count
        forge.contents[forge.name(3)] = other.bytes(forge.name(3))
        forge.change(forge.name(3)) { $0.history = history }
        let ends = [length, forge.bytes(forge.name(3)).count].sorted()
        try expect(
            forge, file: forge.name(3), range: ends[0]..<ends[1],
            words: "not the file that \(forge.name(4)) was written after")
    }

    @Test func `a cover whose end is not where the next segment begins is told`() throws {
        var forge = try Forge()
        forge.contents[forge.name(2, 4)] = forge.cover(2, 4) { $0.ownEnd.crc ^= 1 }
        let length = Int(forge.header(forge.name(5)).predecessor.length)
        try expect(forge, file: forge.name(2, 4), range: length..<length, words: "not the file that")
    }

    @Test func `a header that follows on something else is told`() throws {
        var forge = try Forge()
        forge.change(forge.name(4)) { $0.predecessor.id = 2 }
        try expect(forge, file: forge.name(4), range: 80..<112, words: "its header does not follow on")
    }

    @Test func `a listing taken while files came and went is taken again`() throws {
        let forge = try Forge()
        let disk = forge.disk
        // The first listing lacks a file that is there.
        disk.state.withLock { $0.hiddenOnce = [forge.name(3)] }
        let (records, damage) = try disk.readRecords()
        #expect(damage == [])
        #expect(records.count == forge.records.count)
    }
}
