package import CronCore
package import Threads

/// A history that the daemon has opened: what it knows, and the writer that goes on with it.
package struct OpenedHistory {
    package let restored: RestoredHistory
    package let writer: HistoryWriter
    /// When it was last compacted; nil: never.
    package let compactedAt: Timestamp?
    /// What recovery found and did, for the log.
    package let findings: [Damage]
}

/// Where the daemon's history begins.
package enum HistoryStore {
    /// Locks the history in `directory` (made if it is not there), brings it into order, and reads what a start must
    /// know. `bell` is rung whenever the writer has news; see ``HistoryWriter``. The lock lasts until the writer is closed.
    package static func open(
        directory: String, settings: HistorySettings = HistorySettings(), bell: Bell
    ) throws(HistoryError) -> OpenedHistory {
        let storage = try history { () throws(SystemError) in try PosixStorage(path: directory, create: true) }
        try lock(storage, settings)
        return try open(storage, settings: settings, bell: bell) { storage.unlock() }
    }

    /// The same on any storage, which must be nobody else's. `onClose`: called at the end of the writer's `close`.
    package static func open(
        _ storage: any Storage, settings: HistorySettings, bell: Bell,
        onClose: @escaping @Sendable () -> Void = {}
    ) throws(HistoryError) -> OpenedHistory {
        let prepared = try prepare(storage, settings: settings)
        let writer = try HistoryWriter(
            storage: storage, settings: settings, history: prepared.restored.historyID, chainEnd: prepared.chainEnd,
            nextSequence: prepared.restored.nextSequence, bell: bell, onClose: onClose)
        return OpenedHistory(
            restored: prepared.restored, writer: writer, compactedAt: prepared.compactedAt,
            findings: prepared.findings)
    }

    /// Recovers and restores, and gives where the chain of segments goes on.
    package static func prepare(
        _ storage: any Storage, settings: HistorySettings
    ) throws(HistoryError) -> (
        restored: RestoredHistory, chainEnd: SegmentEnd, compactedAt: Timestamp?, findings: [Damage]
    ) {
        let recovery = DirectoryRecovery(storage, settings: settings)
        var (segments, findings) = try recovery.run()
        if segments.isEmpty {
            try history { () throws(SystemError) in try begin(storage, settings) }
            segments = try HistorySnapshot.open(storage).segments
        }
        guard let last = segments.last else { throw .unsteady(path: storage.path) }
        var restore = HistoryRestore(segments)
        var restored = restore.run(history: last.header.history)
        restored.nextSequence = max(restored.nextSequence, recovery.leastNextSequence)
        let chainEnd = last.end
        // Who went on with less than there is would give numbers out again, and call again.
        if let refusal = recovery.damage.refusal { throw .system(refusal) }
        findings += recovery.damage.found + restore.findings
        let compactedAt = segments.last { $0.header.isGrouped }?.header.createdAt
        return (restored, chainEnd, compactedAt, findings)
    }

    /// Compacts the history in `directory` while no daemon has it: locks it, brings it into order, and compacts what is
    /// there. `tell`: given what is found, as soon as it is: what follows may fail, and the next time it is mended.
    package static func compact(
        directory: String, order: CompactionOrder, settings: HistorySettings = HistorySettings(),
        pace: (Int) -> Bool = { _ in true }, tell: (Damage) -> Void = { _ in }
    ) throws(HistoryError) -> CompactionReport? {
        let storage = try history { () throws(SystemError) in try PosixStorage(path: directory) }
        try lock(storage, settings)
        defer { storage.unlock() }
        try recover(storage, settings, tell)
        let report = try Compaction.run(storage, settings: settings, order: order, pace: pace)
        report?.damage.forEach(tell)
        return report
    }

    private static func recover(
        _ storage: any Storage, _ settings: HistorySettings, _ tell: (Damage) -> Void
    ) throws(HistoryError) {
        let recovery = DirectoryRecovery(storage, settings: settings)
        defer { (recovery.findings + recovery.damage.found).forEach(tell) }
        _ = try recovery.run()
    }

    private static func lock(_ storage: PosixStorage, _ settings: HistorySettings) throws(HistoryError) {
        let kind = try history { () throws(SystemError) in try storage.networkFileSystem() }
        if let kind, !settings.allowsNetworkFileSystem { throw .networkFileSystem(path: storage.path, kind: kind) }
        guard try history({ () throws(SystemError) in try storage.lock() }) else { throw .locked(path: storage.path) }
    }

    /// A new history: an empty sealed segment, so that its id is on the disk before any run id derives from it.
    private static func begin(_ storage: any Storage, _ settings: HistorySettings) throws(SystemError) {
        let now = settings.now()
        let header = SegmentHeader(
            lo: 1, hi: 1, salt: settings.random(),
            history: HistoryID(UUID(high: settings.random(), low: settings.random())), createdAt: now, flags: 0,
            firstSequence: 1, predecessor: .none, ownEnd: .none)
        let builder = SegmentBuilder(header)
        let temporary = SegmentName.new(1).text
        let path = "\(storage.path)/\(temporary)"
        let file = try storage.create(temporary)
        try file.writeAll(builder.headerBytes(), at: 0, path: path)
        let place = builder.offset
        try file.writeAll(builder.footer(durable: 0, at: now, predecessorIsSynced: true), at: place, path: path)
        try file.sync()
        try storage.rename(temporary, to: SegmentName.raw(1).text)
        try storage.sync()
    }
}
