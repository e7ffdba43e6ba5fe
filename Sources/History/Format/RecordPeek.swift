internal import CronCore

/// What compaction and the index ask of a record, read off its bytes: no text and no body is made. It takes exactly the
/// records that ``RecordView/record()`` does; any other counts as of unknown kind.
extension RecordView {
    var traits: RecordTraits {
        var reader = ByteReader(body)
        let traits: RecordTraits? =
            switch kind {
            case SegmentFormat.startKind: reader.start(self)
            case SegmentFormat.executionKind: reader.execution(self)
            case SegmentFormat.noteKind: reader.note(self)
            case SegmentFormat.stateKind: reader.state(self)
            default: nil
            }
        return traits ?? RecordTraits(kind: .unknown, sequence: sequence, at: recordedAt)
    }
}

extension ByteReader {
    fileprivate mutating func start(_ view: RecordView) -> RecordTraits? {
        guard let run = skipRun() else { return nil }
        let id = ExecutionID(uuid())
        let attempt = Int(integer(UInt32.self))
        var traits = RecordTraits(
            kind: .start, sequence: view.sequence, at: Timestamp(microseconds: integer()), run: run)
        traits.execution = id
        traits.attempt = attempt
        return overran ? nil : traits
    }

    fileprivate mutating func execution(_ view: RecordView) -> RecordTraits? {
        guard let run = skipRun() else { return nil }
        let id = ExecutionID(uuid())
        let attempt = Int(integer(UInt32.self))
        skip(4 + 8)
        let finishedAt = Timestamp(microseconds: integer())
        skip(8 + 8)
        let present = ExecutionFields(rawValue: integer())
        if present.contains(.nextAttemptAt) { skip(8) }
        if present.contains(.failure) { for _ in 0..<3 { skipString() } }
        if present.contains(.httpStatus) { skip(4) }
        if present.contains(.body) { skip(Int(integer(UInt32.self))) }
        skip(8 * (present.rawValue & ExecutionFields.timings.rawValue).nonzeroBitCount)
        skipString()
        skipString()
        guard !overran else { return nil }
        var traits = RecordTraits(kind: .execution, sequence: view.sequence, at: finishedAt, run: run)
        traits.execution = id
        traits.attempt = attempt
        traits.hasFailed = present.contains(.failure)
        traits.awaitsRetry = present.contains(.nextAttemptAt)
        return traits
    }

    fileprivate mutating func note(_ view: RecordView) -> RecordTraits? {
        let reason = NoteReason(rawValue: integer())
        let hasRun = integer(UInt8.self) != 0
        skip(8 + 8 + 8)
        let run = hasRun ? RunID(uuid()) : nil
        skipString()
        guard !overran, reason != nil else { return nil }
        return RecordTraits(kind: .note, sequence: view.sequence, at: view.recordedAt, run: run)
    }

    fileprivate mutating func state(_ view: RecordView) -> RecordTraits? {
        let kind = integer(UInt8.self)
        var traits = RecordTraits(kind: .state(kind), sequence: view.sequence, at: view.recordedAt)
        switch kind {
        case 1, 2, 3: break
        case 4:
            traits.kind = .pending
            traits.run = skipRun()
            guard traits.run != nil else { return nil }
            skip(4 + 8)
        case 5:
            skip(8)
            if integer(UInt8.self) != 0 { skip(8) }
            skipString()
            skipString()
        case 6: skipString()
        default: return nil
        }
        return overran ? nil : traits
    }

    /// Reads past a run; nil: it is none.
    private mutating func skipRun() -> RunID? {
        let id = RunID(uuid())
        skip(8)
        let trigger = Trigger(rawValue: integer())
        if integer(UInt8.self) != 0 {
            skip(16)
            skipString()
        }
        return overran || trigger == nil ? nil : id
    }

    private mutating func skipString() {
        skip(Int(integer(UInt16.self)))
    }
}

extension ExecutionFields {
    static let timings: ExecutionFields = [.dns, .connect, .tls, .firstByte, .total]
}
