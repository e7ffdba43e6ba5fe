import CronCore
import Synchronization
import Testing

@testable import History

/// A directory for each row of the recovery table, opened for real, and opened again.
@Suite struct RecoveryRowTests {
    private func same(_ left: [Record], _ right: [Record]) -> Bool { left == right }

    /// Opens `disk` as a start does; every record of `expected` must be there once, before it for readers and after it.
    @discardableResult
    private func expect(
        _ expected: [Record], from forge: Forge, names: [String]? = nil, words: [String] = [],
        _ location: SourceLocation = #_sourceLocation
    ) throws -> FakeDisk {
        let disk = forge.disk
        let before = try disk.readRecords()
        #expect(same(before.records, expected), "before", sourceLocation: location)
        let (records, findings, _) = try disk.recoveredRecords()
        #expect(same(records, expected), "after \(findings)", sourceLocation: location)
        for word in words {
            #expect(findings.contains { $0.description.contains(word) }, "\(findings)", sourceLocation: location)
        }
        if words.isEmpty { #expect(findings == [], sourceLocation: location) }
        if let names { #expect(disk.sortedNames == names.sorted(), sourceLocation: location) }
        let again = try disk.recoveredRecords()
        #expect(same(again.records, expected), "again", sourceLocation: location)
        return disk
    }

    private func expectRefusal(
        _ forge: Forge, _ error: HistoryError, _ location: SourceLocation = #_sourceLocation
    ) {
        let disk = forge.disk
        #expect(throws: error, sourceLocation: location) { try disk.recoveredRecords() }
        #expect(disk.operations == 0, sourceLocation: location)
        #expect(disk.contents == forge.contents, sourceLocation: location)
    }

    static let raws = (1...6).map { SegmentName.raw(UInt64($0)).text }

    @Test(arguments: ["raw", "cover", "superseded", "spare", "new", "tmp"])
    func `row 1: a newer version anywhere, and not a byte or a name changes`(kind: String) throws {
        var forge = try Forge()
        // Much that a start would otherwise mend.
        forge.contents["0000000000000001-0000000000000002.seg"] = forge.cover(1, 2)
        forge.contents["0000000000000004-0000000000000005.tmp"] = [1, 2, 3]
        let name =
            switch kind {
            case "raw": forge.name(4)
            case "cover": forge.name(3, 5)
            case "superseded": forge.name(2)
            case "new": "0000000000000007.new"
            case "tmp": "0000000000000003-0000000000000004.tmp"
            default: kind
            }
        if forge.contents[name] == nil { forge.contents[name] = forge.cover(3, 5) }
        forge.makeNewer(name)
        expectRefusal(forge, .newerVersion(file: forge.path(name), version: 2))
    }

    @Test(arguments: ["raw", "cover", "spare", "new"])
    func `row 2: a file of another history is refused`(kind: String) throws {
        var forge = try Forge()
        let name =
            switch kind {
            case "raw": forge.name(3)
            case "cover": forge.name(2, 3)
            case "new": "0000000000000007.new"
            default: kind
            }
        if kind == "cover" { forge.contents[name] = forge.cover(2, 3) }
        if kind == "spare" || kind == "new" {
            forge.contents[name] = forge.bytes(forge.name(6))
            forge.change(name) { ($0.lo, $0.hi) = (7, 7) }
        }
        forge.change(name) { $0.history = HistoryID(CronCore.UUID(high: 1, low: 1)) }
        expectRefusal(forge, .otherHistory(file: forge.path(name)))
    }

    @Test func `row 3: covers that overlap and do not nest are refused, and a reader reads the first`() throws {
        var forge = try Forge()
        forge.contents[forge.name(2, 4)] = forge.cover(2, 4)
        forge.contents[forge.name(4, 5)] = forge.cover(4, 5)
        let error = HistoryError.overlap(file: forge.path(forge.name(2, 4)), other: forge.name(4, 5))
        expectRefusal(forge, error)
        let (records, damage) = try forge.disk.readRecords()
        #expect(same(records, (2...4).flatMap { forge.records(of: $0) } + forge.records(of: 6)))
        #expect(damage.contains { $0.file.hasSuffix(forge.name(4, 5)) && $0.words.hasPrefix("not read") })
    }

    @Test func `rows 4 and 5: what a crash left of a swap goes, also when it came back`() throws {
        var forge = try Forge()
        forge.contents["0000000000000001-0000000000000004.tmp"] = [1, 2, 3]
        forge.contents[forge.name(1, 4)] = forge.cover(1, 4)
        forge.contents[forge.name(1, 2)] = forge.cover(1, 2)
        forge.contents[forge.name(3, 4)] = Array(forge.cover(3, 4).dropLast(40))
        forge.contents[forge.name(2, 3)] = [9, 9, 9]
        forge.spoilHeader(forge.name(3))
        let disk = try expect(
            forge.records, from: forge, names: [forge.name(1, 4), forge.name(5), forge.name(6, 6)])
        // They come back, as after a power cut: the unlinking was never synced.
        var contents = disk.contents
        for id in 1...4 { contents[forge.name(UInt64(id))] = forge.contents[forge.name(UInt64(id))] }
        contents[forge.name(6)] = forge.contents[forge.name(6)]
        let back = FakeDisk(contents)
        #expect(same(try back.readRecords().records, forge.records))
        #expect(try back.recoveredRecords().findings == [])
        #expect(back.sortedNames == disk.sortedNames)
    }

    /// What may stand in the way of a cover, and must not make it count.
    struct BadCover: CustomTestStringConvertible {
        let testDescription: String
        let make: @Sendable (Forge) -> [UInt8]
    }

    @Test(arguments: [
        BadCover(testDescription: "empty") { _ in [] },
        BadCover(testDescription: "zeros") { _ in [UInt8](repeating: 0, count: 9_000) },
        BadCover(testDescription: "rubbish") { _ in [UInt8](repeating: 7, count: 9_000) },
        BadCover(testDescription: "of other ids") { $0.cover(2, 4) },
        BadCover(testDescription: "of fewer ids") { $0.cover(1, 2) },
        BadCover(testDescription: "a raw segment") { $0.bytes($0.name(2)) },
        BadCover(testDescription: "without the flag") { $0.cover(1, 4) { $0.flags = 0 } },
        BadCover(testDescription: "not sealed") { Array($0.cover(1, 4).dropLast(8)) },
        BadCover(testDescription: "cut off after its header") { Array($0.cover(1, 4).prefix(8_192)) },
        BadCover(testDescription: "its trailer damaged") {
            var bytes = $0.cover(1, 4)
            bytes[bytes.count - 9] ^= 1
            return bytes
        },
    ])
    func `no file makes a start remove what it only claims to cover`(bad: BadCover) throws {
        var forge = try Forge()
        forge.contents[forge.name(1, 4)] = bad.make(forge)
        let disk = forge.disk
        #expect(same(try disk.readRecords().records, forge.records))
        let (records, findings, _) = try disk.recoveredRecords()
        #expect(same(records, forge.records))
        #expect(disk.contents[forge.name(1, 4)] == nil)
        let isNothing = bad.make(forge).allSatisfy { $0 == 0 }
        #expect((disk.contents[forge.name(1, 4) + ".bad"] == bad.make(forge)) == !isNothing)
        #expect(findings.isEmpty == isNothing, "\(findings)")
        for id in 1...4 { #expect(disk.contents[forge.name(UInt64(id))] != nil) }
    }

    @Test func `rows 6 and 7: what was on its way and does not follow goes`() throws {
        var forge = try Forge()
        forge.contents["spare"] = [UInt8](repeating: 0, count: 9_000)
        forge.contents["0000000000000007.new"] = [UInt8](repeating: 3, count: 9_000)
        forge.contents["0000000000000008.new"] = forge.bytes(forge.name(6))
        forge.change("0000000000000008.new") { ($0.lo, $0.hi) = (8, 8) }
        forge.contents["0000000000000006.new"] = forge.bytes(forge.name(6))
        try expect(forge.records, from: forge, names: Self.raws.dropLast() + [forge.name(6, 6)])
    }

    /// A cover of 6, and on its way 7, which begins with the last `repeated` records of it. It names another end than the
    /// cover has, as what is new does behind a segment whose footer was damaged. `isSaid`: the header of the cover tells
    /// the last number, as it does since minor version 1.
    private func behindACover(isSaid: Bool, repeated: Int) throws -> (forge: Forge, new: [Record]) {
        var forge = try Forge()
        var samples = Samples(seed: 3)
        samples.sequence = SequenceNumber(forge.records.count)
        forge.contents[forge.name(6, 6)] = forge.cover(6, 6) {
            $0.ownEnd = SegmentEnd(id: 6, length: 9_400, lastBatch: 3, crc: 2)
            $0.lastSequence = isSaid ? samples.sequence : 0
        }
        forge.contents[forge.name(6)] = nil
        let new = samples.wholeRun(JobID("b"))
        forge.contents["spare"] = forge.unsealed(
            7, forge.records.suffix(repeated) + new, behind: SegmentEnd(id: 6, length: 9_000, lastBatch: 2, crc: 1))
        return (forge, new)
    }

    @Test(arguments: [true, false], [1, 12])
    func `row 7: what begins with what a cover has already is from before it, and goes`(
        isSaid: Bool, repeated: Int
    ) throws {
        let (forge, _) = try behindACover(isSaid: isSaid, repeated: repeated)
        try expect(forge.records, from: forge, names: Self.raws.dropLast() + [forge.name(6, 6)])
    }

    @Test(arguments: [true, false])
    func `what begins behind a cover stays, whatever end it names`(isSaid: Bool) throws {
        let (forge, new) = try behindACover(isSaid: isSaid, repeated: 0)
        let disk = forge.disk
        #expect(try disk.recoveredRecords().records == forge.records + new)
        #expect(disk.sortedNames == (Self.raws.dropLast() + [forge.name(6, 6), forge.name(7, 7)]).sorted())
    }

    @Test func `row 8: zeros under a name are nothing`() throws {
        var forge = try Forge()
        forge.contents["0000000000000007.seg"] = []
        forge.contents["0000000000000008.seg"] = [UInt8](repeating: 0, count: 9_000)
        forge.contents[forge.name(9, 12)] = []
        try expect(forge.records, from: forge, names: Self.raws.dropLast() + [forge.name(6, 6)])
    }

    @Test(arguments: ["rubbish", "zeroed", "misnamed"])
    func `row 9: without a header of its own a segment is set aside`(how: String) throws {
        var forge = try Forge()
        let name = forge.name(3)
        switch how {
        case "rubbish": forge.spoilHeader(name)
        case "zeroed": for place in 0..<8_192 { forge.contents[name]?[place] = 0 }
        default: forge.contents[name] = forge.bytes(forge.name(4))
        }
        let disk = try expect(
            forge.records.filter { record in !forge.records(of: 3).contains(record) }, from: forge,
            words: ["\(name): bytes 0 to \(forge.bytes(name).count): corrupt", "\(name): bytes 0 to", "missing"])
        #expect(disk.contents[name] == nil)
        #expect(disk.contents[name + ".bad"] == forge.bytes(name))
    }

    @Test func `rows 10, 11 and 12: a cover whose end is damaged counts for what nothing else stands for`() throws {
        var forge = try Forge()
        forge.contents[forge.name(1, 4)] = forge.cover(1, 4)
        forge.flip(forge.name(1, 4), at: -10)
        forge.contents[forge.name(2)] = nil
        let disk = try expect(forge.records, from: forge, words: ["\(forge.name(3)): bytes 0 to", "not read"])
        #expect(disk.contents[forge.name(1, 4)] == forge.bytes(forge.name(1, 4)))
        #expect(disk.contents[forge.name(3)] == forge.bytes(forge.name(3)))
        // Alone it is read by its batches.
        for id in [1, 3, 4] { forge.contents[forge.name(UInt64(id))] = nil }
        _ = try expect(forge.records, from: forge, words: ["\(forge.name(1, 4)): bytes"])
    }

    @Test func `row 12: a cover that was cut off tells so`() throws {
        var forge = try Forge()
        forge.contents[forge.name(1, 4)] = Array(forge.cover(1, 4).prefix(8_192))
        for id in 1...4 { forge.contents[forge.name(UInt64(id))] = nil }
        try expect(
            forge.records(of: 5) + forge.records(of: 6), from: forge, words: ["\(forge.name(1, 4)): cut off"])
    }

    @Test func `row 13: a sealed segment is kept as it is, whatever is damaged in it`() throws {
        var forge = try Forge(sealed: true)
        forge.flip(forge.name(3), at: 8_300)
        let disk = forge.disk
        _ = try disk.recoveredRecords()
        #expect(disk.contents == forge.contents)
        // The newest one's footer may be in memory only.
        #expect(disk.state.withLock { $0.log } == ["sync \(forge.name(6))", "sync directory"])
    }

    @Test func `the numbers go on where a header says that they did, also when what came before is damaged`() throws {
        var forge = try Forge()
        let next = try #require(forge.records(of: 6).first).header.sequence
        // Of the last segment nothing but its header; of the one before it neither its footer nor its last batch.
        forge.contents[forge.name(6)] = Array(forge.bytes(forge.name(6))[..<8_192])
        let length = forge.bytes(forge.name(5)).count
        forge.flip(forge.name(5), at: -1)
        for place in stride(from: length - 1_200, to: length - 40, by: 40) { forge.flip(forge.name(5), at: place) }
        let disk = forge.disk
        #expect(try disk.recoveredRecords().restored.nextSequence >= next)
        // That header is gone now.
        #expect(try disk.recoveredRecords().restored.nextSequence >= next)
        // One whose name had not come to the disk says as much.
        forge.contents["0000000000000006.new"] = forge.contents.removeValue(forKey: forge.name(6))
        #expect(try forge.disk.recoveredRecords().restored.nextSequence >= next)
    }

    /// Written again after a failure it begins with less than had been given out.
    @Test(arguments: ["spare", "0000000000000007.new"], [false, true])
    func `the numbers go on where the header of a segment on its way says that they did`(
        name: String, behindSealed: Bool
    ) throws {
        var forge = try Forge(sealed: behindSealed)
        var samples = Samples(seed: 3)
        samples.sequence = SequenceNumber(forge.records.count)
        forge.contents[name] = forge.unsealed(7, samples.wholeRun(JobID("b")), behind: .none)
        forge.change(name) { $0.firstSequence = 1_000 }
        #expect(try forge.disk.recoveredRecords().restored.nextSequence == 1_000)
    }

    @Test func `a copy that is not what was written does not take the place of what it was made of`() throws {
        let forge = try Forge()
        let disk = forge.disk
        let copy = SegmentName.temporary(6, 6).text
        disk.state.withLock { $0.rotting = [copy] }
        #expect(throws: HistoryError.copyDiffers(file: forge.path(copy))) { try disk.recoveredRecords() }
        #expect(disk.contents[forge.name(6)] == forge.contents[forge.name(6)])
        disk.state.withLock { $0.rotting = [] }
        #expect(try same(disk.recoveredRecords().records, forge.records))
    }

    @Test func `a new history has its identity on the disk before anybody knows it`() throws {
        let disk = FakeDisk()
        let opened = try HistoryStore.prepare(disk, settings: SteppedWriter.settings)
        let after = disk.afterPowerCut(keepingPages: false)
        let again = try HistoryStore.prepare(after, settings: SteppedWriter.settings)
        #expect(again.restored.historyID == opened.restored.historyID)
    }

    @Test func `row 14: an empty last segment goes, and the only one stays`() throws {
        var forge = try Forge()
        forge.contents[forge.name(7)] = Array(forge.bytes(forge.name(6)).prefix(8_192))
        forge.change(forge.name(7)) { ($0.lo, $0.hi, $0.predecessor.id) = (7, 7, 0) }
        let disk = forge.disk
        #expect(same(try disk.recoveredRecords().records, forge.records))
        #expect(disk.contents[forge.name(7)] == nil)
        var only = try Forge()
        let history = only.header(only.name(1)).history
        only.contents = [only.name(1): Array(only.bytes(only.name(1)).prefix(8_192))]
        let kept = only.disk
        _ = try kept.recoveredRecords()
        #expect(kept.sortedNames == [only.name(1, 1)])
        #expect(try HistorySnapshot.open(kept).historyID == history)
    }

    @Test func `rows 15 and 16: an unsealed segment is copied, and its damage kept`() throws {
        var forge = try Forge()
        try expect(forge.records, from: forge, names: Self.raws.dropLast() + [forge.name(6, 6)])
        // The first of its three batches, which later ones call durable.
        forge.flip(forge.name(6), at: 8_300)
        let disk = try expect(
            Array(forge.records.dropLast(12)) + forge.records(of: 6).suffix(8), from: forge,
            words: ["\(forge.name(6)): bytes 8192 to", "corrupt", "\(forge.name(6)).bad"])
        #expect(disk.contents[forge.name(6) + ".bad"] == forge.bytes(forge.name(6)))
        // One that had not got its name, and one whose trailer is gone.
        var onItsWay = try Forge()
        onItsWay.contents["spare"] = onItsWay.contents.removeValue(forKey: onItsWay.name(6))
        let named = onItsWay.disk
        #expect(same(try named.recoveredRecords().records, onItsWay.records))
        #expect(named.sortedNames == Self.raws.dropLast() + [onItsWay.name(6, 6)])
        var cut = try Forge()
        cut.flip(cut.name(3), at: -10)
        try expect(cut.records, from: cut, words: ["\(cut.name(3)): bytes", "\(cut.name(3)).bad"])
    }
}
