import CronCore
import Glibc

@testable import History

/// What the readers make of a history, each way of reading held against the others.
struct SegmentSurvey {
    private(set) var records: [Record] = []
    let jobs: [JobID]
    /// Nothing is wrong with it, says who reads every byte.
    let isWhole: Bool
    /// What is wrong with it is that batches are lost, and nothing else.
    let isOnlyShort: Bool

    /// nil: it is refused. `thoroughly`: record by record, too.
    init?(_ disk: MemoryDisk, thoroughly: Bool = false) {
        guard let snapshot = Self.accepted({ () throws(HistoryError) in try HistorySnapshot.open(disk) }),
            let verification = Self.accepted({ () throws(HistoryError) in try HistoryVerifier.run(disk) {} })
        else { return nil }
        isWhole = !verification.isDamaged
        isOnlyShort = verification.findings.allSatisfy {
            $0.kind == .torn || $0.words == Damage(file: "", lost: 0..<0).words
        }
        jobs = snapshot.jobs
        records = Self.all(snapshot.oldestFirst(jobs: nil))
        let backward = Self.all(snapshot.newestFirst(jobs: nil))
        if thoroughly {
            for record in records { Self.check(record) }
            for segment in snapshot.segments { Self.checkTraits(segment) }
        }
        for damage in snapshot.damage + verification.findings {
            hold(!damage.words.isEmpty && damage.file.hasPrefix(disk.path), "damage is told with its place")
        }
        checkJobs(snapshot, disk, jobs.prefix(thoroughly ? 8 : 1))
        guard isWhole else { return }
        hold(snapshot.damage.isEmpty, "who reads finds nothing that who verifies does not")
        hold(zip(records, records.dropFirst()).allSatisfy { $0.header.sequence < $1.header.sequence }, "seq rises")
        hold(backward.reversed().elementsEqual(records), "newest first is oldest first turned around")
        hold(verification.records >= UInt64(records.count), "every record is counted")
        hold(snapshot.lastSequence >= records.last?.header.sequence ?? 0, "no record is behind the last")
    }

    /// By the footers' entries and the chains of single jobs.
    private func checkJobs(_ snapshot: HistorySnapshot, _ disk: MemoryDisk, _ chosen: ArraySlice<JobID>) {
        let reader = HistoryReader(disk)
        let middle = records.isEmpty ? 0 : records[records.count / 2].header.sequence
        let later = Self.all(snapshot.oldestFirst(jobs: nil, after: middle))
        if isWhole { hold(later == records.filter { $0.header.sequence > middle }, "after a seq") }
        for job in chosen {
            let forward = Self.all(snapshot.oldestFirst(jobs: [job]))
            let backward = Self.all(snapshot.newestFirst(jobs: [job]))
            let ends = Self.all(snapshot.newestFirst(jobs: [job], skippingStarts: true))
            let executions = Self.accepted { () throws(HistoryError) in
                try reader.executions(of: job, limit: 3, through: .max)
            }
            guard isWhole else { continue }
            let own = records.filter { $0.header.job == job }
            hold(forward == own, "a job's records, oldest first")
            hold(backward.reversed().elementsEqual(own), "a job's records, newest first")
            let ended = own.filter { if case .start = $0 { false } else { true } }
            hold(ends.reversed().elementsEqual(ended), "a job's records without starts")
            let newest = backward.compactMap { if case .execution(let execution) = $0 { execution } else { nil } }
            hold(executions ?? [] == Array(newest.prefix(3)), "a job's newest executions")
        }
        if isWhole { hold(Set(records.map(\.header.job)).isSubset(of: jobs), "every job is named") }
        follow(disk)
    }

    private func follow(_ disk: MemoryDisk) {
        var follower = HistoryFollower(disk, jobs: nil, after: 0)
        var followed: [Record] = []
        while let more = Self.accepted({ () throws(HistoryError) in try follower.poll() }), !more.isEmpty {
            followed += more
        }
        if isWhole { hold(followed == records, "a follower finds the same") }
    }

    /// What is read is written as it was, and has a valid text.
    private static func check(_ record: Record) {
        var buffer = ByteBuffer(capacity: 1_024)
        buffer.appendZeros(SegmentFormat.batchHeaderLength)
        let offset = RecordCodec.encode(
            record, record.header, previous: 0, into: &buffer, batchOffset: SegmentFormat.firstBatchOffset,
            checksum: Checksum(salt: 7))
        let bytes = UnsafeRawBufferPointer(rebasing: buffer.bytes[SegmentFormat.batchHeaderLength...])
        let view = RecordView(bytes, at: offset, checking: Checksum(salt: 7))
        hold(view?.record() == record, "a record is written as it was read")
        hold(view?.traits == RecordTraits(record), "its traits are those of its bytes")
        var text: [UInt8] = []
        switch record {
        case .execution(let execution):
            execution.appendJSON(to: &text)
            hold(JSONValidator.isValid(text), "its text is JSON")
            text = []
            execution.appendKrafterJSON(to: &text)
            hold(JSONValidator.isValid(text), "its text is JSON")
        case .note(let note):
            note.appendJSON(to: &text)
            hold(JSONValidator.isValid(text), "its text is JSON")
        case .start, .state: break
        }
    }

    /// What is read off the bytes is what the record says that is made of them.
    private static func checkTraits(_ segment: SegmentFile) {
        let window = FileWindow(segment.file, readAhead: 4_096)
        for offset in segment.scan().batches {
            guard let batch = try? segment.batch(at: offset, through: window) else { continue }
            for view in batch.records {
                let traits = view.record().map { RecordTraits($0) }
                hold(view.traits == traits || traits == nil && view.traits.kind == .unknown, "traits of what was read")
            }
        }
    }

    private static func all(_ cursor: RecordCursor) -> [Record] {
        var cursor = cursor
        var records: [Record] = []
        while let record = cursor.next() { records.append(record) }
        return records
    }

    /// nil: it is refused, as only a newer version is by who reads.
    private static func accepted<Value>(_ body: () throws(HistoryError) -> Value) -> Value? {
        do throws(HistoryError) {
            return try body()
        } catch {
            if case .newerVersion = error {} else { hold(false, "no reader throws: \(error)") }
            return nil
        }
    }
}

/// Ends the program where what must be so is not, and says what that was.
func hold(_ isSo: Bool, _ words: @autoclosure () -> String) {
    if isSo { return }
    let line = "does not hold: \(words())\n"
    _ = write(STDERR_FILENO, line, line.utf8.count)
    abort()
}
