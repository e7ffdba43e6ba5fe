import CronCore
import Synchronization
import Testing
import Threads

@testable import History

/// What `httpcron verify` is told: all that is wrong, and nothing that is not.
@Suite struct VerifyTests {
    private func verify(_ disk: FakeDisk) throws -> Verification {
        try HistoryVerifier.run(disk, pause: {})
    }

    private func verify(_ forge: Forge) throws -> Verification { try verify(forge.disk) }

    @Test func `a whole history is whole, raw, recovered and compacted`() throws {
        for sealed in [true, false] {
            let forge = try Forge(sealed: sealed)
            let found = try verify(forge)
            #expect(found.findings == [])
            #expect(found.segments == 6)
            #expect(found.records == UInt64(forge.records.count))
            let size = forge.contents.values.reduce(0) { $0 + $1.count }
            #expect(sealed ? found.bytes == UInt64(size) : found.bytes < UInt64(size))
            let disk = forge.disk
            _ = try disk.recoveredRecords()
            #expect(try verify(disk).findings == [])
        }
        for seed in 1...4 as ClosedRange<UInt64> {
            let (disk, _) = try FakeDisk.lives(seed: seed, steps: 300)
            #expect(try verify(disk).findings == [])
            let report = try #require(try disk.compact(keep: 3))
            let found = try verify(disk)
            #expect(found.findings == [])
            #expect(found.records == report.recordsKept)
        }
        #expect(try verify(FakeDisk()).findings == [])
    }

    @Test(arguments: ["sealed", "unsealed", "cover", "grouped"])
    func `every flipped bit is found, where it is`(kind: String) throws {
        var contents: [String: [UInt8]]
        let name: String
        if kind == "grouped" {
            let (disk, _) = try FakeDisk.lives(seed: 3, steps: 60)
            name = try #require(try disk.compact(keep: 9)).name
            contents = disk.contents
        } else {
            var forge = try Forge(sealed: kind == "sealed")
            if kind == "cover" {
                forge.contents[forge.name(2, 3)] = forge.cover(2, 3)
                for id in 2...3 { forge.contents[forge.name(UInt64(id))] = nil }
            }
            name = kind == "cover" ? forge.name(2, 3) : forge.name(kind == "sealed" ? 3 : 6)
            contents = forge.contents
        }
        let bytes = try #require(contents[name])
        // Behind the last batch of an unsealed segment a flipped bit looks like one that was torn.
        for bit in stride(from: 0, to: bytes.count * 8, by: bytes.count > 40_000 ? 9_001 : 1_601) {
            contents[name]?[bit / 8] ^= 1 << (bit % 8)
            let found = try verify(FakeDisk(contents))
            let isThere = found.findings.contains {
                $0.file.hasSuffix(name) && ($0.range.contains(UInt64(bit / 8)) || $0.range.isEmpty)
            }
            if !isThere { Issue.record("bit \(bit): \(found.findings)") }
            #expect(found.findings.allSatisfy { $0.kind != .repeated })
            contents[name]?[bit / 8] ^= 1 << (bit % 8)
        }
    }

    @Test func `each part of a segment that is damaged is told by itself`() throws {
        let whole = try Forge(sealed: true)
        let name = whole.name(3)
        let count = whole.bytes(name).count
        struct Row {
            let place: Int
            let words: String
            init(_ place: Int, _ words: String) {
                self.place = place
                self.words = words
            }
        }
        for row in [
            Row(30, "one of the two copies"), Row(4_100, "one of the two copies"), Row(300, "should be zeros"),
            Row(8_000, "should be zeros"), Row(8_200, "is lost"), Row(8_300, "is lost"), Row(count - 5, "footer"),
            Row(count - 45, "footer"), Row(count - 100, "footer"),
        ] {
            var forge = whole
            forge.flip(name, at: row.place)
            let findings = try verify(forge).findings
            #expect(
                findings.contains { $0.words.contains(row.words) && $0.kind == .corrupt }, "\(row.place) \(findings)")
        }
    }

    @Test func `a damaged footer is told once`() throws {
        let whole = try Forge(sealed: true)
        let name = whole.name(3)
        let file = try whole.disk.open(name)
        let checksum = Checksum(salt: whole.header(name).salt)
        let footer = try #require(try FooterPlace(file, size: file.size(), checksum: checksum))
        for place in stride(from: Int(footer.summary), to: Int(footer.names), by: 7) {
            var forge = whole
            forge.flip(name, at: place)
            let findings = try verify(forge).findings
            #expect(findings.count == 1, "\(place) \(findings)")
            #expect(findings.first?.words.contains("footer") == true, "\(place) \(findings)")
        }
    }

    @Test func `zeros where batches were are not taken for the end`() throws {
        var forge = try Forge(sealed: true)
        let name = forge.name(3)
        let end = forge.bytes(name).count
        for place in 8_192..<end - 1_000 { forge.contents[name]?[place] = 0 }
        let (records, damage) = try forge.disk.readRecords()
        #expect(records.count < forge.records.count)
        #expect(damage.contains { $0.words.contains("is lost") })
        #expect(try verify(forge).findings.contains { $0.words.contains("is lost") && $0.range.lowerBound == 8_192 })
    }

    @Test func `a torn tail is told as torn, and a repaired one no more`() throws {
        var forge = try Forge()
        let name = forge.name(6)
        let last = try #require(forge.bytes(name).lastIndex { $0 != 0 })
        forge.flip(name, at: last - 8)
        let found = try verify(forge)
        #expect(found.findings.map(\.kind) == [.torn])
        #expect(found.isDamaged)
        let disk = forge.disk
        _ = try disk.recoveredRecords()
        let after = try verify(disk)
        #expect(after.findings == [])
        #expect(after.kept.map(\.file) == [forge.path(name + ".bad")])
        #expect(after.kept.first?.range == 0..<UInt64(forge.bytes(name).count))
    }

    @Test func `missing, replaced and strange segments are told`() throws {
        var forge = try Forge(sealed: true)
        forge.contents[forge.name(3)] = nil
        #expect(try verify(forge).findings.map(\.kind) == [.missing])
        forge = try Forge(sealed: true)
        forge.change(forge.name(3)) { $0.history = HistoryID(CronCore.UUID(high: 1, low: 1)) }
        #expect(try verify(forge).findings.contains { $0.words.hasPrefix("belongs to another history") })
        forge = try Forge(sealed: true)
        forge.contents[forge.name(3)] = []
        #expect(try verify(forge).findings.contains { $0.kind == .missing })
    }

    /// Writes segment 3 anew, with these records and whatever `change` does to the index.
    private func rewritten(_ records: [Record], change: (inout SegmentIndex) -> Void = { _ in }) throws -> Forge {
        var forge = try Forge(sealed: true)
        let builder = SegmentBuilder(forge.header(forge.name(3)))
        var bytes = Array(builder.headerBytes())
        let at = Timestamp(seconds: 1_700_000_000)
        for begin in stride(from: 0, to: records.count, by: 4) {
            builder.beginBatch()
            for record in records[begin..<min(begin + 4, records.count)] { builder.add(record) }
            bytes += builder.endBatch(durable: builder.lastBatch, at: at, predecessorIsSynced: true)
        }
        builder.amend(change)
        bytes += builder.footer(durable: builder.lastBatch, at: at, predecessorIsSynced: true)
        forge.contents[forge.name(3)] = bytes
        let end = builder.segmentEnd
        forge.change(forge.name(4)) { $0.predecessor = end }
        return forge
    }

    @Test func `a seq that is missing or there twice is told, with its place`() throws {
        let records = try Forge().records(of: 3)
        #expect(try verify(rewritten(records)).findings == [])
        var some = records
        some.removeSubrange(5...6)
        let missing = try verify(rewritten(some)).findings
        #expect(missing.map(\.kind) == [.missing])
        #expect(missing.first?.words.contains("seq 18 to 19") == true)
        some = records
        some.removeFirst()
        #expect(try verify(rewritten(some)).findings.map(\.kind) == [.missing])
        some = records
        some.insert(records[3], at: 4)
        let twice = try verify(rewritten(some)).findings
        #expect(twice.contains { $0.kind == .repeated && $0.words.contains("1 records") })
        // Of another segment.
        let earlier = try Forge().records(of: 2)
        #expect(try verify(rewritten([earlier[2]] + records)).findings.contains { $0.kind == .repeated })
    }

    @Test func `an execution id that is there twice is told`() throws {
        var records = try Forge().records(of: 3)
        guard case .execution(var second) = records[11], case .execution(let first) = records[1] else { return }
        second.id = first.id
        records[11] = .execution(second)
        let findings = try verify(rewritten(records)).findings
        #expect(findings.map(\.kind) == [.repeated])
        #expect(findings.first?.words == "repeated: execution \(first.id.value)")
    }

    @Test func `records that a note says were lost are not missed, and no others`() throws {
        var records = try Forge().records(of: 3)
        let header = records[6].header
        let note = Note(
            header: header, reason: .lost, count: 4, first: header.recordedAt, last: header.recordedAt, detail: "")
        records[6] = .note(note)
        records.removeSubrange(3...5)
        #expect(try verify(rewritten(records)).findings == [])
        records.remove(at: 0)
        #expect(try verify(rewritten(records)).findings.map(\.kind) == [.missing])
    }

    struct FooterLie: CustomTestStringConvertible {
        let testDescription: String
        let change: @Sendable (inout SegmentIndex) -> Void
    }

    @Test(arguments: [
        FooterLie(testDescription: "the range of seq") { $0.widen(from: 1, through: 99) },
        FooterLie(testDescription: "when it was written") { $0.lastWrittenAt = Timestamp(seconds: 1) },
        FooterLie(testDescription: "an account") { $0.carry(Samples.account(cursor: 99), slot: 0) },
        FooterLie(testDescription: "a job that has no record") { index in _ = index.slot(of: JobID("nobody")) },
    ])
    func `a footer that says what is not so is told, though its checksums are good`(lie: FooterLie) throws {
        let records = try Forge().records(of: 3)
        let findings = try verify(rewritten(records, change: lie.change)).findings
        #expect(findings.count == 1)
        #expect(findings.first?.words.contains("footer") == true, "\(findings)")
    }

    @Test func `beside a daemon that writes and compacts nothing is told`() throws {
        let scratch = try Scratch()
        let bell = Bell()
        let settings = HistorySettings(segmentSize: 1 << 16)
        let opened = try HistoryStore.open(directory: scratch.path, settings: settings, bell: bell)
        let finished = Atomic(false)
        let problems = Mutex<[String]>([])
        let passes = Atomic(0)
        let path = scratch.path
        let reader = try OSThread(name: "verify") {
            while true {
                let last = finished.load(ordering: .acquiring)
                do {
                    let found = try HistoryVerifier.run(directory: path, pause: {})
                    if found.isDamaged { problems.withLock { $0.append("\(found.findings)") } }
                } catch {
                    problems.withLock { $0.append("\(error)") }
                }
                passes.add(1, ordering: .relaxed)
                if last { return }
            }
        }
        var lives = LifeSamples(seed: 8)
        let jobs = (0..<7).map { JobID("job-\($0)") }
        var count: SequenceNumber = 0
        for round in 0..<300 {
            let part = (0..<8).flatMap { _ in lives.step(jobs) }
            count += SequenceNumber(part.count)
            opened.writer.append(part, needsSync: true)
            opened.writer.waitForWrite(count, bell)
            if round % 60 == 59 {
                _ = try Compaction.run(
                    PosixStorage(path: path), settings: settings,
                    order: CompactionOrder(
                        rules: RetentionRules(jobs: [:], keepRemoved: .days(90)), through: opened.writer.sealedThrough),
                    pace: { _ in true })
            }
        }
        opened.writer.close()
        finished.store(true, ordering: .releasing)
        reader.join()
        #expect(problems.withLock { $0 } == [])
        #expect(passes.load(ordering: .relaxed) > 1)
    }

    @Test func `the sets are exact while there is room, and bounded`() {
        var random = RandomSource(seed: 4)
        let ids = FingerprintSet(most: 1_000)
        var known = (0..<600).map { _ in CronCore.UUID(high: random.next(), low: random.next()) }
        for id in known { #expect(ids.insert(id)) }
        for id in known { #expect(!ids.insert(id)) }
        #expect(ids.stride == 1)
        for _ in 0..<20_000 {
            let id = CronCore.UUID(high: random.next(), low: random.next())
            if known.count < 5_000 { known.append(id) }
            #expect(ids.insert(id))
        }
        #expect(ids.stride > 8)
        #expect(known.contains { !ids.insert($0) })
        var set = SequenceSet()
        let numbers: [UInt64] = [1, 2, 40_000, 3, 1 << 40, 41_000, .max]
        let new = numbers.map { set.insert($0) } + numbers.map { set.insert($0) }
        #expect(new == numbers.map { _ in true } + numbers.map { _ in false })
    }
}
