import CronCore
import Glibc
import Synchronization
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

    @Test func `a disk that cannot read is told, and not answered with less`() throws {
        let disk = FakeDisk()
        let writer = try SteppedWriter(disk, makesSpares: true)
        var samples = Samples(seed: 12)
        for round in 0..<12 {
            for job in 0..<3 { writer.append(samples.wholeRun(JobID("job-\(job)"), bodyLength: 500)) }
            writer.settle()
            if round == 4 || round == 8 { writer.inbox.post(.seal) }
        }
        let job = JobID("job-1")
        let all = try fresh(disk, job, 20, .max)
        #expect(all.count == 12)
        var (refusals, answers) = (0, 0)
        for first in 0..<60 {
            let reads = Mutex(0)
            disk.failReads { _, _ in
                let number = reads.withLock { reads in
                    defer { reads += 1 }
                    return reads
                }
                return number >= first ? EIO : nil
            }
            let reader = HistoryReader(disk)
            do {
                #expect(try reader.executions(of: job, limit: 20, through: .max) == all)
                answers += 1
            } catch {
                refusals += 1
            }
            disk.failReads { _, _ in nil }
            #expect(try reader.executions(of: job, limit: 20, through: .max) == all)
        }
        #expect(refusals > 5 && answers > 5)
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

    @Test func `a directory that changes within one tick of its clock is looked at again until that has passed`() throws
    {
        let directory = TickingDirectory(FakeDisk())
        let writer = try SteppedWriter(directory.disk, makesSpares: true)
        let reader = HistoryReader(directory)
        var samples = Samples(seed: 8)
        for round in 1...40 {
            writer.append(samples.wholeRun(JobID("a"), bodyLength: 20))
            writer.settle()
            writer.inbox.post(.seal)
            writer.settle()
            #expect(try reader.executions(of: JobID("a"), limit: 100, through: .max).count == round)
        }
        #expect(try directory.disk.names().count > 30)
        // Settled, it is not listed for each question; but once more when the clock has ticked.
        directory.settle()
        _ = try reader.executions(of: JobID("a"), limit: 100, through: .max)
        let listings = directory.listings
        for _ in 0..<10 { #expect(try reader.executions(of: JobID("a"), limit: 100, through: .max).count == 40) }
        #expect(directory.listings == listings)
        writer.append(samples.wholeRun(JobID("a")))
        writer.settle()
        writer.inbox.post(.seal)
        writer.settle()
        directory.tick()
        #expect(try reader.executions(of: JobID("a"), limit: 100, through: .max).count == 41)
        #expect(directory.listings > listings)
    }

    @Test func `a segment that has outgrown what it was when it was opened is opened anew`() throws {
        let directory = TickingDirectory(FakeDisk())
        let writer = try SteppedWriter(directory.disk, makesSpares: false)
        let reader = HistoryReader(directory)
        var samples = Samples(seed: 9)
        writer.append(samples.wholeRun(JobID("a"), bodyLength: 20))
        writer.settle()
        #expect(try reader.executions(of: JobID("a"), limit: 100, through: .max).count == 1)
        directory.settle()
        _ = try reader.executions(of: JobID("a"), limit: 100, through: .max)
        let names = try directory.disk.names()
        for round in 2...12 {
            writer.append(samples.wholeRun(JobID("a"), bodyLength: 300))
            writer.settle()
            let found = try reader.executions(of: JobID("a"), limit: 100, through: .max)
            #expect(found.count == round)
            #expect(try found == fresh(directory.disk, JobID("a"), 100, .max))
        }
        #expect(try directory.disk.names() == names)
    }

    @Test func `while everything is written, rotated and compacted, each answer is one that was right in its time`()
        throws
    {
        for seed in 20..<26 as Range<UInt64> {
            let directory = TickingDirectory(FakeDisk())
            let writer = try SteppedWriter(directory.disk, makesSpares: seed.isMultiple(of: 2))
            let reader = HistoryReader(directory)
            var lives = LifeSamples(seed: seed)
            var random = RandomSource(seed: seed)
            let jobs = (0..<4).map { JobID("job-\($0)") }
            for step in 0..<250 {
                writer.append(lives.step(jobs))
                if Int.random(in: 0..<3, using: &random) > 0 { writer.write() }
                if Int.random(in: 0..<3, using: &random) > 0 { _ = writer.sync() }
                if step % 60 == 59 {
                    writer.inbox.post(.seal)
                    writer.settle()
                }
                if step == 130 || step == 200 { try directory.disk.compact(keep: 12) }
                if Bool.random(using: &random) { directory.tick() }
                directory.settle(false)
                let job = jobs[Int.random(in: 0..<4, using: &random)]
                let limit = Int.random(in: 1...30, using: &random)
                let last = Bool.random(using: &random) ? writer.status.syncedThrough : .max
                let found = try reader.executions(of: job, limit: limit, through: last)
                #expect(found.allSatisfy { $0.header.sequence <= last && $0.header.job == job })
                #expect(try found == fresh(directory.disk, job, limit, last), "seed \(seed), step \(step)")
            }
        }
    }
}
