import CronCore
import Testing

@testable import History

/// A reader that stays while the history is written, rotated and compacted, held against one that opens it anew.
@Suite struct HistoryReaderTests {
    private func fresh(_ storage: any Storage, _ job: JobID, _ limit: Int, _ last: SequenceNumber) throws -> [Execution]
    {
        var cursor = try HistorySnapshot.open(storage).newestFirst(jobs: [job], skippingStarts: true)
        var found: [Execution] = []
        while found.count < limit, let record = cursor.next() {
            if case .execution(let execution) = record, execution.header.sequence <= last { found.append(execution) }
        }
        return found
    }

    @Test(arguments: [true, false])
    func `at every step it answers as a reader does that opens the history anew`(makesSpares: Bool) throws {
        let disk = FakeDisk()
        let writer = try SteppedWriter(disk, makesSpares: makesSpares)
        let reader = HistoryReader(disk)
        var samples = Samples(seed: 11)
        let jobs = (0..<5).map { JobID("job-\($0)") }
        for round in 0..<80 {
            for job in jobs where round % 3 == 0 || job == jobs[round % 5] {
                writer.append(samples.wholeRun(job, bodyLength: 500))
            }
            if round % 4 == 1 { writer.write() } else { writer.settle() }
            if round == 40 { writer.inbox.post(.seal) }
            if round == 60 { try disk.compact(keep: 7) }
            for (job, limit) in zip(jobs, [1, 3, 20, 100, 7]) {
                let last = round % 2 == 0 ? writer.status.syncedThrough : .max
                #expect(
                    try reader.executions(of: job, limit: limit, through: last) == fresh(disk, job, limit, last),
                    "round \(round), \(job)")
            }
        }
        #expect(try reader.executions(of: JobID("nobody"), limit: 5, through: .max).isEmpty)
        #expect(try disk.names().count > 1)
    }

    @Test func `what is written and not on the disk yet is not shown`() throws {
        let disk = FakeDisk()
        let writer = try SteppedWriter(disk, makesSpares: true)
        let reader = HistoryReader(disk)
        var samples = Samples()
        writer.append(samples.wholeRun(JobID("a")))
        writer.settle()
        let synced = writer.status.syncedThrough
        writer.append(samples.wholeRun(JobID("a")))
        writer.write()
        #expect(try reader.executions(of: JobID("a"), limit: 5, through: synced).count == 1)
        #expect(try reader.executions(of: JobID("a"), limit: 5, through: .max).count == 2)
    }

    @Test func `on a real directory it notices each file that comes, and keeps what it has open when it goes`() throws {
        let scratch = try Scratch()
        let storage = try PosixStorage(path: scratch.path, create: true)
        let writer = try StepwiseWriter(storage, settings: SteppedWriter.settings)
        let reader = try HistoryReader(directory: scratch.path)
        var samples = Samples(seed: 5)
        for round in 0..<60 {
            let records = samples.wholeRun(JobID("a"), bodyLength: 1_500)
            writer.append(records, needsSync: true)
            writer.settle(makingSpares: round % 3 == 0)
            let found = try reader.executions(of: JobID("a"), limit: 100, through: writer.syncedThrough)
            #expect(found.count == round + 1, "round \(round)")
        }
        let before = try reader.executions(of: JobID("a"), limit: 100, through: .max)
        let order = CompactionOrder(
            rules: RetentionRules(jobs: [JobID("a"): Retention(keep: 1_000)], keepRemoved: .days(90)),
            through: writer.sealedThrough)
        let report = try Compaction.run(storage, settings: SteppedWriter.settings, order: order) { _ in true }
        #expect(report != nil)
        #expect(try reader.executions(of: JobID("a"), limit: 100, through: .max) == before)
        writer.close()
        #expect(try reader.executions(of: JobID("a"), limit: 100, through: .max) == before)
    }
}
