package import CronCore
internal import Synchronization
internal import Threads

/// Adds records to a history. Nothing here blocks: the *writer* thread turns what was appended into batches, one write
/// each; the *syncer* thread makes them durable; a third one makes the next segment's file.
///
/// The bell given at the opening is rung whenever a watermark has moved, the disk's state has changed, or there is a
/// finding; then ask. Call `close` before letting go of it.
package final class HistoryWriter: Sendable {
    private let inbox: WriterInbox
    private let status: WriterStatus
    private let threads: [OSThread]
    private let storage: any Storage
    private let settings: HistorySettings
    private let onClose: @Sendable () -> Void

    init(
        storage: any Storage, settings: HistorySettings, history: HistoryID, chainEnd: SegmentEnd,
        nextSequence: SequenceNumber, bell: Bell, onClose: @escaping @Sendable () -> Void
    ) throws(HistoryError) {
        let inbox = WriterInbox(limit: settings.unsyncedLimit)
        let status = WriterStatus(bell: bell, through: nextSequence - 1, sealed: chainEnd.id)
        let spares = SpareMaker(storage, size: settings.segmentSize)
        let syncs = Mailbox<Syncer.Step>()
        self.inbox = inbox
        self.status = status
        self.storage = storage
        self.settings = settings
        self.onClose = onClose
        var threads: [OSThread] = []
        do throws(ThreadError) {
            threads.append(
                try OSThread(name: "history-syncer") {
                    let syncer = Syncer(storage, status: status, inbox: inbox, spares: spares)
                    while syncs.wait().allSatisfy({ syncer.handle($0) }) {}
                })
            threads.append(try OSThread(name: "history-spare") { spares.run() })
            threads.append(
                try OSThread(name: "history-writer") {
                    let core = WriterCore(
                        storage: storage, settings: settings, history: history, chainEnd: chainEnd,
                        nextSequence: nextSequence, inbox: inbox, status: status, syncs: syncs, spares: spares)
                    core.run()
                    syncs.post(.stop)
                    spares.stop()
                })
        } catch {
            syncs.post(.stop)
            spares.stop()
            for thread in threads { thread.join() }
            throw .thread(errno: error.errno)
        }
        self.threads = threads
        spares.request()
    }

    /// Adds a record, whose `seq` must be one more than that of the record before it. `needsSync`: not for a start,
    /// which the next record's sync carries along, unless nothing may be sent before it is on the disk.
    package func append(_ record: Record, needsSync: Bool) {
        inbox.post(CollectionOfOne(record), needsSync: needsSync)
    }

    /// The same for several in one go, which costs less.
    package func append(_ records: [Record], needsSync: Bool) {
        guard !records.isEmpty else { return }
        inbox.post(records, needsSync: needsSync)
    }

    /// Every record up to this one has been handed to the kernel.
    package var writtenThrough: SequenceNumber { status.writtenThrough }

    /// Every record up to this one is on the disk.
    package var syncedThrough: SequenceNumber { status.syncedThrough }

    /// Every segment up to this one is final: sealed, and on the disk with its footer as its end. Only these may be
    /// compacted. That a file ends in a good trailer does not say so: in one that was not written ahead the footer is
    /// the end of the file before it was synced, and if that sync fails the segment is abandoned, and what it held is
    /// written again in the next one.
    package var sealedThrough: UInt64 { status.sealedThrough }

    package var diskState: DiskState { status.diskState }

    /// About how many bytes of records are not on the disk yet.
    package var unsyncedBytes: Int {
        let posted = inbox.posted
        guard posted.lastSequence > status.syncedThrough else { return 0 }
        return posted.bytes + inbox.heldBytes.load(ordering: .relaxed)
    }

    /// What happened since the last time that belongs into the log: abandoned segments.
    package func takeFindings() -> [Damage] { status.takeFindings() }

    /// Seals the active segment, if it holds anything, so that compaction can have it.
    package func seal() { inbox.post(.seal) }

    /// Compacts what is sealed, while the writing goes on; see ``Compaction/run(_:settings:order:pace:)``. Blocks, so it
    /// wants a thread of its own, which must be done before `close`.
    package func compact(
        _ rules: RetentionRules, maxUse: UInt64? = nil, pace: (Int) -> Bool
    ) throws(HistoryError) -> CompactionReport? {
        let order = CompactionOrder(rules: rules, through: sealedThrough, maxUse: maxUse)
        return try Compaction.run(storage, settings: settings, order: order, pace: pace)
    }

    /// Writes, syncs and seals what is left, and ends the threads. Blocks until then: for the end of the program. What
    /// a disk that refuses does not take is lost; `syncedThrough` tells.
    package func close() {
        inbox.post(.close)
        for thread in threads { thread.join() }
        onClose()
    }
}

extension WriterCore {
    /// The thread's body.
    func run() {
        // Records that come while the disk refuses must not put the next try off.
        var retryAt: Int64?
        while true {
            retryAt = waitsToRetry ? retryAt ?? monotonicMilliseconds() + 1_000 : nil
            let left = retryAt.map { $0 - monotonicMilliseconds() }
            if let left, left <= 0 {
                retryAt = nil
                retry()
                continue
            }
            let (records, messages) = inbox.take()
            if records.isEmpty, messages.isEmpty {
                inbox.sleep(milliseconds: left.map { Int32(clamping: $0) })
            } else if !handle(records, messages) {
                return
            }
        }
    }
}
