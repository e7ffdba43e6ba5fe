import CronCore
import Threads

@testable import History

/// The writer, the syncer and the spare's maker, carried out one step after the other on one thread.
final class SteppedWriter {
    let disk: FakeDisk
    let status: WriterStatus
    let inbox: WriterInbox
    private let syncs = Mailbox<Syncer.Step>()
    private let spares: SpareMaker
    private let core: WriterCore
    private let syncer: Syncer
    private let makesSpares: Bool
    private(set) var isOpen = true

    static let settings = HistorySettings(
        segmentSize: 1 << 14, unsyncedLimit: 1 << 20, now: { Timestamp(seconds: 1_700_000_000) })

    init(_ disk: FakeDisk, makesSpares: Bool, settings: HistorySettings = settings) throws {
        self.disk = disk
        self.makesSpares = makesSpares
        let opened = try HistoryStore.prepare(disk, settings: settings)
        status = WriterStatus(bell: Bell(), through: opened.restored.nextSequence - 1, sealed: opened.chainEnd.id)
        inbox = WriterInbox(limit: settings.unsyncedLimit)
        spares = SpareMaker(disk, size: settings.segmentSize)
        syncer = Syncer(disk, status: status, inbox: inbox, spares: spares)
        spares.request()
        core = WriterCore(
            storage: disk, settings: settings, history: opened.restored.historyID, chainEnd: opened.chainEnd,
            nextSequence: opened.restored.nextSequence, inbox: inbox, status: status, syncs: syncs, spares: spares)
    }

    func append(_ records: [Record]) { inbox.post(records, needsSync: true) }

    /// Writes what was posted, without a sync. `meanwhile`: what the others do once the writer has taken that.
    func write(meanwhile: () -> Void = {}) {
        if makesSpares { _ = spares.handle(spares.requests.take()) }
        let (records, messages) = inbox.take()
        meanwhile()
        if isOpen { isOpen = core.handle(records, messages) }
    }

    /// Carries out one thing that waits for the disk. false: nothing does.
    func sync() -> Bool {
        let steps = syncs.take()
        for step in steps { _ = syncer.handle(step) }
        return !steps.isEmpty
    }

    /// All that can be done now.
    func settle() {
        for _ in 0..<50 {
            write()
            if !sync() { break }
        }
    }

    /// A second has passed.
    func second() {
        if core.waitsToRetry { core.retry() }
        settle()
    }

    func close() {
        inbox.post(.close)
        settle()
    }
}

extension FakeDisk {
    /// Opens what is there as a start does, and gives all records, oldest first.
    func recoveredRecords() throws -> (records: [Record], findings: [Damage], restored: RestoredHistory) {
        let opened = try HistoryStore.prepare(self, settings: SteppedWriter.settings)
        let snapshot = try HistorySnapshot.open(self)
        var cursor = snapshot.oldestFirst(jobs: nil)
        return (cursor.rest(), opened.findings + snapshot.damage, opened.restored)
    }
}
