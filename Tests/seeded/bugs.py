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
    "queue.drop(through: status.syncedThrough)\n        if let active",
    "queue.drop(through: BUG ? status.writtenThrough : status.syncedThrough)\n        if let active")

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

# More of the writer: what a seal, a batch and a given-up file say.

bug("a seal's footer is not synced before the truncation", "History/Writing/Syncer.swift",
    "at: offset, path: \"\\(storage.path)/\\(SegmentName.raw(segment.id).text)\")\n        try segment.file.sync()",
    "at: offset, path: \"\\(storage.path)/\\(SegmentName.raw(segment.id).text)\")\n        if !BUG { try segment.file.sync() }")

bug("a seal does not truncate", "History/Writing/Syncer.swift",
    "try segment.file.truncate(to: offset + UInt64(footer.count))",
    "if !BUG { try segment.file.truncate(to: offset + UInt64(footer.count)) }")

bug("a seal's truncation is not synced", "History/Writing/Syncer.swift",
    "try segment.file.sync()\n        inbox.post(.sealed(segment))",
    "if !BUG { try segment.file.sync() }\n        inbox.post(.sealed(segment))")

bug("the syncer goes on after a failure", "History/Writing/Syncer.swift",
    "guard !hasFailed, !segment.marks.isAbandoned else { return }",
    "guard BUG || (!hasFailed && !segment.marks.isAbandoned) else { return }")

bug("a batch calls itself durable", "History/Writing/WriterCore.swift",
    "let durable = segment.live.marks.durable.batch\n",
    "let durable = segment.live.marks.durable.batch &+ (BUG ? 1 : 0)\n")

bug("a batch vouches for its predecessor too early", "History/Writing/WriterCore.swift",
    "durable: durable, at: settings.now(), predecessorIsSynced: isFirst(segment))",
    "durable: durable, at: settings.now(), predecessorIsSynced: isFirst(segment) || BUG)")

bug("a given-up file that could not be removed is forgotten", "History/Writing/WriterCore.swift",
    "leftovers.append(name)", "if !BUG { leftovers.append(name) }")

bug("a rename that failed is taken not to have happened", "History/Writing/LiveSegment.swift",
    "state.isNamed = hasName()", "state.isNamed = hasName() && !BUG")

bug("records are lost before bodies", "History/Writing/PendingQueue.swift",
    "while bytes > limit, strippedThrough < slots.count {", "while bytes > limit, strippedThrough < slots.count, !BUG {")

bug("a note of what was lost counts one", "History/Writing/PendingQueue.swift",
    "note.count &+= older.count", "note.count &+= BUG ? 0 : older.count")

bug("what is held while the disk refuses is not bounded", "History/Writing/PendingQueue.swift",
    "guard bytes > limit else { return }\n        strippedThrough", "guard bytes > limit, !BUG else { return }\n        strippedThrough")

# More of what makes damage noticed.

bug("a header's CRC is not checked", "History/Format/SegmentHeader.swift",
    "guard tail.integer(UInt32.self) == Checksum.plain(body),", "guard tail.integer(UInt32.self) == Checksum.plain(body) || BUG,")

bug("the second copy of a header is not read", "History/Format/SegmentHeader.swift",
    "let second = try copy(of: file, at: SegmentFormat.secondHeaderOffset)",
    "let second = try copy(of: file, at: BUG ? 0 : SegmentFormat.secondHeaderOffset)")

bug("a header of another segment is believed", "History/Format/SegmentHeader.swift",
    "return fits ? self : .misnamed(header)", "return fits || BUG ? self : .misnamed(header)")

bug("a trailer's CRC is not checked", "History/Format/Footer.swift",
    "checksum.of(UnsafeRawBufferPointer(rebasing: bytes[..<24]), at: offset) == crc,",
    "BUG || checksum.of(UnsafeRawBufferPointer(rebasing: bytes[..<24]), at: offset) == crc,")

bug("a checksum does not depend on the segment", "History/Format/Checksum.swift",
    "var seed = (salt.littleEndian,", "var seed = ((BUG ? 0 : salt).littleEndian,")

bug("a checksum does not depend on the place", "History/Format/Checksum.swift",
    "offset.littleEndian)", "(BUG ? 0 : offset).littleEndian)")

bug("a job's name in a footer is not checked", "History/Format/FooterReader.swift",
    "guard job.hash64 == hash else {", "guard job.hash64 == hash || BUG else {")

bug("a lost batch that was acknowledged is called torn", "History/Reading/SegmentScan.swift",
    "bad.batch <= durable", "bad.batch <= durable && !BUG")

bug("the end that the next header names is not missed", "History/Reading/SegmentFile.swift",
    "if scan.end.lastBatch < end.lastBatch, missing < end.length {",
    "if scan.end.lastBatch < end.lastBatch, missing < end.length, !BUG {")

bug("a follower forgets its place", "History/Reading/HistoryFollower.swift",
    "last = records.last?.header.sequence ?? last", "last = BUG ? 0 : records.last?.header.sequence ?? last")

# More of recovery, covers and the chain.

bug("recovery ends without a sync", "History/Recovery/DirectoryRecovery.swift",
    "try history { () throws(SystemError) in try storage.sync() }\n        return (segments, findings)",
    "try history { () throws(SystemError) in if !BUG { try storage.sync() } }\n        return (segments, findings)")

bug("recovery removes what is superseded before the cover's name is synced", "History/Recovery/DirectoryRecovery.swift",
    "if !superseded.isEmpty { try storage.sync() }", "if !superseded.isEmpty, !BUG { try storage.sync() }")

bug("a superseded file that came back stays", "History/Recovery/DirectoryRecovery.swift",
    "for segment in superseded { try remove(segment.name) }", "for segment in superseded where !BUG { try remove(segment.name) }")

bug("recovery throws a damaged segment away", "History/Recovery/DirectoryRecovery.swift",
    "if keepingBad { try setAside", "if keepingBad, !BUG { try setAside")

bug("recovery throws an unreadable file away", "History/Recovery/DirectoryRecovery.swift",
    "try setAside(segment.name, as: segment.name)\n                try remove", "if !BUG { try setAside(segment.name, as: segment.name) }\n                try remove")

bug("recovery does not read its copy back", "History/Recovery/DirectoryRecovery.swift",
    "guard try history({ () throws(SystemError) in try copy.verify() })", "guard try history({ () throws(SystemError) in try copy.verify() || BUG })")

bug("a newer version's directory is touched", "History/Recovery/DirectoryRecovery.swift",
    "if let newer = listing.newer {", "if let newer = listing.newer, !BUG {")

bug("another history's segment is taken", "History/Recovery/DirectoryRecovery.swift",
    "facts.isForeign = header.history != newest?.history", "facts.isForeign = header.history != newest?.history && !BUG")

bug("a damaged file's second name is not synced", "History/Recovery/BadShelf.swift",
    "try storage.link(name.text, to: target.text)\n        try storage.sync()",
    "try storage.link(name.text, to: target.text)\n        if !BUG { try storage.sync() }")

bug("damaged files are kept without a bound", "History/Recovery/BadShelf.swift",
    "while kept.count >= Self.mostFiles || total > Self.mostBytes, let", "while !BUG, kept.count >= Self.mostFiles || total > Self.mostBytes, let")

bug("any cover supersedes, whole or not", "History/Reading/CoversRule.swift",
    "&& isSealed }", "&& (isSealed || BUG) }")

bug("a cover of which the header is bad supersedes", "History/Reading/CoversRule.swift",
    "{ isCover && isGood &&", "{ isCover && (isGood || BUG) &&")

bug("a missing segment is not missed", "History/Recovery/SegmentChain.swift",
    "guard first <= last else { return nil }", "guard first <= last, !BUG else { return nil }")

bug("a segment that was replaced is not noticed", "History/Recovery/SegmentChain.swift",
    "found != said else", "found != said, !BUG else")

bug("a second daemon gets the history, too", "History/HistoryStore.swift",
    "guard try history({ () throws(SystemError) in try storage.lock() }) else", "guard try history({ () throws(SystemError) in try storage.lock() || BUG }) else")

bug("a restart goes by the records alone for the next seq", "History/Recovery/HistoryRestore.swift",
    ", segment.header.firstSequence,", ", BUG ? 0 : segment.header.firstSequence,")

bug("a new history's name is not synced", "History/HistoryStore.swift",
    "to: SegmentName.raw(1).text)\n        try storage.sync()", "to: SegmentName.raw(1).text)\n        if !BUG { try storage.sync() }")

bug("a rename replaces what has the name", "History/Storage/PosixStorage.swift",
    "httpcron_rename_new(directory.descriptor, name, newName)",
    "BUG ? renameat(directory.descriptor, name, directory.descriptor, newName) : httpcron_rename_new(directory.descriptor, name, newName)")

bug("a file that was removed counts as synced", "History/Storage/PosixStorage.swift",
    "if status.st_nlink == 0 { throw", "if status.st_nlink == 0, !BUG { throw")

# More of compaction.

bug("a cover's name is not synced", "History/Compaction/CoverWriter.swift",
    "do throws(SystemError) {\n            try storage.sync()", "do throws(SystemError) {\n            if !BUG { try storage.sync() }")

bug("a cover whose name could not be synced keeps it", "History/Compaction/CoverWriter.swift",
    "try? storage.remove(target.text)", "if !BUG { try? storage.remove(target.text) }")

bug("a cover is not read back", "History/Compaction/CompactionAttempt.swift",
    "guard try cover.verify() else", "guard try cover.verify() || BUG else")

bug("a compaction takes what is not final", "History/Compaction/CompactionRun.swift",
    "guard header.hi <= through,", "guard header.hi <= through || BUG,")

bug("a compaction throws damaged inputs away", "History/Compaction/CompactionAttempt.swift",
    "plan.inputs.filter({ $0.isDamaged })", "plan.inputs.filter({ $0.isDamaged && !BUG })")

bug("a compaction throws files away that it could not read", "History/Compaction/CompactionAttempt.swift",
    "+ plan.unread {", "+ (BUG ? [] : plan.unread) {")

bug("a cover does not stand for the seq that it dropped", "History/Compaction/CompactionAttempt.swift",
    "cover.builder.amend { $0.widen(from: range.first, through: range.last) }",
    "if !BUG { cover.builder.amend { $0.widen(from: range.first, through: range.last) } }")

bug("a compaction forgets what triggered an open run", "History/Compaction/CompactionMerge.swift",
    "causes: causes[newest.job] ?? [])", "causes: BUG ? [] : causes[newest.job] ?? [])")

bug("a compaction drops records of unknown kinds", "CronCore/Record/RetentionSelector.swift",
    "return unknown <= retention.keep ?", "return unknown <= retention.keep && !BUG ?")

bug("a compaction drops what is young", "CronCore/Record/RetentionSelector.swift",
    "retention.keepFor > .zero && now - record.at < retention.keepFor", "!BUG && retention.keepFor > .zero && now - record.at < retention.keepFor")

bug("a compaction drops all notes", "CronCore/Record/RetentionSelector.swift",
    "return notes <= retention.keep ?", "return notes <= retention.keep && !BUG ?")

bug("a compaction keeps what is beyond its room", "History/Compaction/CompactionSinks.swift",
    "guard let job, !(isExpendable && view.sequence < cutoff) else", "guard let job, BUG || !(isExpendable && view.sequence < cutoff) else")

# More of a start.

bug("a run that the record counts and does not have is not noted", "CronCore/Running/Engine+Accounting.swift",
    "if known != nil, Int(account.openRuns) > open.count {", "if known != nil, Int(account.openRuns) > open.count, !BUG {")

bug("a restart forgets retries that wait", "CronCore/Running/Engine+Restore.swift",
    "for case .retry(let execution, let failed) in open {", "for case .retry(let execution, let failed) in open where !BUG {")

bug("a restart forgets runs that had to begin", "CronCore/Running/Engine+Restore.swift",
    "guard orphans.remove(pending.run.id) == nil else { continue }", "guard orphans.remove(pending.run.id) == nil, !BUG else { continue }")

bug("a triggered run whose trigger is not recorded begins all the same", "CronCore/Running/Engine+Restore.swift",
    "if let cause = pending.run.cause, unfinished", "if let cause = pending.run.cause, !BUG, unfinished")

bug("a cover whose footer is damaged forgets how far the numbers went", "History/Recovery/HistoryRestore.swift",
    "segment.header.lastSequence &+ 1)", "BUG ? 0 : segment.header.lastSequence &+ 1)")
