import CronCore
import Glibc
import Synchronization
import Testing

@testable import History

/// What becomes of records when the disk misbehaves, one operation after the other.
@Suite struct WriterFaultTests {
    /// Runs until closed, with what may go wrong told to `disk`. Gives what was appended, and what was acknowledged.
    func scenario(
        _ disk: FakeDisk, makesSpares: Bool, seed: UInt64,
        during: (SteppedWriter, [Record]) throws -> Void = { _, _ in }
    ) throws -> (appended: [Record], writer: SteppedWriter) {
        let writer = try SteppedWriter(disk, makesSpares: makesSpares)
        var samples = Samples(seed: seed)
        samples.sequence = writer.status.syncedThrough
        var appended: [Record] = []
        for round in 0..<12 {
            var part: [Record] = []
            for _ in 0..<3 { part += samples.wholeRun(JobID("job-\(round % 5)"), bodyLength: 2_000) }
            appended += part
            writer.append(part)
            if round % 3 == 1 { writer.write() } else { writer.settle() }
            if round % 4 == 3 { writer.second() }
            try during(writer, appended)
        }
        writer.second()
        writer.second()
        try during(writer, appended)
        writer.close()
        return (appended, writer)
    }

    /// Without the whole history in the message.
    func same(_ left: [Record], _ right: [Record]) -> Bool { left == right }

    @Test(arguments: [true, false])
    func `a disk that never fails leaves sealed segments and every record once`(makesSpares: Bool) throws {
        let disk = FakeDisk()
        let (appended, writer) = try scenario(disk, makesSpares: makesSpares, seed: 1)
        #expect(!writer.isOpen)
        #expect(writer.status.syncedThrough == SequenceNumber(appended.count))
        let (records, findings, _) = try disk.recoveredRecords()
        #expect(same(records, appended))
        #expect(findings == [])
        #expect(try disk.names().count > 3)
    }

    @Test func `a stop tries once more, however often the disk has refused`() throws {
        for isFull in [false, true] {
            let disk = FakeDisk()
            let writer = try SteppedWriter(disk, makesSpares: false)
            var samples = Samples()
            samples.sequence = writer.status.syncedThrough
            disk.fail { _ in .error(ENOSPC) }
            let records = samples.wholeRun(JobID("a"))
            writer.append(records)
            for _ in 0..<5 { writer.second() }
            #expect(writer.status.diskState != .ok)
            if !isFull { disk.fail { _ in nil } }
            writer.close()
            disk.fail { _ in nil }
            #expect(try disk.recoveredRecords().records == (isFull ? [] : records))
        }
    }

    @Test(arguments: [true, false])
    func `each operation failing once costs nothing`(makesSpares: Bool) throws {
        let clean = FakeDisk()
        _ = try scenario(clean, makesSpares: makesSpares, seed: 2)
        var hits = 0
        for victim in 8...clean.operations {
            let isWrite = clean.state.withLock { $0.log[victim - 1] }.hasPrefix("write")
            for fault in isWrite ? [FakeDisk.Fault.error(EIO), .short] : [.error(EIO)] {
                let disk = FakeDisk()
                disk.fail { $0 == victim ? fault : nil }
                let (appended, writer) = try scenario(disk, makesSpares: makesSpares, seed: 2)
                disk.fail { _ in nil }
                let (records, findings, _) = try disk.recoveredRecords()
                #expect(
                    records == appended,
                    "operation \(victim) \(fault): \(disk.state.withLock { $0.log[victim - 1] }) \(findings)")
                if !writer.status.takeFindings().isEmpty { hits += 1 }
            }
        }
        #expect(hits > 20)
    }

    @Test(arguments: [1, 3, 10])
    func `a disk that refuses for a while loses nothing that fits the limit`(length: Int) throws {
        let clean = FakeDisk()
        _ = try scenario(clean, makesSpares: true, seed: 3)
        for begin in stride(from: 8, through: clean.operations, by: 2) {
            let disk = FakeDisk()
            disk.fail { (begin..<begin + length).contains($0) ? .error(ENOSPC) : nil }
            let (appended, writer) = try scenario(disk, makesSpares: true, seed: 3)
            disk.fail { _ in nil }
            let (records, _, _) = try disk.recoveredRecords()
            if records.count < appended.count {
                // It refused to the very end: what was not acknowledged may be missing, and nothing else.
                #expect(writer.status.diskState != .ok, "operation \(begin)")
                #expect(SequenceNumber(records.count) >= writer.status.syncedThrough)
                #expect(same(records, Array(appended[..<records.count])))
            } else {
                #expect(same(records, appended), "operation \(begin)")
            }
        }
    }

    @Test(arguments: [true, false])
    func `what was acknowledged survives the power going at any operation, and what was written a kill`(
        makesSpares: Bool
    ) throws {
        let clean = FakeDisk()
        _ = try scenario(clean, makesSpares: makesSpares, seed: 4)
        for cut in 8...clean.operations {
            let disk = FakeDisk()
            disk.state.withLock { $0.imageAt = cut }
            var acknowledged: SequenceNumber = 0
            var written: SequenceNumber = 0
            let (appended, _) = try scenario(disk, makesSpares: makesSpares, seed: 4) { writer, _ in
                guard disk.operations < cut else { return }
                acknowledged = writer.status.syncedThrough
                written = writer.status.writtenThrough
            }
            let images = disk.state.withLock { [($0.powerCut, acknowledged), ($0.kill, written)] }
            for (image, least) in images {
                let (records, findings, restored) = try #require(image).recoveredRecords()
                #expect(SequenceNumber(records.count) >= least, "cut at \(cut)")
                #expect(same(records, Array(appended[..<records.count])), "cut at \(cut)")
                #expect(restored.nextSequence > least)
                #expect(!findings.contains { $0.words.hasPrefix("corrupt") || $0.words.hasPrefix("missing") })
            }
        }
    }

    @Test(arguments: [true, false], [1, 40])
    func `a write and a sync that fail at the same time cost nothing`(makesSpares: Bool, runs: Int) throws {
        let disk = FakeDisk()
        let writer = try SteppedWriter(disk, makesSpares: makesSpares)
        var samples = Samples()
        var appended: [Record] = []
        func append(_ count: Int) {
            let records = (0..<count).flatMap { _ in samples.wholeRun(JobID("a"), bodyLength: 900) }
            appended += records
            writer.append(records)
        }
        append(2)
        writer.settle()
        append(1)
        writer.write()
        append(runs)
        let before = disk.operations
        disk.fail { $0 == before + 1 || $0 == before + 2 ? .error(EIO) : nil }
        writer.write { #expect(writer.sync()) }
        #expect(disk.operations > before + 2)
        append(1)
        writer.settle()
        #expect(writer.status.syncedThrough == SequenceNumber(appended.count))
        #expect(try same(disk.copy().recoveredRecords().records, appended))
        writer.close()
        #expect(!writer.isOpen)
        #expect(try same(disk.recoveredRecords().records, appended))
    }

    @Test func `the state of the disk is told, and mends itself`() throws {
        let disk = FakeDisk()
        let writer = try SteppedWriter(disk, makesSpares: false)
        var samples = Samples()
        disk.fail { _ in .error(ENOSPC) }
        writer.append(samples.wholeRun(JobID("a")))
        writer.settle()
        guard case .refusing(let error) = writer.status.diskState else {
            Issue.record("\(writer.status.diskState)")
            return
        }
        #expect(error.errno == ENOSPC)
        #expect(writer.status.syncedThrough == 0)
        disk.fail { _ in nil }
        writer.second()
        #expect(writer.status.diskState == .ok)
        #expect(writer.status.syncedThrough == 2)
        writer.close()
        #expect(try disk.recoveredRecords().records.count == 2)
    }

    @Test func `a segment that fails before it has its name leaves nothing behind`() throws {
        let disk = FakeDisk()
        let writer = try SteppedWriter(disk, makesSpares: true)
        // The spare is made, its header written; its first batch is cut short.
        disk.failWhere({ what in what.hasPrefix("write spare 8192") ? .short : nil })
        var samples = Samples()
        writer.append(samples.wholeRun(JobID("a")))
        writer.write()
        disk.fail { _ in nil }
        #expect(try disk.names().filter { !$0.hasSuffix(".seg") } == ["0000000000000002.new"])
        writer.settle()
        #expect(try disk.names().sorted().first == "0000000000000001.seg")
        #expect(writer.status.syncedThrough == 2)
        #expect(writer.status.takeFindings().count == 1)
        writer.close()
    }

    @Test
    func `a segment that was given up and cannot be removed does not speak for the one that takes the id before it`()
        throws
    {
        let disk = FakeDisk()
        let writer = try SteppedWriter(disk, makesSpares: true)
        var samples = Samples()
        // Two segments without their names: one in the spare, and one behind it that says where the first one ends.
        var appended = samples.wholeRun(JobID("a"))
        writer.append(appended)
        writer.inbox.post(.seal)
        writer.write()
        appended += samples.wholeRun(JobID("a"))
        writer.append(Array(appended[2...]))
        writer.write()
        #expect(try disk.names().contains("0000000000000003.new"))
        let refused = Mutex<[String]>([])
        disk.failWhere { what in
            guard ["sync spare", "remove 0000000000000003.new"].contains(what),
                refused.withLock({ refused in
                    defer { refused.append(what) }
                    return !refused.contains(what)
                })
            else { return nil }
            return .error(EIO)
        }
        #expect(writer.sync())
        writer.settle()
        #expect(Set(refused.withLock { $0 }).count == 2)
        // All of it lies in the first one now.
        let more = samples.wholeRun(JobID("b"))
        appended += more
        writer.append(more)
        writer.settle()
        #expect(writer.status.syncedThrough == SequenceNumber(appended.count))
        #expect(try same(disk.copy().recoveredRecords().records, appended))
    }

    @Test func `what a refusing disk overflows with leaves one note a job`() throws {
        let disk = FakeDisk()
        let writer = try SteppedWriter(disk, makesSpares: false)
        var samples = Samples()
        disk.fail { _ in .error(ENOSPC) }
        let jobs = [JobID("a"), JobID("b")]
        var appended: [Record] = []
        for number in 0..<2_000 {
            let part = samples.wholeRun(jobs[number % 2], bodyLength: 1_000)
            appended += part
            writer.append(part)
            if number % 50 == 0 { writer.settle() }
            #expect(writer.inbox.posted.bytes + writer.inbox.heldBytes.load(ordering: .relaxed) < 3 << 20)
        }
        disk.fail { _ in nil }
        writer.second()
        writer.settle()
        writer.close()
        let (records, _, restored) = try disk.recoveredRecords()
        let notes = records.compactMap { record -> Note? in
            if case .note(let note) = record { note } else { nil }
        }
        #expect(Set(notes.map(\.header.job)) == Set(jobs))
        #expect(notes.allSatisfy { $0.reason == .lost })
        let lost = notes.reduce(0) { $0 + $1.count }
        #expect(lost > 100)
        #expect(Int(lost) + records.count - notes.count == appended.count)
        #expect(records.map(\.header.sequence) == records.map(\.header.sequence).sorted())
        #expect(restored.nextSequence == SequenceNumber(appended.count + 1))
        #expect(restored.jobs[jobs[0]]?.account == appended.last { $0.header.job == jobs[0] }?.header.account)
    }
}
