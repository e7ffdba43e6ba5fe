import CronCore
import Testing

@testable import History

/// Covers of many batches: groups that span them, and damage in them.
@Suite struct CoverReadingTests {
    /// Three jobs with large bodies: groups of several MiB.
    static func large() throws -> (disk: FakeDisk, executions: [Record]) {
        let disk = FakeDisk()
        let settings = HistorySettings(
            segmentSize: 4 << 20, unsyncedLimit: 64 << 20, now: SteppedWriter.settings.now)
        let writer = try SteppedWriter(disk, makesSpares: false, settings: settings)
        var samples = Samples(seed: 3)
        var records: [Record] = []
        for number in 0..<60 {
            let job = JobID("job-\(number % 7 % 3)")
            let length = [100, 150_000, 3_000, 90_000][number % 4]
            records.append(
                samples.execution(job, run: Samples.run(UInt64(number)), body: [UInt8](repeating: 66, count: length)))
        }
        for part in stride(from: 0, to: records.count, by: 5) {
            writer.append(Array(records[part..<part + 5]))
            writer.settle()
        }
        writer.close()
        return (disk, records)
    }

    @Test func `a group of many chunks and batches is kept whole, time and again`() throws {
        let (disk, executions) = try Self.large()
        let report = try #require(try disk.compact(keep: 1_000))
        #expect(report.recordsKept == 60)
        let snapshot = try HistorySnapshot.open(disk)
        #expect(snapshot.segments.first.map { $0.scan().batches.count } ?? 0 > 3)
        var oldest = snapshot.oldestFirst(jobs: nil)
        #expect(oldest.rest() == executions)
        var newest = snapshot.newestFirst(jobs: nil)
        #expect(newest.rest() == executions.reversed())
        for job in snapshot.jobs {
            var own = snapshot.newestFirst(jobs: [job])
            #expect(own.rest() == executions.reversed().filter { $0.header.job == job })
        }
        #expect(snapshot.damage == [])
        // Something for the next one to join.
        let writer = try SteppedWriter(disk, makesSpares: false)
        var samples = Samples(seed: 4)
        samples.sequence = 60
        let start = samples.start(JobID("job-0"), run: Samples.run(77))
        writer.append([start])
        writer.settle()
        writer.close()
        #expect(try disk.compact(keep: 1_000)?.recordsKept == 61)
        #expect(try disk.records().records == executions + [start])
    }

    @Test func `what damage leaves of a cover is read in order, in both directions`() throws {
        let (clean, executions) = try Self.large()
        let report = try #require(try clean.compact(keep: 1_000))
        let length = try #require(clean.contents[report.name]).count
        var random = RandomSource(seed: 9)
        for round in 0..<25 {
            let disk = clean.copy()
            _ = disk.flip(report.name, at: Int.random(in: 8_192..<length, using: &random))
            if round % 5 == 0 {
                try disk.damage(report.name) { bytes in
                    // A sector of zeros, too.
                    let begin = Int.random(in: 16..<(length - 8_192) / 512, using: &random) * 512
                    for place in begin..<begin + 512 { bytes[place] = 0 }
                }
            }
            let snapshot = try HistorySnapshot.open(disk)
            var oldest = snapshot.oldestFirst(jobs: nil)
            let forward = oldest.rest()
            var newest = snapshot.newestFirst(jobs: nil)
            let backward = newest.rest()
            for found in [forward, backward.reversed()] {
                let sequences = found.map(\.header.sequence)
                #expect(zip(sequences, sequences.dropFirst()).allSatisfy { $0 < $1 })
                #expect(found.allSatisfy { executions[Int($0.header.sequence) - 1] == $0 })
                #expect(found.count >= executions.count - (round % 5 == 0 ? 4 : 1))
                #expect(found.count == executions.count || !snapshot.damage.isEmpty)
            }
        }
    }

    @Test func `a reader that comes in the midst of a compaction sees the old or the new, whole`() throws {
        let (clean, _) = try FakeDisk.lives(seed: 61, steps: 90, jobs: 3)
        let copy = clean.copy()
        try copy.compact(keep: 2)
        let (old, new) = (try clean.records().records, try copy.records().records)
        for cut in 1...copy.operations {
            let disk = clean.copy()
            disk.fail { $0 >= cut ? .error(5) : nil }
            _ = try? disk.compact(keep: 2)
            let (records, damage) = try disk.records()
            #expect(damage == [])
            #expect(records == old || records == new, "cut at \(cut)")
        }
    }
}
