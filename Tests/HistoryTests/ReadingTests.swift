import CronCore
import Synchronization
import Testing
import Threads

@testable import History

/// Reading beside a daemon that writes.
@Suite struct ReadingTests {
    @Test func `each reading of a live history is a whole prefix of it`() throws {
        let scratch = try Scratch()
        let bell = Bell()
        let settings = HistorySettings(segmentSize: 1 << 16)
        let opened = try HistoryStore.open(directory: scratch.path, settings: settings, bell: bell)
        var samples = Samples()
        let jobs = (0..<5).map { JobID("job-\($0)") }
        let records = (0..<1_500).flatMap { samples.wholeRun(jobs[$0 % 5], bodyLength: 600) }
        let finished = Atomic(false)
        let path = scratch.path
        let problems = Mutex<[String]>([])
        let readings = Atomic(0)
        let reader = try OSThread(name: "reader") {
            while true {
                let last = finished.load(ordering: .acquiring)
                do {
                    let snapshot = try HistorySnapshot.open(directory: path)
                    var cursor = snapshot.newestFirst(jobs: nil)
                    let found = cursor.rest()
                    if found != Array(records[..<found.count].reversed()) {
                        problems.withLock { $0.append("\(found.count) records, not a prefix") }
                    }
                    if !snapshot.damage.isEmpty { problems.withLock { $0.append("\(snapshot.damage)") } }
                    if last, found.count != records.count { problems.withLock { $0.append("\(found.count) at last") } }
                } catch {
                    problems.withLock { $0.append("\(error)") }
                }
                readings.add(1, ordering: .relaxed)
                if last { return }
            }
        }
        for part in stride(from: 0, to: records.count, by: 6) {
            opened.writer.append(Array(records[part..<part + 6]), needsSync: true)
            opened.writer.waitForWrite(SequenceNumber(part + 6), bell)
        }
        opened.writer.waitForSync(SequenceNumber(records.count), bell)
        opened.writer.close()
        finished.store(true, ordering: .releasing)
        reader.join()
        #expect(problems.withLock { $0 } == [])
        #expect(readings.load(ordering: .relaxed) > 1)
    }

    @Test(arguments: [true, false])
    func `a batch across the end of the file as it was opened is no damage if more of it came`(grows: Bool) throws {
        let writer = try SteppedWriter(FakeDisk(), makesSpares: false)
        var samples = Samples()
        let records = (0..<4).flatMap { _ in samples.wholeRun(JobID("a"), bodyLength: 600) }
        for part in stride(from: 0, to: records.count, by: 2) {
            writer.append(Array(records[part..<part + 2]))
            writer.settle()
        }
        let disk = writer.disk.copy()
        let name = try #require(try disk.names().max())
        let file = try disk.open(name)
        let whole = [UInt8](unsafeUninitializedCapacity: Int(try file.size())) { buffer, count in
            count = (try? file.read(into: UnsafeMutableRawBufferPointer(buffer), at: 0)) ?? 0
        }
        let end = whole.count - 100
        try file.truncate(to: UInt64(end))
        let snapshot = try HistorySnapshot.open(disk)
        if grows { _ = try whole.withUnsafeBytes { try file.write(.init(rebasing: $0[end...]), at: UInt64(end)) } }
        var cursor = snapshot.oldestFirst(jobs: nil)
        #expect(cursor.rest() == Array(records.dropLast(2)))
        #expect(snapshot.damage.isEmpty == grows)
    }

    @Test func `a follower is told each record once, across segments and restarts`() throws {
        let scratch = try Scratch()
        let bell = Bell()
        let settings = HistorySettings(segmentSize: 1 << 16)
        var samples = Samples()
        var appended: [Record] = []
        var followed: [Record] = []
        var opened = try HistoryStore.open(directory: scratch.path, settings: settings, bell: bell)
        var follower = try HistoryFollower(directory: scratch.path, jobs: nil, after: 0)
        var one = try HistoryFollower(directory: scratch.path, jobs: [JobID("a")], after: 0)
        var ofOne: [Record] = []
        for round in 0..<60 {
            let part = samples.wholeRun(JobID("a"), bodyLength: 4_000) + samples.wholeRun(JobID("b"), bodyLength: 4_000)
            appended += part
            opened.writer.append(part, needsSync: true)
            opened.writer.waitForSync(SequenceNumber(appended.count), bell)
            if round % 3 == 0 { followed += try follower.poll(count: 5) }
            if round % 7 == 0 { ofOne += try one.poll() }
            if round == 20 || round == 40 {
                opened.writer.close()
                opened = try HistoryStore.open(directory: scratch.path, settings: settings, bell: bell)
            }
        }
        while case let more = try follower.poll(count: 5), !more.isEmpty { followed += more }
        ofOne += try one.poll()
        #expect(followed == appended)
        #expect(ofOne == appended.filter { $0.header.job == JobID("a") })
        #expect(try follower.poll() == [])
        opened.writer.close()
        #expect(try follower.poll() == [])
        #expect(scratch.names.count > 4)
    }

    @Test func `a follower that begins now is told only what comes`() throws {
        let scratch = try Scratch()
        let bell = Bell()
        let opened = try HistoryStore.open(directory: scratch.path, bell: bell)
        defer { opened.writer.close() }
        var samples = Samples()
        opened.writer.append(samples.wholeRun(JobID("a")), needsSync: true)
        opened.writer.waitForSync(2, bell)
        let snapshot = try HistorySnapshot.open(directory: scratch.path)
        var follower = try HistoryFollower(directory: scratch.path, jobs: nil, after: snapshot.lastSequence)
        #expect(try follower.poll() == [])
        let more = samples.wholeRun(JobID("a"))
        opened.writer.append(more, needsSync: true)
        opened.writer.waitForSync(4, bell)
        #expect(try follower.poll() == more)
        #expect(try follower.poll() == [])
    }
}
