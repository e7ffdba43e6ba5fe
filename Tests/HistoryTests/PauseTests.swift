import CronCore
import Testing

@testable import History

/// Pauses on the disk: what a start finds of them, however far back they lie and whatever a compaction leaves.
@Suite struct PauseTests {
    private static let a = JobID("a")
    private let first = Pause(since: Timestamp(seconds: 5), until: Timestamp(seconds: 99), reason: "old", by: "uid 1")
    private let second = Pause(since: Timestamp(seconds: 7), reason: "nouveaux prix: 5 €", by: "an API token")

    /// Makes records of one job, each saying whether it is paused.
    private struct Maker {
        var samples = Samples(seed: 3)
        var isPaused = false

        mutating func header(_ job: JobID) -> RecordHeader {
            var header = samples.header(job)
            header.account.isPaused = isPaused
            return header
        }

        mutating func pause(_ pause: Pause, _ job: JobID = a) -> Record {
            isPaused = true
            return .state(StateChange(header: header(job), kind: .paused(pause)))
        }

        mutating func resume(_ job: JobID = a) -> Record {
            isPaused = false
            return .state(StateChange(header: header(job), kind: .resumed(by: "uid 0")))
        }

        mutating func note(_ reason: NoteReason = .paused, _ job: JobID = a) -> Record {
            .note(
                Note(
                    header: header(job), reason: reason, count: 1, first: Timestamp(seconds: 1),
                    last: Timestamp(seconds: 1)))
        }
    }

    @Test(arguments: 0..<10)
    func `any record comes back with its flag, in itself and in its header`(seed: UInt64) throws {
        let checksum = Checksum(salt: 77)
        var samples = Samples(seed: seed)
        for number in 0..<60 {
            let record = samples.any(jobs: [Self.a])
            var header = record.header
            header.account.isPaused = number.isMultiple(of: 2)
            var buffer = ByteBuffer(capacity: 64)
            buffer.appendZeros(SegmentFormat.batchHeaderLength)
            _ = RecordCodec.encode(
                record, header, previous: 8_256, into: &buffer, batchOffset: 8_192, checksum: checksum)
            let view = try #require(
                RecordView(UnsafeRawBufferPointer(rebasing: buffer.bytes[64...]), at: 8_256, checking: checksum))
            #expect(view.record()?.header == header)
            #expect(view.traits.sequence == header.sequence)
        }
    }

    struct State: CustomTestStringConvertible {
        let kind: StateChange.Kind
        var testDescription: String { "\(kind)" }
    }

    @Test(arguments: [
        State(kind: .paused(Pause(since: Timestamp(microseconds: .min), until: Timestamp(microseconds: .max)))),
        State(kind: .paused(Pause(since: Timestamp(seconds: 0)))),
        State(kind: .paused(Pause(since: Timestamp(seconds: 1), until: Timestamp(seconds: 0), reason: "", by: "x"))),
        State(kind: .paused(Pause(since: Timestamp(seconds: 1), reason: "“\u{0}\n”😀", by: ""))),
        State(kind: .resumed(by: "")),
        State(kind: .resumed(by: "uid 4294967295")),
    ])
    func `each form of a pause and of its end comes back, as do its traits`(state: State) throws {
        var samples = Samples()
        let record = Record.state(StateChange(header: samples.header(Self.a), kind: state.kind))
        let disk = FakeDisk()
        let writer = try SteppedWriter(disk, makesSpares: false)
        writer.append([record])
        writer.settle()
        #expect(try disk.records().records == [record])
        var cursor = try HistorySnapshot.open(disk).newestFirst(jobs: [Self.a], skippingStarts: true)
        #expect(cursor.next() == record)
        writer.close()
        #expect(try disk.records().records == [record])
    }

    /// How a history goes on behind a pause before it is read.
    enum End: CaseIterable {
        case open, sealed, rotated, compacted, removedAndCompacted, squeezed
    }

    @Test(arguments: End.allCases)
    func `a start finds the pause that stands, and its reason`(end: End) throws {
        let disk = FakeDisk()
        let writer = try SteppedWriter(disk, makesSpares: true)
        var maker = Maker()
        writer.append([maker.pause(first), maker.note(), maker.resume(), maker.note(.missed), maker.pause(second)])
        for _ in 0..<40 { writer.append([maker.note(), maker.note(.missed)]) }
        writer.settle()
        if end != .open {
            for _ in 0..<(end == .sealed ? 1 : 60) {
                writer.append(maker.samples.wholeRun(JobID("other"), bodyLength: 2_000))
                writer.append([maker.note()])
                writer.settle()
            }
            writer.close()
            #expect(try disk.names().count > (end == .sealed ? 1 : 3))
        }
        switch end {
        case .open, .sealed, .rotated: break
        case .compacted: try #require(try disk.compact(keep: 1) != nil)
        case .removedAndCompacted:
            let rules = RetentionRules(jobs: [:], keepRemoved: .days(3_660))
            try #require(try disk.compact(rules: rules) != nil)
        case .squeezed: try #require(try disk.compact(keep: 1, maxUse: 1) != nil)
        }
        let restored = try HistoryStore.prepare(disk, settings: SteppedWriter.settings).restored
        let job = try #require(restored.jobs[Self.a])
        #expect(job.account.isPaused && job.pause == second)
        #expect(restored.jobs[JobID("other")]?.account.isPaused != true)
        // And once more from what that start left.
        #expect(try HistoryStore.prepare(disk, settings: SteppedWriter.settings).restored.jobs[Self.a] == job)
    }

    @Test(arguments: [false, true])
    func `a pause that has ended is none, also behind a compaction`(compacts: Bool) throws {
        let disk = FakeDisk()
        let writer = try SteppedWriter(disk, makesSpares: false)
        var maker = Maker()
        writer.append([maker.pause(first), maker.note(), maker.resume(), maker.note(.missed)])
        writer.close()
        if compacts { try #require(try disk.compact(keep: 1) != nil) }
        let job = try #require(
            try HistoryStore.prepare(disk, settings: SteppedWriter.settings).restored.jobs[Self.a])
        #expect(!job.account.isPaused && job.pause == nil)
    }

    @Test(arguments: [false, true])
    func `a pause whose own record is lost still stands, and takes no reason from an older one`(compacts: Bool) throws {
        let disk = FakeDisk()
        let writer = try SteppedWriter(disk, makesSpares: false)
        var maker = Maker()
        writer.append([maker.pause(first), maker.resume(), maker.note(.missed)])
        writer.settle()
        // What a disk that refuses for too long makes of it: a note in its place.
        _ = maker.pause(second)
        writer.append([maker.note(.lost), maker.note()])
        writer.close()
        if compacts { try #require(try disk.compact(keep: 1) != nil) }
        let job = try #require(
            try HistoryStore.prepare(disk, settings: SteppedWriter.settings).restored.jobs[Self.a])
        #expect(job.account.isPaused && job.pause == nil)
    }

    @Test func `the footer of each segment says how each job stood at its end`() throws {
        let disk = FakeDisk()
        let writer = try SteppedWriter(disk, makesSpares: true)
        var maker = Maker()
        for round in 0..<4 {
            writer.append([round.isMultiple(of: 2) ? maker.pause(first) : maker.resume()])
            writer.append(maker.samples.wholeRun(JobID("b")))
            writer.settle()
            writer.inbox.post(.seal)
            writer.settle()
        }
        writer.close()
        let sealed = try HistorySnapshot.open(disk).segments.map { $0.entries() }.filter { !$0.isEmpty }
        #expect(sealed.count == 4)
        for (round, entries) in sealed.enumerated() {
            let flags = Dictionary(uniqueKeysWithValues: entries.map { ($0.job, $0.account.isPaused) })
            #expect(flags == [Self.a: round.isMultiple(of: 2), JobID("b"): false])
        }
    }
}
