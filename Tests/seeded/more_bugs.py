"""More of the list in bugs.py: each sync, name, chain, cover, seq and checksum of the history that it does not have."""

from bugs import BUGS, bug

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
    "let reading = try copy(of: file, at: offset)", "let reading = try copy(of: file, at: BUG ? 0 : offset)")

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

bug("a missing segment is not missed", "History/Recovery/SegmentChain.swift",
    "guard first <= last else { return nil }", "guard first <= last, !BUG else { return nil }")

bug("a segment that was replaced is not noticed", "History/Recovery/SegmentChain.swift",
    "found != said else", "found != said, !BUG else")

bug("a second daemon gets the history, too", "History/HistoryStore.swift",
    "guard try history({ () throws(SystemError) in try storage.lock() }) else", "guard try history({ () throws(SystemError) in try storage.lock() || BUG }) else")

bug("a restart goes by the records alone for the next seq", "History/HistoryStore.swift",
    "max(restored.nextSequence, recovery.leastNextSequence)", "max(restored.nextSequence, BUG ? 0 : recovery.leastNextSequence)")

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
    "in open where orphans.remove(pending.run.id) == nil {",
    "in open where orphans.remove(pending.run.id) == nil && !BUG {")

bug("a triggered run whose trigger is not recorded begins all the same", "CronCore/Running/Engine+Restore.swift",
    "if let cause = pending.run.cause, unfinished", "if let cause = pending.run.cause, !BUG, unfinished")

bug("a cover whose footer is damaged forgets how far the numbers went", "History/Recovery/HistoryRestore.swift",
    "segment.header.lastSequence &+ 1)", "BUG ? 0 : segment.header.lastSequence &+ 1)")

bug("recovery takes a segment that a power cut brought back for the next one", "History/Recovery/DirectoryRecovery.swift",
    "if facts.isNext, let last = all.last, try repeats(candidate, behind: last) { facts.isNext = false }",
    "if facts.isNext, !BUG, let last = all.last, try repeats(candidate, behind: last) { facts.isNext = false }")

bug("a retry begins beside another run of its job", "CronCore/Running/Engine+Runs.swift",
    "if slot.job.overlap != .allow, slot.underWay > slot.retrying {",
    "if slot.job.overlap != .allow, !BUG, slot.underWay > slot.retrying {")

bug("a paused job that comes back does not say so", "CronCore/Running/Engine+Control.swift",
    "guard state.account.isPaused, !state.account.isAccounted, let pause",
    "guard state.account.isPaused, !BUG, !state.account.isAccounted, let pause")

bug("a job is gone before that is on record", "CronCore/Record/RetentionRules.swift",
    "let isOver = !account.isAccounted &&", "let isOver = (BUG || !account.isAccounted) &&")

bug("a job is gone while a run of it goes on", "CronCore/Record/RetentionRules.swift",
    "&& account.openRuns == 0", "&& (BUG || account.openRuns == 0)")

bug("a disk that is back is not known to be once the segment is sealed", "History/Writing/WriterCore.swift",
    "if failures > 1 || active?.live", "if failures > 1 && !BUG || active?.live")

bug("the header of a segment on its way tells no numbers", "History/Recovery/DirectoryRecovery.swift",
    "+ candidates.map(\\.header)", "+ candidates.filter { _ in !BUG }.map(\\.header)")

bug("a damaged cover keeps its name", "History/Compaction/CompactionAttempt.swift",
    "if plan.unread.contains(cover.target) {", "if plan.unread.contains(cover.target), !BUG {")

bug("a stop gives up what a disk has refused", "History/Writing/WriterCore.swift",
    "failures = min(failures, 2)", "if !BUG { failures = min(failures, 2) }")

bug("a header that cannot be read ends a start", "History/Format/SegmentHeader.swift",
    "if readings.isEmpty, try !canReadRest(of: file) {",
    "if readings.isEmpty, try (BUG ? true : !canReadRest(of: file)) {")

bug("a header that cannot be read for a moment is damaged", "History/Format/SegmentHeader.swift",
    "for _ in 0..<SystemError.readRetries where", "for _ in 0..<(BUG ? 0 : SystemError.readRetries) where")

bug("a page that cannot be read for a moment is damaged", "History/Storage/FileWindow.swift",
    "for _ in 0..<SystemError.readRetries {", "for _ in 0..<(BUG ? 0 : SystemError.readRetries) {")

bug("a trailer that cannot be read for a moment is none", "History/Format/Footer.swift",
    "for _ in 0...SystemError.readRetries {", "for _ in 0...(BUG ? 0 : SystemError.readRetries) {")

bug("a start takes what the disk refuses to read for nothing", "History/HistoryStore.swift",
    "if let refusal = recovery.damage.refusal {", "if !BUG, let refusal = recovery.damage.refusal {")

bug("a compaction takes what the disk refused to read for empty", "History/Reading/SegmentFile.swift",
    "            refusedScan = scan\n", "            refusedScan = scan\n            if BUG { cachedScan = scan }\n")

bug("an area that cannot be read ends a walk", "History/Storage/FileWindow.swift",
    "guard let readable else { throw error }", "guard let readable, !BUG else { throw error }")

__all__ = ["BUGS"]
