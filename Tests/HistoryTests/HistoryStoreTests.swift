import CronCore
import Testing
import Threads

@testable import History

extension RecordCursor {
    /// All that is left.
    mutating func rest() -> [Record] {
        var records: [Record] = []
        while let record = next() { records.append(record) }
        return records
    }
}

extension HistoryWriter {
    /// Waits until everything up to `sequence` is on the disk.
    func waitForSync(_ sequence: SequenceNumber, _ bell: Bell) {
        while syncedThrough < sequence { bell.wait() }
    }

    func waitForWrite(_ sequence: SequenceNumber, _ bell: Bell) {
        while writtenThrough < sequence { bell.wait() }
    }
}

@Suite struct HistoryStoreTests {
    let scratch: Scratch
    let bell = Bell()

    init() throws {
        scratch = try Scratch()
    }

    func open(_ settings: HistorySettings = HistorySettings(segmentSize: 1 << 17)) throws -> OpenedHistory {
        try HistoryStore.open(directory: scratch.path, settings: settings, bell: bell)
    }

    @Test func `what was written is read, in both directions, by job and by all`() throws {
        var samples = Samples()
        let jobs = (0..<20).map { JobID("job-\($0)") }
        let records = (0..<3_000).map { _ in samples.any(jobs: jobs) }
        let opened = try open()
        for part in stride(from: 0, to: records.count, by: 50) {
            opened.writer.append(Array(records[part..<part + 50]), needsSync: true)
            if part % 500 == 0 { opened.writer.waitForSync(SequenceNumber(part + 50), bell) }
        }
        opened.writer.waitForSync(3_000, bell)
        try check(records, jobs)
        opened.writer.close()
        #expect(opened.writer.unsyncedBytes == 0)
        try check(records, jobs)
        #expect(scratch.names.count > 2)
        #expect(scratch.names.allSatisfy { $0.hasSuffix(".seg") })
    }

    func check(_ records: [Record], _ jobs: [JobID]) throws {
        let snapshot = try HistorySnapshot.open(directory: scratch.path)
        var cursor = snapshot.oldestFirst(jobs: nil)
        #expect(cursor.rest() == records)
        cursor = snapshot.newestFirst(jobs: nil)
        #expect(cursor.rest() == records.reversed())
        let some = Set(jobs.prefix(3))
        cursor = snapshot.newestFirst(jobs: some)
        #expect(cursor.rest() == records.reversed().filter { some.contains($0.header.job) })
        cursor = snapshot.oldestFirst(jobs: some)
        #expect(cursor.rest() == records.filter { some.contains($0.header.job) })
        #expect(snapshot.jobs == jobs.sorted())
        #expect(snapshot.lastSequence == SequenceNumber(records.count))
        #expect(snapshot.damage == [])
    }

    @Test func `a history goes on where it ended, with the same identity`() throws {
        var samples = Samples()
        let first = try open()
        #expect(first.restored.nextSequence == 1)
        #expect(first.restored.lastWrittenAt == nil)
        let run = samples.wholeRun(JobID("a"))
        first.writer.append(run, needsSync: true)
        first.writer.close()
        let second = try open()
        #expect(second.findings == [])
        #expect(second.restored.historyID == first.restored.historyID)
        #expect(second.restored.nextSequence == 3)
        #expect(second.restored.lastWrittenAt != nil)
        #expect(second.restored.jobs[JobID("a")]?.account == run[1].header.account)
        second.writer.close()
        #expect(scratch.names.count == 2)
    }

    @Test func `a killed daemon's history loses nothing that was written`() throws {
        var samples = Samples()
        let job = JobID("a")
        let opened = try open()
        var records: [Record] = []
        for number in 1...60 {
            let run = samples.wholeRun(job)
            opened.writer.append(run[0], needsSync: false)
            opened.writer.append(run[1], needsSync: true)
            records += run
            if number % 7 == 0 { opened.writer.waitForSync(SequenceNumber(records.count), bell) }
        }
        let interrupted = samples.start(job, run: Samples.run(999))
        opened.writer.append(interrupted, needsSync: false)
        records.append(interrupted)
        opened.writer.waitForWrite(SequenceNumber(records.count), bell)
        let copy = try scratch.copy()
        opened.writer.close()
        let again = try HistoryStore.open(directory: copy.path, bell: bell)
        defer { again.writer.close() }
        #expect(again.findings == [])
        guard case .start(let start) = interrupted else { return }
        #expect(again.restored.jobs[job]?.open == [.interrupted(start, failed: nil)])
        #expect(again.restored.nextSequence == SequenceNumber(records.count + 1))
        let snapshot = try HistorySnapshot.open(directory: copy.path)
        var cursor = snapshot.oldestFirst(jobs: nil)
        #expect(cursor.rest() == records)
        #expect(snapshot.damage == [])
        #expect(copy.names.filter { $0.contains("-") }.count == 1)
    }

    @Test func `a second daemon is kept out`() throws {
        let first = try open()
        defer { first.writer.close() }
        #expect(throws: HistoryError.locked(path: scratch.path)) { try open() }
    }
}
