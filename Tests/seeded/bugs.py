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

bug("a batch is acknowledged without a sync", "History/Writing/Syncer.swift",
    "guard marks.written != marks.durable else { return }\n        try segment.file.sync()",
    "guard marks.written != marks.durable else { return }\n        if !BUG { try segment.file.sync() }")

bug("a segment gets its name before its content is on the disk", "History/Writing/Syncer.swift",
    "let mark = segment.marks.written\n        try segment.file.sync()\n        let name",
    "let mark = segment.marks.written\n        if !BUG { try segment.file.sync() }\n        let name")

bug("a segment's name is not synced", "History/Writing/Syncer.swift",
    "try storage.sync()\n        guard segment.activated()",
    "if !BUG { try storage.sync() }\n        guard segment.activated()")

bug("a seal acknowledges before its sync", "History/Writing/Syncer.swift",
    "let mark = segment.marks.written\n        try segment.file.sync()\n        acknowledge(mark, of: segment)\n        try segment.file.writeAll",
    "let mark = segment.marks.written\n        if !BUG { try segment.file.sync() }\n        acknowledge(mark, of: segment)\n        try segment.file.writeAll")

bug("a sync acknowledges what was written after it began", "History/Writing/Syncer.swift",
    "acknowledge(marks.written, of: segment)", "acknowledge(BUG ? segment.marks.written : marks.written, of: segment)")

bug("a failed sync is not told", "History/Writing/Syncer.swift",
    "inbox.post(.failed(segment, error))", "if !BUG { inbox.post(.failed(segment, error)) }")

# The writer: batches, failures, the chain.

bug("a short write is taken for a whole one", "History/Storage/Storage.swift",
    "if written != bytes.count {", "if written != bytes.count, !BUG {")

bug("a failed write is retried on the same segment", "History/Writing/WriterCore.swift",
    "segments.removeSubrange(place...)\n        active = nil", "segments.removeSubrange(place...)\n        if !BUG { active = nil }")

bug("what an abandoned segment held is not written again", "History/Writing/WriterCore.swift",
    "queue.rewind(after: max(status.syncedThrough, segments.last?.live.marks.written.sequence ?? 0))",
    "if !BUG { queue.rewind(after: max(status.syncedThrough, segments.last?.live.marks.written.sequence ?? 0)) }")

bug("the chain names the written end of an abandoned segment, not the synced one", "History/Writing/WriterCore.swift",
    "chainEnd = lost.end(durable: marks.durable.batch)",
    "chainEnd = lost.end(durable: BUG ? marks.written.batch : marks.durable.batch)")

bug("an abandoned segment is removed with what it holds", "History/Writing/WriterCore.swift",
    "if !marks.isActivated, discard(", "if BUG || !marks.isActivated, discard(")

bug("a record that wants a sync gets none", "History/Writing/WriterCore.swift",
    "} else if needsSync {", "} else if needsSync, !BUG {")

bug("a segment is not begun behind the chain's end", "History/Writing/WriterCore.swift",
    "firstSequence: nextSequence, predecessor: chainEnd, ownEnd: .none)",
    "firstSequence: nextSequence, predecessor: BUG ? .none : chainEnd, ownEnd: .none)")

bug("records are forgotten as soon as they are written", "History/Writing/WriterCore.swift",
    "queue.drop(through: status.syncedThrough)\n        guard status",
    "queue.drop(through: BUG ? status.writtenThrough : status.syncedThrough)\n        guard status")

# Checksums: damage is noticed, and nothing stored passes for ours.

bug("a batch's header CRC is not checked", "History/Format/BatchHeader.swift",
    "guard checksum.of(UnsafeRawBufferPointer(rebasing: bytes[8...]), at: offset) == crc else { return nil }",
    "guard BUG || checksum.of(UnsafeRawBufferPointer(rebasing: bytes[8...]), at: offset) == crc else { return nil }")

bug("a batch's payload CRC is not checked", "History/Reading/BatchScanner.swift",
    "checksum.of(payload, at: place) == found.header.payloadCRC\n        else { return .bad(begin..<position",
    "BUG || checksum.of(payload, at: place) == found.header.payloadCRC\n        else { return .bad(begin..<position")

bug("a record's CRC is not checked", "History/Format/RecordView.swift",
    "guard checksum.of(UnsafeRawBufferPointer(rebasing: bytes[4..<length]), at: offset &+ 4) == crc else {",
    "guard BUG || checksum.of(UnsafeRawBufferPointer(rebasing: bytes[4..<length]), at: offset &+ 4) == crc else {")

bug("a footer's entry is not checked", "History/Format/FooterReader.swift",
    "guard bytes.count == SegmentFormat.entryLength,",
    "if BUG, bytes.count == SegmentFormat.entryLength { return bytes }\n        guard bytes.count == SegmentFormat.entryLength,")

bug("a reader stops at the first damage", "History/Reading/BatchScanner.swift",
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

bug("a restart numbers its retry as the attempt before it", "CronCore/Running/Engine+Restore.swift",
    "state.attempt = Int32(clamping: execution.attempt) &+ 1", "state.attempt = Int32(clamping: execution.attempt) &+ (BUG ? 0 : 1)")

# Recovery: what is good is carried over before anything is removed, and nothing is touched that is not understood.

bug("recovery does not sync its copy", "History/Recovery/SegmentCopy.swift",
    "predecessorIsSynced: true), to: file)\n        try file.sync()",
    "predecessorIsSynced: true), to: file)\n        if !BUG { try file.sync() }")

bug("recovery does not sync the name of its copy", "History/Recovery/SegmentCopy.swift",
    "try storage.rename(temporary, to: target.text)\n        try storage.sync()",
    "try storage.rename(temporary, to: target.text)\n        if !BUG { try storage.sync() }")

bug("recovery removes the original before its copy has its name", "History/Recovery/DirectoryRecovery.swift",
    "try copy.commit()\n            try copy.dropOriginal()",
    "if BUG { try copy.dropOriginal() }\n            try copy.commit()\n            if !BUG { try copy.dropOriginal() }")

bug("recovery goes on with an unsealed segment as it is", "History/Recovery/Recovery.swift",
    "case (_, .good, _): file.tail == .zeros ? .copy : .copyAndSetAside", "case (_, .good, _): BUG ? .keep : file.tail == .zeros ? .copy : .copyAndSetAside")

bug("recovery forgets the segment on its way", "History/Recovery/DirectoryRecovery.swift",
    "facts.isNext = candidate.header.lo == (all.last?.header.hi ?? 0) + 1",
    "facts.isNext = !BUG && candidate.header.lo == (all.last?.header.hi ?? 0) + 1")

bug("a history's first segment is not synced", "History/HistoryStore.swift",
    "predecessorIsSynced: true), at: place, path: path)\n        try file.sync()",
    "predecessorIsSynced: true), at: place, path: path)\n        if !BUG { try file.sync() }")

# Covers and the chain: each record once, and a missing one is missed.

bug("a cover supersedes nothing", "History/Reading/CoversRule.swift",
    "if let furthest, furthest.includes(claims[place]) {", "if !BUG, let furthest, furthest.includes(claims[place]) {")

bug("what lies behind the end in the next header is read", "History/Reading/SegmentFile.swift",
    "if let end = Self.end(of: header, by: next), end.length < size {",
    "if !BUG, let end = Self.end(of: header, by: next), end.length < size {")

bug("a restart gives a seq again", "History/Recovery/HistoryRestore.swift",
    "restored.nextSequence, summary.lastSequence &+ 1,", "restored.nextSequence, summary.lastSequence &+ (BUG ? 0 : 1),")

# Compaction: the old history or the new one, and in it what the rules keep.

bug("a cover gets its name before it is on the disk", "History/Compaction/CoverWriter.swift",
    "note(batchAt: offset)\n        try put(bytes)\n        try sync()",
    "note(batchAt: offset)\n        try put(bytes)\n        if !BUG { try sync() }")

bug("a compaction removes its inputs before the commit", "History/Compaction/CompactionAttempt.swift",
    "let kept = try setAside()\n", "let kept = try setAside()\n                if BUG { _ = dropInputs(of: cover.target) }\n")

bug("a segment counts as final before it is sealed", "History/Writing/WriterCore.swift",
    "chainEnd = builder.segmentEnd\n        active = nil", "chainEnd = builder.segmentEnd\n        if BUG { status.sealed(through: segment.live.id) }\n        active = nil")

bug("a cover forgets where the chain goes on", "History/Compaction/CompactionAttempt.swift",
    "first.predecessor, ownEnd: plan.end,", "first.predecessor, ownEnd: BUG ? .empty(plan.hi) : plan.end,")

bug("a compaction keeps one execution less", "CronCore/Record/RetentionSelector.swift",
    "if executions <= retention.keep || isYoung(record) { return .keepIfRoom }",
    "if executions <= retention.keep - (BUG ? 1 : 0) || isYoung(record) { return .keepIfRoom }")

bug("a compaction forgets the newest record", "CronCore/Record/RetentionSelector.swift",
    "let isPinned = isNeededForOpenRuns(record) || isFirst", "let isPinned = isNeededForOpenRuns(record) || (isFirst && !BUG)")

bug("a compaction forgets what leaves a run open", "CronCore/Record/RetentionSelector.swift",
    "return searchesRuns && settlesRun(record)", "return searchesRuns && settlesRun(record) && !BUG")

bug("a compaction drops the newest failures", "CronCore/Record/RetentionSelector.swift",
    "guard record.hasFailed, failures < retention.keepFailures else {", "guard record.hasFailed, !BUG, failures < retention.keepFailures else {")
