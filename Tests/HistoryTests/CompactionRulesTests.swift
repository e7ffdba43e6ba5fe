import CronCore
import Testing
import Threads

@testable import History

/// Bounds and rules beyond `Keep=`, and who reads while it happens.
@Suite struct CompactionRulesTests {
    @Test func `a history that may have fewer bytes loses its oldest executions`() throws {
        let (clean, records) = try FakeDisk.lives(seed: 51, steps: 400, jobs: 4)
        let whole = clean.copy()
        let most = try #require(try whole.compact(keep: 1_000)).bytesAfter
        let least = clean.copy()
        let fixed = try #require(try least.compact(keep: 0)).bytesAfter
        let before = try HistoryStore.prepare(clean.copy(), settings: SteppedWriter.settings).restored
        for part in 1...4 as ClosedRange<UInt64> {
            let disk = clean.copy()
            let maxUse = fixed + (most - fixed) * part / 5
            let report = try #require(try disk.compact(keep: 1_000, maxUse: maxUse))
            #expect(report.bytesAfter <= maxUse)
            #expect(report.bytesAfter > maxUse * 7 / 10)
            let kept = Set(try disk.records().records.map(\.header.sequence))
            let executions = CompactionDamageTests.executions(records).map(\.header.sequence)
            // But for what a job or a run needs, it is the newest ones that stay.
            let oldest = try #require(executions.first { kept.contains($0) && $0 > 20 })
            let dropped = executions.filter { $0 > oldest && !kept.contains($0) }
            let exceptions = executions.filter { kept.contains($0) }.prefix(20)
            #expect(dropped.allSatisfy { $0 < exceptions.last ?? 0 })
            let after = try HistoryStore.prepare(disk, settings: SteppedWriter.settings).restored
            #expect(after.jobs == before.jobs)
        }
    }

    @Test func `a removed job's history goes after KeepRemoved, and the numbers go on`() throws {
        let clean = FakeDisk()
        var records = try clean.live(seed: 52, steps: 100, jobs: 3)
        let rules = RetentionRules(jobs: [:], keepRemoved: .days(90))
        // The samples are of 2023, the compaction of 2027. That their files are gone is not on record yet.
        #expect(try #require(try clean.copy().compact(rules: rules)).recordsKept > 0)
        // Nor is the end of their last runs.
        let busy = clean.copy()
        _ = try busy.recordAbsence(behind: records, openRuns: 1)
        #expect(try #require(try busy.compact(rules: rules)).recordsKept > 0)
        records += try clean.recordAbsence(behind: records)
        let disk = clean.copy()
        let report = try #require(try disk.compact(rules: rules))
        #expect(report.recordsKept == 0)
        let after = try HistoryStore.prepare(disk, settings: SteppedWriter.settings)
        #expect(after.restored.jobs.isEmpty)
        #expect(after.restored.nextSequence == SequenceNumber(records.count + 1))
        #expect(try HistorySnapshot.open(disk).lastSequence == SequenceNumber(records.count))
        let patient = clean.copy()
        let kept = try patient.compact(rules: RetentionRules(jobs: [:], keepRemoved: .days(3_660)))
        #expect(try #require(kept).recordsKept > 0)
    }

    @Test func `a follower is told the rest, and nothing twice, when a compaction comes between`() throws {
        let scratch = try Scratch()
        let bell = Bell()
        let settings = HistorySettings(segmentSize: 1 << 16)
        let opened = try HistoryStore.open(directory: scratch.path, settings: settings, bell: bell)
        defer { opened.writer.close() }
        var samples = Samples()
        var follower = try HistoryFollower(directory: scratch.path, jobs: nil, after: 0)
        var one = try HistoryFollower(directory: scratch.path, jobs: [JobID("a")], after: 0)
        var (followed, ofOne, appended): ([Record], [Record], [Record]) = ([], [], [])
        let rules = RetentionRules(
            jobs: [JobID("a"): Retention(keep: 1_000), JobID("b"): Retention(keep: 1_000)], keepRemoved: .days(1))
        for round in 0..<30 {
            let part = samples.wholeRun(JobID("a"), bodyLength: 4_000) + samples.wholeRun(JobID("b"), bodyLength: 4_000)
            appended += part
            opened.writer.append(part, needsSync: true)
            opened.writer.waitForSync(SequenceNumber(appended.count), bell)
            if round % 4 == 1 { followed += try follower.poll(count: 3) }
            if round % 5 == 2 { ofOne += try one.poll() }
            if round % 6 == 5 {
                let last = opened.writer.sealedThrough
                opened.writer.seal()
                while opened.writer.sealedThrough == last { bell.wait() }
                #expect(try opened.writer.compact(rules) { _ in true } != nil)
            }
        }
        while case let more = try follower.poll(count: 5), !more.isEmpty { followed += more }
        ofOne += try one.poll()
        let sequences = followed.map(\.header.sequence)
        #expect(zip(sequences, sequences.dropFirst()).allSatisfy { $0 < $1 })
        #expect(CompactionDamageTests.executions(followed) == CompactionDamageTests.executions(appended))
        #expect(
            CompactionDamageTests.executions(ofOne)
                == CompactionDamageTests.executions(appended).filter { $0.header.job == JobID("a") })
        #expect(try follower.poll() == [])
    }

    @Test func `records of kinds that nobody knows are kept as they are`() throws {
        let disk = FakeDisk()
        let writer = try SteppedWriter(disk, makesSpares: false)
        var samples = Samples()
        let job = JobID("a")
        var records: [Record] = []
        for _ in 0..<12 {
            records += samples.wholeRun(job) + [.state(StateChange(header: samples.header(job), kind: .absent))]
        }
        writer.append(records)
        writer.settle()
        writer.close()
        // Each state becomes a record of a kind to come.
        try disk.rewrite(SegmentName.raw(2).text) { $0 == SegmentFormat.stateKind ? 77 : $0 }
        let unknown = try disk.rawRecords().filter { $0.kind == 77 }
        #expect(unknown.count == 12)
        try disk.compact(keep: 5)
        let kept = try disk.rawRecords()
        #expect(kept.filter { $0.kind == 77 } == unknown.suffix(5))
        #expect(kept.filter { $0.kind == SegmentFormat.executionKind }.count == 5)
    }

    @Test func `what was made offline belongs to the owner of the directory`() throws {
        let scratch = try Scratch()
        let opened = try HistoryStore.open(directory: scratch.path, bell: Bell())
        var samples = Samples()
        opened.writer.append(samples.wholeRun(JobID("a")), needsSync: true)
        let rules = RetentionRules(jobs: [:], keepRemoved: .days(36_600))
        #expect(throws: HistoryError.locked(path: scratch.path)) {
            try HistoryStore.compact(directory: scratch.path, order: CompactionOrder(rules: rules))
        }
        opened.writer.close()
        let isRoot = scratch.give(to: 4_242)
        let report = try HistoryStore.compact(
            directory: scratch.path, order: CompactionOrder(rules: rules), tell: { Issue.record("\($0)") })
        let name = try #require(report).name
        #expect(scratch.names == [name])
        if isRoot { #expect(scratch.owner(of: name) == 4_242) }
        let again = try HistoryStore.compact(directory: scratch.path, order: CompactionOrder(rules: rules))
        #expect(again == nil)
    }
}
