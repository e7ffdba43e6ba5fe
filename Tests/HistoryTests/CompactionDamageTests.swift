import CronCore
import Testing

@testable import History

/// Compactions of a damaged history: what is good is carried over, the rest is told, and kept as it was.
@Suite struct CompactionDamageTests {
    static func executions(_ records: [Record]) -> [Record] {
        records.filter { if case .execution = $0 { true } else { false } }
    }

    @Test(arguments: [31, 32, 33] as [UInt64])
    func `a flipped bit costs what it hit`(seed: UInt64) throws {
        let (clean, records) = try FakeDisk.lives(seed: seed, steps: 120, jobs: 3)
        var random = RandomSource(seed: seed)
        let names = try clean.names().sorted()
        var found = 0
        for _ in 0..<60 {
            let disk = clean.copy()
            let name = names[Int.random(in: 0..<names.count, using: &random)]
            let length = try #require(clean.contents[name]).count
            _ = disk.flip(name, at: Int.random(in: 0..<length, using: &random))
            let before = try disk.records().records
            let report = try #require(try disk.compact(keep: 1_000))
            let (after, damage) = try disk.records()
            #expect(damage == [])
            #expect(Set(Self.executions(before).map(\.header.sequence)).isSubset(of: after.map(\.header.sequence)))
            let originals = Dictionary(uniqueKeysWithValues: records.map { ($0.header.sequence, $0) })
            #expect(after.allSatisfy { originals[$0.header.sequence] == $0 })
            let isKept = try disk.names().contains { $0.hasSuffix(".bad") }
            #expect(isKept == !report.damage.isEmpty, "\(report.damage)")
            if Self.executions(after).count < Self.executions(records).count { #expect(isKept) }
            if isKept { found += 1 }
            // A record that is lost may be what left a run open.
            let findings = try disk.recoveredRecords().findings.filter { !$0.words.contains("unfinished runs") }
            #expect(findings == [])
        }
        #expect(found > 15)
    }

    /// What it stood for could not be removed, and stands for itself again: the next compaction wants the same name.
    @Test func `a damaged cover of what is still there gives its name up`() throws {
        let (clean, _) = try FakeDisk.lives(seed: 46, steps: 60, jobs: 3)
        let disk = clean.copy()
        let first = try #require(try disk.compact(keep: 1_000))
        let cover = try #require(disk.contents[first.name])
        var contents = clean.contents
        contents[first.name] = cover
        contents[first.name]?[cover.count - 5] ^= 1
        let damaged = FakeDisk(contents)
        #expect(try #require(try damaged.compact(keep: 1_000)).name == first.name)
        #expect(damaged.sortedNames == [first.name, first.name + ".bad"])
        #expect(damaged.contents[first.name + ".bad"] == contents[first.name])
        let (after, damage) = try damaged.records()
        #expect(after == (try disk.records().records) && damage == [])
    }

    @Test func `an account survives the damage of the record that had it`() throws {
        let (disk, records) = try FakeDisk.lives(seed: 41, steps: 120, jobs: 3)
        let before = try HistoryStore.prepare(disk.copy(), settings: SteppedWriter.settings).restored
        let snapshot = try HistorySnapshot.open(disk)
        let last = try #require(snapshot.segments.last { $0.entry(of: JobID("job-1")) != nil })
        let entry = try #require(last.entry(of: JobID("job-1")))
        #expect(disk.flip(last.name.text, at: Int(entry.newest) + 70))
        let report = try #require(try disk.compact(keep: 1_000))
        #expect(report.damage.count >= 2)
        let after = try HistoryStore.prepare(disk, settings: SteppedWriter.settings).restored
        #expect(after.jobs[JobID("job-1")]?.account == before.jobs[JobID("job-1")]?.account)
        #expect(after.nextSequence == before.nextSequence)
        #expect(records.last?.header.sequence == after.nextSequence - 1)
    }

    @Test func `the numbers go on behind a newest record that damage took`() throws {
        let (disk, records) = try FakeDisk.lives(seed: 45, steps: 120, jobs: 3)
        let before = try HistoryStore.prepare(disk.copy(), settings: SteppedWriter.settings).restored
        let job = try #require(records.last).header.job
        let last = try #require(try HistorySnapshot.open(disk).segments.last)
        #expect(disk.flip(last.name.text, at: Int(try #require(last.entry(of: job)).newest) + 66))
        #expect(try disk.compact(keep: 1_000) != nil)
        let after = try HistoryStore.prepare(disk, settings: SteppedWriter.settings).restored
        #expect(after.nextSequence == before.nextSequence)
        #expect(after.lastWrittenAt == before.lastWrittenAt)
        #expect(after.jobs[job]?.account == before.jobs[job]?.account)
    }

    @Test func `the numbers go on behind a cover of which the footer is damaged, whatever it has kept`() throws {
        let (disk, _) = try FakeDisk.lives(seed: 46, steps: 120, jobs: 3)
        let before = try HistoryStore.prepare(disk.copy(), settings: SteppedWriter.settings).restored
        let cover = try #require(try disk.compact(keep: 0))
        for place in [1, 20, 100] {
            let disk = disk.copy()
            let length = try #require(disk.contents[cover.name]).count
            #expect(disk.flip(cover.name, at: length - place))
            let segments = try HistorySnapshot.open(disk).segments
            let batch = try #require(segments.last).place?.batchOffset
            // Its batch's header has the range of `seq`, too.
            if let batch { #expect(disk.flip(cover.name, at: Int(batch) + 50)) }
            let after = try HistoryStore.prepare(disk, settings: SteppedWriter.settings).restored
            #expect(after.nextSequence == before.nextSequence)
        }
    }

    @Test func `the numbers go on behind a cover that has lost all its records and its footer`() throws {
        let (disk, records) = try FakeDisk.lives(seed: 60, steps: 40, jobs: 2)
        let cover = try #require(try disk.compact(keep: 0))
        let length = try #require(disk.contents[cover.name]).count
        for byte in Int(SegmentFormat.firstBatchOffset)..<length { #expect(disk.flip(cover.name, at: byte)) }
        let after = try HistoryStore.prepare(disk, settings: SteppedWriter.settings).restored
        #expect(after.jobs.isEmpty && after.nextSequence == (records.last?.header.sequence ?? 0) + 1)
    }

    @Test func `a damaged cover is compacted into a good one`() throws {
        let (disk, _) = try FakeDisk.lives(seed: 42, steps: 200, jobs: 4)
        let cover = try #require(try disk.compact(keep: 1_000))
        let all = try disk.records().records
        let clean = disk.copy()
        try disk.live(seed: 43, steps: 10)
        // Its footer, its trailer, a batch.
        let length = try #require(disk.contents[cover.name]).count
        for place in [length - 1, length - 20, length - 200, length / 2, 8_192 + 8, 8_192 + 100] {
            let disk = clean.copy()
            let more = try disk.live(seed: 43, steps: 10)
            #expect(disk.flip(cover.name, at: place))
            let before = Set(try disk.records().records.map(\.header.sequence))
            let report = try #require(try disk.compact(keep: 1_000))
            // Records are found by their chains: a batch's header that is damaged costs nothing, and is not noticed.
            let isNoticed = report.damage.contains { $0.file.hasSuffix(cover.name) }
            #expect(isNoticed == (place != 8_192 + 8), "\(place)")
            let (after, damage) = try disk.records()
            #expect(damage == [], "\(place)")
            let kept = Self.executions(all + more).filter { before.contains($0.header.sequence) }
            #expect(Self.executions(after).count >= kept.count, "\(place)")
            #expect(Self.executions(after).count >= Self.executions(all + more).count - 1, "\(place)")
            #expect(try disk.names().filter { $0.hasSuffix(".bad") }.count == (isNoticed ? 1 : 0))
        }
    }

    @Test func `a file whose header is gone is kept, and told`() throws {
        let (disk, _) = try FakeDisk.lives(seed: 44, steps: 120, jobs: 3)
        let name = SegmentName.raw(3).text
        for copy in [0, 4_096] { #expect(disk.flip(name, at: copy + 20)) }
        let before = try disk.records().records
        let report = try #require(try disk.compact(keep: 1_000))
        #expect(report.damage.contains { $0.file.hasSuffix("0000000000000003.seg") && $0.words.contains("missing") })
        #expect(try disk.names().sorted() == [report.name, name + ".bad"].sorted())
        #expect(Self.executions(try disk.records().records) == Self.executions(before))
        #expect(try disk.recoveredRecords().findings == [])
    }
}
