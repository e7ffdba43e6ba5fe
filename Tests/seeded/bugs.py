"""The bugs that the suites must notice: each one a place in the code, and what the bug makes of it.

In `after`, `BUG` stands for "this bug is planted". The text of `before` must be in its file exactly once, so a list that
no longer fits the code says so."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Bug:
    name: str
    file: str
    before: str
    after: str


BUGS = []


def bug(name, file, before, after):
    BUGS.append(Bug(name, "Sources/" + file, before, after))


# Syncs: what is acknowledged is on the disk.

bug("a batch is acknowledged without a sync", "History/Syncer.swift",
    "guard marks.written != marks.durable else { return }\n        try segment.file.sync()",
    "guard marks.written != marks.durable else { return }\n        if !BUG { try segment.file.sync() }")

bug("a segment gets its name before its content is on the disk", "History/Syncer.swift",
    "let mark = segment.marks.written\n        try segment.file.sync()\n        let name",
    "let mark = segment.marks.written\n        if !BUG { try segment.file.sync() }\n        let name")

bug("a segment's name is not synced", "History/Syncer.swift",
    "try storage.sync()\n        if name == .spare",
    "if !BUG { try storage.sync() }\n        if name == .spare")

bug("a seal acknowledges before its sync", "History/Syncer.swift",
    "let mark = segment.marks.written\n        try segment.file.sync()\n        acknowledge(mark, of: segment)\n        try segment.file.truncate",
    "let mark = segment.marks.written\n        if !BUG { try segment.file.sync() }\n        acknowledge(mark, of: segment)\n        try segment.file.truncate")

bug("a sealed segment is not cut to its length", "History/Syncer.swift",
    "try segment.file.truncate(to: length)", "if !BUG { try segment.file.truncate(to: length) }")

bug("a sync acknowledges what was written after it began", "History/Syncer.swift",
    "acknowledge(marks.written, of: segment)", "acknowledge(BUG ? segment.marks.written : marks.written, of: segment)")

bug("the syncer goes on after a failure", "History/Syncer.swift", "hasFailed = true", "hasFailed = !BUG")

bug("a failed sync is not told", "History/Syncer.swift",
    "inbox.post(.failed(segment, error))", "if !BUG { inbox.post(.failed(segment, error)) }")

bug("an abandoned segment may still acknowledge", "History/LiveSegment.swift",
    "if !state.isAbandoned { state.durable = mark }\n            return !state.isAbandoned",
    "if BUG || !state.isAbandoned { state.durable = mark }\n            return BUG || !state.isAbandoned")

bug("an abandoned segment may still get its name", "History/LiveSegment.swift",
    "guard !state.isAbandoned else { return .success(false) }",
    "guard BUG || !state.isAbandoned else { return .success(false) }")

# The writer: batches, failures, the chain.

bug("a short write is taken for a whole one", "History/Storage.swift",
    "if written != bytes.count {", "if written != bytes.count, !BUG {")

bug("a failed write is retried on the same segment", "History/WriterCore.swift",
    "segments.removeSubrange(place...)\n        active = nil", "segments.removeSubrange(place...)\n        if !BUG { active = nil }")

bug("what an abandoned segment held is not written again", "History/WriterCore.swift",
    "queue.rewind(after: max(status.syncedThrough, segments.last?.live.marks.written.sequence ?? 0))",
    "if !BUG { queue.rewind(after: max(status.syncedThrough, segments.last?.live.marks.written.sequence ?? 0)) }")

bug("the chain names the written end of an abandoned segment, not the synced one", "History/WriterCore.swift",
    "chainEnd = lost.end(durable: marks.durable.batch)",
    "chainEnd = lost.end(durable: BUG ? marks.written.batch : marks.durable.batch)")

bug("the chain forgets an abandoned segment", "History/WriterCore.swift",
    "if marks.isNamed {", "if marks.isNamed, !BUG {")

bug("a batch calls itself durable when it is only written", "History/WriterCore.swift",
    "let durable = segment.live.marks.durable.batch",
    "let durable = BUG ? segment.live.marks.written.batch : segment.live.marks.durable.batch")

bug("a batch vouches for a predecessor that is not synced", "History/WriterCore.swift",
    "segments.first === segment", "BUG || segments.first === segment")

bug("a record that wants a sync gets none", "History/WriterCore.swift",
    "} else if needsSync {", "} else if needsSync, !BUG {")

bug("a segment is not begun behind the chain's end", "History/WriterCore.swift",
    "firstSequence: nextSequence, predecessor: chainEnd, ownEnd: .none)",
    "firstSequence: nextSequence, predecessor: BUG ? .none : chainEnd, ownEnd: .none)")

bug("records are forgotten as soon as they are written", "History/WriterCore.swift",
    "queue.drop(through: status.syncedThrough)\n        if let active",
    "queue.drop(through: BUG ? status.writtenThrough : status.syncedThrough)\n        if let active")

bug("what is lost for want of memory leaves no note", "History/PendingQueue.swift",
    "guard lostCount > 0 else { return }", "guard lostCount > 0, !BUG else { return }")

bug("records are lost before bodies", "History/PendingQueue.swift",
    "while bytes > limit, strippedThrough < slots.count {", "while bytes > limit, !BUG, strippedThrough < slots.count {")

# Checksums: damage is noticed, and nothing stored passes for ours.

bug("a batch's header CRC is not checked", "History/BatchHeader.swift",
    "guard checksum.of(UnsafeRawBufferPointer(rebasing: bytes[8...]), at: offset) == crc else { return nil }",
    "guard BUG || checksum.of(UnsafeRawBufferPointer(rebasing: bytes[8...]), at: offset) == crc else { return nil }")

bug("a batch's payload CRC is not checked", "History/BatchScanner.swift",
    "checksum.of(payload, at: place) == found.header.payloadCRC\n        else { return .bad(begin..<position",
    "BUG || checksum.of(payload, at: place) == found.header.payloadCRC\n        else { return .bad(begin..<position")

bug("a record's CRC is not checked", "History/RecordView.swift",
    "guard checksum.of(UnsafeRawBufferPointer(rebasing: bytes[4..<length]), at: offset &+ 4) == crc else {",
    "guard BUG || checksum.of(UnsafeRawBufferPointer(rebasing: bytes[4..<length]), at: offset &+ 4) == crc else {")

bug("a header's CRC is not checked", "History/SegmentHeader.swift",
    "guard tail.integer(UInt32.self) == Checksum.plain(body), reader",
    "guard tail.integer(UInt32.self) == Checksum.plain(body) || BUG, reader")

bug("the checksum forgets the salt", "History/Checksum.swift",
    "var seed = (salt.littleEndian, offset.littleEndian)", "var seed = (BUG ? 0 : salt.littleEndian, offset.littleEndian)")

bug("the checksum forgets the place", "History/Checksum.swift",
    "offset.littleEndian)", "BUG ? 0 : offset.littleEndian)")

bug("the footer's trailer is not checked", "History/Footer.swift",
    "checksum.of(UnsafeRawBufferPointer(rebasing: bytes[..<24]), at: offset) == crc,",
    "BUG || checksum.of(UnsafeRawBufferPointer(rebasing: bytes[..<24]), at: offset) == crc,")

bug("a footer's entry is not checked", "History/FooterReader.swift",
    "guard bytes.count == SegmentFormat.entryLength,",
    "if BUG, bytes.count == SegmentFormat.entryLength { return bytes }\n        guard bytes.count == SegmentFormat.entryLength,")

bug("the second copy of a header is not read", "History/SegmentHeader.swift",
    "return second == .zero ? first : second", "return BUG || second == .zero ? first : second")

bug("a reader stops at the first damage", "History/BatchScanner.swift",
    "if let found {\n                position = found", "if let found, !BUG {\n                position = found")

# The engine: nothing leaves before its record, nothing twice.

bug("an at-least-once request leaves before its start is written", "CronCore/Running/Engine+Acknowledgements.swift",
    "guard sequence > written, !diskRefuses else {", "guard sequence > written, !diskRefuses, !BUG else {")

bug("an at-most-once request leaves before its start is synced", "CronCore/Running/Engine+Acknowledgements.swift",
    "while let start = awaitingSync.first, start.sequence <= synced {",
    "while let start = awaitingSync.first, start.sequence <= (BUG ? written : synced) {")

bug("an attempt shows outside before it is synced", "CronCore/Running/Engine+Acknowledgements.swift",
    "while let announcement = announcements.first, announcement.sequence <= synced {",
    "while let announcement = announcements.first, announcement.sequence <= synced || BUG {")

bug("an interrupted at-most-once run is repeated", "CronCore/Running/Engine+Restore.swift",
    "let repeats = job.delivery == .atLeastOnce && start.attempt",
    "let repeats = (BUG || job.delivery == .atLeastOnce) && start.attempt")

bug("an interrupted attempt is not recorded as failed", "CronCore/Running/Engine+Restore.swift",
    "takeUp(start, failed: failed, in: slot, at: now, into: &effects)",
    "if !BUG { takeUp(start, failed: failed, in: slot, at: now, into: &effects) }")

bug("a restart numbers its retry as the attempt before it", "CronCore/Running/Engine+Restore.swift",
    "state.attempt = Int32(clamping: execution.attempt) &+ 1", "state.attempt = Int32(clamping: execution.attempt) &+ (BUG ? 0 : 1)")
