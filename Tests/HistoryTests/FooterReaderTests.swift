import CronCore
import Synchronization
import Testing

@testable import History

/// Single jobs, looked up in the footer of a segment.
@Suite struct FooterReaderTests {
    private static let name = SegmentName.raw(1).text
    private static let header = SegmentHeader(
        lo: 1, hi: 1, salt: 9, history: HistoryID(CronCore.UUID(high: 1, low: 2)), createdAt: Timestamp(seconds: 1),
        flags: 0, firstSequence: 1, predecessor: .none, ownEnd: .none)

    /// A segment with a record of each of `jobs`.
    private func disk(of jobs: [JobID]) -> FakeDisk {
        let builder = SegmentBuilder(Self.header)
        var bytes = Array(builder.headerBytes())
        for begin in stride(from: 0, to: jobs.count, by: 100) {
            builder.beginBatch()
            for place in begin..<min(begin + 100, jobs.count) {
                let header = RecordHeader(
                    sequence: SequenceNumber(place + 1), job: jobs[place], recordedAt: Timestamp(seconds: 1),
                    account: Samples.account(cursor: Int64(place)))
                builder.add(.state(StateChange(header: header, kind: .absent)))
            }
            bytes += builder.endBatch(durable: builder.lastBatch, at: Self.header.createdAt, predecessorIsSynced: true)
        }
        bytes += builder.footer(durable: builder.lastBatch, at: Self.header.createdAt, predecessorIsSynced: true)
        return FakeDisk([Self.name: bytes])
    }

    private func reader(_ disk: FakeDisk) throws -> FooterReader {
        let file = try disk.open(Self.name)
        let checksum = Checksum(salt: Self.header.salt)
        let place = try #require(try FooterPlace(file, size: file.size(), checksum: checksum))
        return FooterReader(file, place: place, checksum: checksum)
    }

    private func check(_ jobs: [JobID], absent: [JobID]) throws {
        let reader = try reader(disk(of: jobs))
        for (place, job) in jobs.enumerated() {
            let entry = try reader.entry(of: job)
            #expect(entry?.job == job && entry?.newestSequence == SequenceNumber(place + 1), "\(job) of \(jobs.count)")
        }
        for job in absent { #expect(try reader.entry(of: job) == nil, "\(job) of \(jobs.count)") }
    }

    private static let strangers = (0..<500).map { JobID("stranger-\($0)") }

    @Test(arguments: [0, 1, 2, 3, 34, 35, 1_000, 10_000])
    func `each job is found, and no other`(count: Int) throws {
        try check((0..<count).map { JobID("job-\($0)") }, absent: Self.strangers)
    }

    /// Nobody chooses job ids so; but an evenly spread hash is what the search expects, and no more.
    @Test func `also where the hashes are not spread evenly`() throws {
        let ids = (0..<100_000).map { JobID("job-\($0)") }
        let low = ids.filter { $0.hash64 < 1 << 56 }
        let high = ids.filter { $0.hash64 > .max - (1 << 56) }
        #expect(low.count > 100 && high.count > 100)
        try check(low, absent: Self.strangers)
        try check(high, absent: Self.strangers)
        try check(low + high, absent: Self.strangers)
        try check(low + ids.filter { $0.hash64 >> 52 == 0x800 }, absent: Self.strangers)
    }

    @Test func `a job costs few reads, of however many it is one`() throws {
        let disk = disk(of: (0..<10_000).map { JobID("job-\($0)") })
        let reads = Mutex(0)
        disk.failReads { _, _ in
            reads.withLock { $0 += 1 }
            return nil
        }
        for place in 0..<200 {
            let reader = try reader(disk)
            reads.withLock { $0 = 0 }
            _ = try reader.entry(of: JobID("job-\(place * 50)"))
            // A page or two of entries, and the name.
            #expect(reads.withLock { $0 } <= 6)
        }
    }
}
