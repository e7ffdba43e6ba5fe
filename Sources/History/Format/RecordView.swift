internal import CronCore

/// One record where it lies: its common header, taken apart, and the bytes of its body.
struct RecordView {
    let offset: UInt64
    let length: Int
    let kind: UInt8
    let sequence: SequenceNumber
    let recordedAt: Timestamp
    let previous: UInt64
    let account: Account
    let name: UnsafeRawBufferPointer
    let body: UnsafeRawBufferPointer
    /// The whole record.
    let bytes: UnsafeRawBufferPointer

    /// The record that `bytes` begin with, at `offset` of the file; nil unless it is whole and its lengths are sane.
    /// Its CRC is checked only `checking`: inside a batch whose payload CRC is good there is no need.
    init?(_ bytes: UnsafeRawBufferPointer, at offset: UInt64, checking checksum: Checksum?) {
        guard bytes.count >= SegmentFormat.recordHeaderLength else { return nil }
        var reader = ByteReader(bytes)
        let crc: UInt32 = reader.integer()
        let length = Int(reader.integer(UInt32.self))
        guard length >= SegmentFormat.recordHeaderLength, length <= SegmentFormat.longestRecord, length & 7 == 0,
            length <= bytes.count
        else { return nil }
        if let checksum {
            guard checksum.of(UnsafeRawBufferPointer(rebasing: bytes[4..<length]), at: offset &+ 4) == crc else {
                return nil
            }
        }
        kind = reader.integer()
        let flags: UInt8 = reader.integer()
        let nameLength = Int(reader.integer(UInt16.self))
        let bodyBegin = SegmentFormat.recordHeaderLength + nameLength
        guard bodyBegin <= length else { return nil }
        let epoch: UInt32 = reader.integer()
        sequence = reader.integer()
        recordedAt = Timestamp(microseconds: reader.integer())
        previous = reader.integer()
        let cursor = Timestamp(microseconds: reader.integer())
        let failures: UInt32 = reader.integer()
        let openRuns: UInt32 = reader.integer()
        account = Account(
            cursor: cursor, epoch: epoch, failuresInARow: failures, openRuns: openRuns, schedule: reader.integer(),
            isPaused: flags & SegmentFormat.pausedFlag != 0)
        name = UnsafeRawBufferPointer(rebasing: bytes[SegmentFormat.recordHeaderLength..<bodyBegin])
        body = UnsafeRawBufferPointer(rebasing: bytes[bodyBegin..<length])
        self.bytes = UnsafeRawBufferPointer(rebasing: bytes[..<length])
        self.offset = offset
        self.length = length
    }

    var job: JobID { JobID(String(decoding: name, as: UTF8.self)) }

    /// Whether it is a record of `job`: also by a name that is no UTF-8, which is read as something else.
    func isOf(_ job: JobID) -> Bool { name.elementsEqual(job.text.utf8) || self.job == job }

    /// The record, or nil for a kind, or a form of it, that this version does not know.
    func record() -> Record? {
        record(job: job)
    }

    /// The same for one whose job's name is at hand already.
    func record(job: JobID) -> Record? {
        let header = RecordHeader(sequence: sequence, job: job, recordedAt: recordedAt, account: account)
        var reader = ByteReader(body)
        return switch kind {
        case SegmentFormat.startKind: reader.start(header).map { .start($0) }
        case SegmentFormat.executionKind: reader.execution(header).map { .execution($0) }
        case SegmentFormat.noteKind: reader.note(header).map { .note($0) }
        case SegmentFormat.stateKind: reader.state(header).map { .state($0) }
        default: nil
        }
    }
}

extension ByteReader {
    fileprivate mutating func start(_ header: RecordHeader) -> Start? {
        guard let run = run() else { return nil }
        let execution = ExecutionID(uuid())
        let attempt = Int(integer(UInt32.self))
        let startedAt = Timestamp(microseconds: integer())
        guard !overran else { return nil }
        return Start(header: header, run: run, attempt: attempt, execution: execution, startedAt: startedAt)
    }

    fileprivate mutating func execution(_ header: RecordHeader) -> Execution? {
        guard let run = run() else { return nil }
        let id = ExecutionID(uuid())
        let attempt = Int(integer(UInt32.self))
        let maxAttempts = Int(integer(UInt32.self))
        let startedAt = Timestamp(microseconds: integer())
        let finishedAt = Timestamp(microseconds: integer())
        let duration = TimeSpan(microseconds: integer())
        let byteCount: UInt64 = integer()
        let present = ExecutionFields(rawValue: integer())
        let next = present.contains(.nextAttemptAt) ? Timestamp(microseconds: integer()) : nil
        let failure = present.contains(.failure) ? failure(present.contains(.requestMayHaveLeft)) : nil
        let status = present.contains(.httpStatus) ? Int(integer(Int32.self)) : nil
        let body = present.contains(.body) ? Array(slice(Int(integer(UInt32.self)))) : nil
        let timings = PhaseTimings(
            dns: span(present.contains(.dns)), connect: span(present.contains(.connect)),
            tls: span(present.contains(.tls)), firstByte: span(present.contains(.firstByte)),
            total: span(present.contains(.total)))
        let response = Response(
            failure: failure, httpStatus: status, body: body, bodyTruncated: present.contains(.bodyTruncated),
            byteCount: byteCount, timings: timings, remoteAddress: string(), httpVersion: string())
        guard !overran else { return nil }
        return Execution(
            header: header, run: run, id: id, attempt: attempt, maxAttempts: maxAttempts, startedAt: startedAt,
            finishedAt: finishedAt, duration: duration, nextAttemptAt: next, response: response)
    }

    fileprivate mutating func note(_ header: RecordHeader) -> Note? {
        let reason = NoteReason(rawValue: integer())
        let hasRun = integer(UInt8.self) != 0
        let count: UInt64 = integer()
        let first = Timestamp(microseconds: integer())
        let last = Timestamp(microseconds: integer())
        let run = hasRun ? RunID(uuid()) : nil
        let detail = string()
        guard !overran, let reason else { return nil }
        return Note(
            header: header, reason: reason, count: count, first: first, last: last, run: run, detail: detail)
    }

    fileprivate mutating func state(_ header: RecordHeader) -> StateChange? {
        let kind: StateChange.Kind
        switch integer(UInt8.self) {
        case 1: kind = .accountingBegan
        case 2: kind = .absent
        case 3: kind = .clockCorrected
        case 4:
            guard let run = run() else { return nil }
            let attempt = Int(integer(UInt32.self))
            kind = .pending(PendingRun(run: run, attempt: attempt, dueAt: Timestamp(microseconds: integer())))
        case 5:
            let since = Timestamp(microseconds: integer())
            let until = integer(UInt8.self) != 0 ? Timestamp(microseconds: integer()) : nil
            let reason = string()
            kind = .paused(Pause(since: since, until: until, reason: reason, by: string()))
        case 6: kind = .resumed(by: string())
        default: return nil
        }
        return overran ? nil : StateChange(header: header, kind: kind)
    }

    private mutating func run() -> Run? {
        let id = RunID(uuid())
        let scheduledAt = Timestamp(microseconds: integer())
        let trigger = Trigger(rawValue: integer())
        var cause: Cause?
        if integer(UInt8.self) != 0 {
            let execution = ExecutionID(uuid())
            cause = Cause(job: JobID(string()), execution: execution)
        }
        guard !overran, let trigger else { return nil }
        return Run(id: id, trigger: trigger, scheduledAt: scheduledAt, cause: cause)
    }

    private mutating func failure(_ requestMayHaveLeft: Bool) -> Failure {
        Failure(code: string(), error: string(), detail: string(), requestMayHaveLeft: requestMayHaveLeft)
    }

    private mutating func span(_ isPresent: Bool) -> TimeSpan? {
        isPresent ? TimeSpan(microseconds: integer()) : nil
    }

    private mutating func string() -> String {
        let length = Int(integer(UInt16.self))
        return String(decoding: slice(length), as: UTF8.self)
    }
}
