import CronCore
import Testing

@testable import History

/// Which segments a compaction may have.
@Suite struct SealedThroughTests {
    @Test func `a segment is final once everything of it is on the disk, and not before`() throws {
        let disk = FakeDisk()
        let writer = try StepwiseWriter(disk, settings: FakeDisk.compactionSettings)
        var samples = Samples()
        #expect(writer.sealedThrough == 1)
        writer.append(samples.wholeRun(JobID("a")), needsSync: true)
        writer.settle()
        writer.seal()
        writer.write()
        var steps = 0
        while writer.sync() { steps += 1 }
        #expect(steps > 0 && writer.sealedThrough == 1)
        writer.write()
        #expect(writer.sealedThrough == 2)
        let image = disk.afterPowerCut(keepingPages: false)
        #expect(try HistorySnapshot.open(image).segments.last?.place != nil)
    }

    @Test func `one whose sealing fails is not, and what it held is not lost by a compaction`() throws {
        let disk = FakeDisk()
        let writer = try StepwiseWriter(disk, settings: FakeDisk.compactionSettings)
        var samples = Samples()
        let first = samples.wholeRun(JobID("a"))
        writer.append(first, needsSync: true)
        writer.settle(makingSpares: false)
        // The last sync of the sealing: the footer ends the file, and may not be on the disk.
        disk.failWhere { $0.hasPrefix("truncate") ? .error(5) : nil }
        writer.seal()
        writer.settle(makingSpares: false)
        disk.fail { _ in nil }
        #expect(writer.sealedThrough < 2)
        let rules = RetentionRules(jobs: [JobID("a"): Retention()], keepRemoved: .days(1))
        let order = CompactionOrder(rules: rules, through: writer.sealedThrough)
        _ = try Compaction.run(disk, settings: FakeDisk.compactionSettings, order: order) { _ in true }
        let second = samples.wholeRun(JobID("a"))
        writer.append(second, needsSync: true)
        writer.second()
        writer.settle(makingSpares: false)
        writer.seal()
        writer.settle(makingSpares: false)
        #expect(writer.sealedThrough > 2)
        let later = CompactionOrder(rules: rules, through: writer.sealedThrough)
        #expect(try Compaction.run(disk, settings: FakeDisk.compactionSettings, order: later) { _ in true } != nil)
        let (records, damage) = try disk.records()
        #expect(damage == [])
        #expect(CompactionDamageTests.executions(records) == [first[1], second[1]])
    }
}
