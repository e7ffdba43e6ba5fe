package import CronCore
internal import Threads

/// A writer without threads: what the writer, the syncer and the spare's maker do is done on the caller's, one step
/// after the other, so that whoever drives it sees the disk between any two. The parts are the ones that
/// ``HistoryWriter`` runs.
package final class StepwiseWriter {
    package let restored: RestoredHistory
    /// What recovery found and did.
    package let findings: [Damage]
    private let status: WriterStatus
    private let inbox: WriterInbox
    private let spares: SpareMaker
    private let core: WriterCore
    private let syncer: Syncer
    private let syncs = Mailbox<Syncer.Step>()
    /// Steps that wait for the disk, the next one first.
    private var waiting: [Syncer.Step] = []
    /// false: `close` is done.
    package private(set) var isOpen = true

    /// Recovers what is in `storage`, as a start does, and goes on with it.
    package init(_ storage: any Storage, settings: HistorySettings) throws(HistoryError) {
        let opened = try HistoryStore.prepare(storage, settings: settings)
        restored = opened.restored
        findings = opened.findings
        status = WriterStatus(bell: Bell(), through: restored.nextSequence - 1, sealed: opened.chainEnd.id)
        inbox = WriterInbox(limit: settings.unsyncedLimit)
        spares = SpareMaker(storage, size: settings.segmentSize)
        syncer = Syncer(storage, status: status, inbox: inbox, spares: spares)
        core = WriterCore(
            storage: storage, settings: settings, history: restored.historyID, chainEnd: opened.chainEnd,
            nextSequence: restored.nextSequence, inbox: inbox, status: status, syncs: syncs, spares: spares)
        spares.request()
    }

    package var writtenThrough: SequenceNumber { status.writtenThrough }
    package var syncedThrough: SequenceNumber { status.syncedThrough }
    package var sealedThrough: UInt64 { status.sealedThrough }
    package var diskState: DiskState { status.diskState }
    /// `syncedThrough`, for a storage that is asked in the middle of a step.
    package var acknowledgement: @Sendable () -> SequenceNumber { { [status] in status.syncedThrough } }
    package func takeFindings() -> [Damage] { status.takeFindings() }

    package func append(_ records: [Record], needsSync: Bool) { inbox.post(records, needsSync: needsSync) }

    /// Asks for the active segment to be sealed.
    package func seal() { inbox.post(.seal) }

    /// The writer's turn: takes in what was posted and writes it, without a sync. false: there was nothing.
    @discardableResult
    package func write() -> Bool {
        let (records, messages) = inbox.take()
        guard isOpen, !(records.isEmpty && messages.isEmpty) else { return false }
        isOpen = core.handle(records, messages)
        return true
    }

    /// The syncer's turn: one step. false: none waits.
    @discardableResult
    package func sync() -> Bool {
        waiting += syncs.take()
        guard !waiting.isEmpty else { return false }
        _ = syncer.handle(waiting.removeFirst())
        return true
    }

    /// The turn of the spare's maker. false: nobody asked for one.
    @discardableResult
    package func makeSpare() -> Bool {
        let requests = spares.requests.take()
        return !requests.isEmpty && spares.handle(requests)
    }

    /// Whether the writer wants to know when a second has passed.
    package var waitsToRetry: Bool { core.waitsToRetry }

    /// A second has passed: the writer tries a disk that refuses again.
    package func second() {
        if core.waitsToRetry { core.retry() }
    }

    /// All that can be done now. `makingSpares`: false where their maker is slow.
    package func settle(makingSpares: Bool = true) {
        var isBusy = true
        while isBusy {
            isBusy = makingSpares && makeSpare()
            isBusy = write() || isBusy
            isBusy = sync() || isBusy
        }
    }

    /// Writes, syncs and seals what is left.
    package func close() {
        inbox.post(.close)
        settle()
        spares.stop()
        _ = makeSpare()
    }
}
