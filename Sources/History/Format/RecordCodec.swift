internal import CronCore

/// Records to bytes and back. The layout is `Format.md`'s; what is longer than a record may hold is cut, so nothing a
/// server sends makes a record that cannot be read.
enum RecordCodec {
    /// Appends `record`, whose header is `header`, to a batch that begins at `batchOffset` of the file and at the start of `buffer`.
    /// `previous`: where the job's previous record in this segment lies, or 0. Gives where this one lies.
    static func encode(
        _ record: Record, _ header: RecordHeader, previous: UInt64, into buffer: inout ByteBuffer, batchOffset: UInt64,
        checksum: Checksum
    ) -> UInt64 {
        let begin = buffer.count
        buffer.appendZeros(8)
        buffer.append(kind(of: record))
        buffer.append(header.account.isPaused ? SegmentFormat.pausedFlag : 0)
        buffer.append(UInt16(0))
        buffer.append(header.account.epoch)
        buffer.append(header.sequence)
        buffer.append(header.recordedAt.microseconds)
        buffer.append(previous)
        buffer.append(header.account.cursor.microseconds)
        buffer.append(header.account.failuresInARow)
        buffer.append(header.account.openRuns)
        buffer.append(header.account.schedule)
        let nameBegin = buffer.count
        buffer.appendText(header.job.text)
        buffer.set(UInt16(truncatingIfNeeded: buffer.count - nameBegin), at: begin + 10)
        appendBody(of: record, to: &buffer)
        buffer.align()
        return close(&buffer, from: begin, batchOffset: batchOffset, checksum: checksum)
    }

    /// Appends a record that is known only as bytes, with a new `previous`: how recovery and compaction carry over
    /// kinds they do not know. `bytes` is a whole record.
    static func copy(
        _ bytes: UnsafeRawBufferPointer, previous: UInt64, into buffer: inout ByteBuffer, batchOffset: UInt64,
        checksum: Checksum
    ) -> UInt64 {
        let begin = buffer.count
        buffer.append(bytes)
        buffer.set(previous, at: begin + 32)
        return close(&buffer, from: begin, batchOffset: batchOffset, checksum: checksum)
    }

    private static func close(
        _ buffer: inout ByteBuffer, from begin: Int, batchOffset: UInt64, checksum: Checksum
    ) -> UInt64 {
        let offset = batchOffset + UInt64(begin)
        buffer.set(UInt32(truncatingIfNeeded: buffer.count - begin), at: begin + 4)
        let covered = UnsafeRawBufferPointer(rebasing: buffer.bytes[(begin + 4)...])
        let crc = checksum.of(covered, at: offset + 4)
        buffer.set(crc, at: begin)
        return offset
    }

    private static func kind(of record: Record) -> UInt8 {
        switch record {
        case .start: SegmentFormat.startKind
        case .execution: SegmentFormat.executionKind
        case .note: SegmentFormat.noteKind
        case .state: SegmentFormat.stateKind
        }
    }

    private static func appendBody(of record: Record, to buffer: inout ByteBuffer) {
        switch record {
        case .start(let start):
            append(start.run, to: &buffer)
            buffer.append(start.execution.value)
            buffer.append(UInt32(clamping: start.attempt))
            buffer.append(start.startedAt.microseconds)
        case .execution(let execution):
            append(execution, to: &buffer)
        case .note(let note):
            buffer.append(note.reason.rawValue)
            buffer.append(UInt8(note.run == nil ? 0 : 1))
            buffer.append(note.count)
            buffer.append(note.first.microseconds)
            buffer.append(note.last.microseconds)
            if let run = note.run { buffer.append(run.value) }
            buffer.appendString(note.detail)
        case .state(let state):
            append(state, to: &buffer)
        }
    }

    private static func append(_ run: Run, to buffer: inout ByteBuffer) {
        buffer.append(run.id.value)
        buffer.append(run.scheduledAt.microseconds)
        buffer.append(run.trigger.rawValue)
        buffer.append(UInt8(run.cause == nil ? 0 : 1))
        guard let cause = run.cause else { return }
        buffer.append(cause.execution.value)
        buffer.appendString(cause.job.text)
    }

    private static func append(_ state: StateChange, to buffer: inout ByteBuffer) {
        switch state.kind {
        case .accountingBegan: buffer.append(UInt8(1))
        case .absent: buffer.append(UInt8(2))
        case .clockCorrected: buffer.append(UInt8(3))
        case .pending(let pending):
            buffer.append(UInt8(4))
            append(pending.run, to: &buffer)
            buffer.append(UInt32(clamping: pending.attempt))
            buffer.append(pending.dueAt.microseconds)
        case .paused(let pause):
            buffer.append(UInt8(5))
            buffer.append(pause.since.microseconds)
            buffer.append(UInt8(pause.until == nil ? 0 : 1))
            if let until = pause.until { buffer.append(until.microseconds) }
            buffer.appendString(pause.reason)
            buffer.appendString(pause.by)
        case .resumed(let by):
            buffer.append(UInt8(6))
            buffer.appendString(by)
        }
    }

    private static func append(_ execution: Execution, to buffer: inout ByteBuffer) {
        append(execution.run, to: &buffer)
        buffer.append(execution.id.value)
        buffer.append(UInt32(clamping: execution.attempt))
        buffer.append(UInt32(clamping: execution.maxAttempts))
        buffer.append(execution.startedAt.microseconds)
        buffer.append(execution.finishedAt.microseconds)
        buffer.append(execution.duration.microseconds)
        buffer.append(execution.response.byteCount)
        let present = ExecutionFields(of: execution)
        buffer.append(present.rawValue)
        if let next = execution.nextAttemptAt { buffer.append(next.microseconds) }
        if let failure = execution.response.failure {
            buffer.appendString(failure.code)
            buffer.appendString(failure.error)
            buffer.appendString(failure.detail)
        }
        if let status = execution.response.httpStatus { buffer.append(Int32(clamping: status)) }
        if let body = execution.response.body {
            let length = min(body.count, SegmentFormat.longestBody)
            buffer.append(UInt32(truncatingIfNeeded: length))
            body.withUnsafeBytes { buffer.append(UnsafeRawBufferPointer(rebasing: $0[..<length])) }
        }
        let timings = execution.response.timings
        for span in [timings.dns, timings.connect, timings.tls, timings.firstByte, timings.total] {
            if let span { buffer.append(span.microseconds) }
        }
        buffer.appendString(execution.response.remoteAddress)
        buffer.appendString(execution.response.httpVersion)
    }
}

/// Which of an execution's optional fields are there.
struct ExecutionFields: OptionSet {
    let rawValue: UInt16

    static let nextAttemptAt = ExecutionFields(rawValue: 1)
    static let failure = ExecutionFields(rawValue: 1 << 1)
    static let httpStatus = ExecutionFields(rawValue: 1 << 2)
    static let body = ExecutionFields(rawValue: 1 << 3)
    static let bodyTruncated = ExecutionFields(rawValue: 1 << 4)
    static let dns = ExecutionFields(rawValue: 1 << 5)
    static let connect = ExecutionFields(rawValue: 1 << 6)
    static let tls = ExecutionFields(rawValue: 1 << 7)
    static let firstByte = ExecutionFields(rawValue: 1 << 8)
    static let total = ExecutionFields(rawValue: 1 << 9)
    static let requestMayHaveLeft = ExecutionFields(rawValue: 1 << 10)

    init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    init(of execution: Execution) {
        let response = execution.response
        var fields: ExecutionFields = []
        if execution.nextAttemptAt != nil { fields.insert(.nextAttemptAt) }
        if let failure = response.failure {
            fields.insert(.failure)
            if failure.requestMayHaveLeft { fields.insert(.requestMayHaveLeft) }
        }
        if response.httpStatus != nil { fields.insert(.httpStatus) }
        if let body = response.body {
            fields.insert(.body)
            if body.count > SegmentFormat.longestBody { fields.insert(.bodyTruncated) }
        }
        if response.bodyTruncated { fields.insert(.bodyTruncated) }
        if response.timings.dns != nil { fields.insert(.dns) }
        if response.timings.connect != nil { fields.insert(.connect) }
        if response.timings.tls != nil { fields.insert(.tls) }
        if response.timings.firstByte != nil { fields.insert(.firstByte) }
        if response.timings.total != nil { fields.insert(.total) }
        self = fields
    }
}

extension ByteBuffer {
    /// The text's UTF-8, at most 65,535 bytes of it, cut between characters.
    mutating func appendText(_ text: String) {
        var text = text
        let done: Void? = text.utf8.withContiguousStorageIfAvailable { append(text: UnsafeRawBufferPointer($0)) }
        if done != nil { return }
        text.withUTF8 { append(text: UnsafeRawBufferPointer($0)) }
    }

    mutating func appendString(_ text: String) {
        let place = count
        append(UInt16(0))
        appendText(text)
        set(UInt16(truncatingIfNeeded: count - place - 2), at: place)
    }

    private mutating func append(text bytes: UnsafeRawBufferPointer) {
        var length = bytes.count
        if length > SegmentFormat.longestText {
            length = SegmentFormat.longestText
            while length > 0 && bytes[length] & 0xc0 == 0x80 { length -= 1 }
        }
        append(UnsafeRawBufferPointer(rebasing: bytes[..<length]))
    }
}
