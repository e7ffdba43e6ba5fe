import CronCore
import Testing

@testable import History

/// What a compaction keeps, and that nothing else changes.
@Suite struct CompactionTests {
    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func `a start knows the same after a compaction as before`(seed: UInt64) throws {
        let (disk, records) = try FakeDisk.lives(seed: seed, steps: 400)
        let before = try HistoryStore.prepare(disk.copy(), settings: SteppedWriter.settings)
        let report = try #require(try disk.compact(keep: 3))
        let after = try HistoryStore.prepare(disk, settings: SteppedWriter.settings)
        #expect(after.findings == [])
        #expect(after.restored.jobs == before.restored.jobs)
        #expect(after.restored.nextSequence == before.restored.nextSequence)
        #expect(after.restored.lastWrittenAt == before.restored.lastWrittenAt)
        #expect(after.chainEnd == before.chainEnd)
        #expect(before.restored.jobs.values.contains { !$0.open.isEmpty })
        #expect(report.recordsRead == UInt64(records.count))
        #expect(report.recordsKept < report.recordsRead / 2)
        #expect(try disk.names() == [report.name])
    }

    @Test(arguments: [11, 12, 13, 14] as [UInt64])
    func `what is kept is as it was, in its order`(seed: UInt64) throws {
        let (disk, records) = try FakeDisk.lives(seed: seed, steps: 300)
        let report = try #require(try disk.compact(keep: 5))
        let (kept, damage) = try disk.records()
        #expect(damage == [])
        #expect(kept.count == Int(report.recordsKept))
        let bySequence = Dictionary(uniqueKeysWithValues: records.map { ($0.header.sequence, $0) })
        #expect(kept.allSatisfy { bySequence[$0.header.sequence] == $0 })
        #expect(zip(kept, kept.dropFirst()).allSatisfy { $0.header.sequence < $1.header.sequence })
        let snapshot = try HistorySnapshot.open(disk)
        var backward = snapshot.newestFirst(jobs: nil)
        #expect(backward.rest() == kept.reversed())
        for job in snapshot.jobs {
            let own = kept.filter { $0.header.job == job }
            var newest = snapshot.newestFirst(jobs: [job])
            #expect(newest.rest() == own.reversed())
            var oldest = snapshot.oldestFirst(jobs: [job])
            #expect(oldest.rest() == own)
            let executions = records.filter { if case .execution = $0 { $0.header.job == job } else { false } }
            #expect(executions.suffix(5).allSatisfy { own.contains($0) })
        }
        for after in stride(from: 0, to: UInt64(records.count), by: 37) {
            var cursor = snapshot.oldestFirst(jobs: nil, after: after)
            #expect(cursor.rest() == kept.filter { $0.header.sequence > after })
        }
    }

    @Test func `one compaction after the other joins what came since`() throws {
        let disk = FakeDisk()
        var lives = LifeSamples(seed: 5)
        let jobs = (0..<4).map { JobID("job-\($0)") }
        var all: [Record] = []
        for round in 0..<6 {
            let writer = try SteppedWriter(disk, makesSpares: false)
            for _ in 0..<80 {
                let part = lives.step(jobs)
                all += part
                writer.append(part)
                writer.settle()
            }
            writer.close()
            let before = try HistoryStore.prepare(disk.copy(), settings: SteppedWriter.settings).restored
            #expect(try disk.compact(keep: 4) != nil)
            #expect(try disk.compact(keep: 4) == nil, "round \(round)")
            let after = try HistoryStore.prepare(disk, settings: SteppedWriter.settings)
            #expect(after.restored.jobs == before.jobs)
            #expect(after.compactedAt == FakeDisk.compactionTime)
            #expect(try disk.names().count == 1)
        }
        let kept = try disk.records().records
        for job in jobs {
            let executions = all.filter { if case .execution = $0 { $0.header.job == job } else { false } }
            #expect(executions.suffix(4).allSatisfy { kept.contains($0) })
        }
        #expect(kept.count < 150)
    }

    @Test func `only what may be taken is joined, and the chain goes on`() throws {
        let (disk, records) = try FakeDisk.lives(seed: 9, steps: 300)
        let count = try disk.names().count
        #expect(count > 4)
        let before = try HistoryStore.prepare(disk.copy(), settings: SteppedWriter.settings)
        let report = try #require(try disk.compact(keep: 1_000, through: 3))
        #expect(report.name == "0000000000000001-0000000000000003.seg")
        #expect(try disk.names().count == count - 2)
        let after = try HistoryStore.prepare(disk, settings: SteppedWriter.settings)
        #expect(after.findings == [])
        #expect(after.chainEnd == before.chainEnd)
        #expect(after.restored.jobs == before.restored.jobs)
        let kept = try disk.records().records
        let executions = records.filter { if case .execution = $0 { true } else { false } }
        #expect(kept.filter { if case .execution = $0 { true } else { false } } == executions)
    }
}

extension CompactionReport: CustomTestStringConvertible {
    public var testDescription: String { "\(name): \(recordsKept) of \(recordsRead)" }
}
