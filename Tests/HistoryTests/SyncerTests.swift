import CronCore
import Glibc
import Synchronization
import Testing
import Threads

@testable import History

/// What the syncer acknowledges, and when.
@Suite struct SyncerTests {
    /// A file at whose syncs something else happens.
    private final class WatchedFile: StorageFile {
        private let atSync: @Sendable () throws(SystemError) -> Void
        private let atTruncation: @Sendable () -> Void

        init(
            atSync: @escaping @Sendable () throws(SystemError) -> Void,
            atTruncation: @escaping @Sendable () -> Void = {}
        ) {
            self.atSync = atSync
            self.atTruncation = atTruncation
        }

        func size() throws(SystemError) -> UInt64 { 0 }
        func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(SystemError) -> Int { 0 }
        func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(SystemError) -> Int { bytes.count }
        func sync() throws(SystemError) { try atSync() }
        func truncate(to length: UInt64) throws(SystemError) { atTruncation() }
    }

    private let status = WriterStatus(bell: Bell(), through: 0, sealed: 0)
    private let inbox = WriterInbox(limit: 1 << 20)
    private let disk = FakeDisk()

    private func syncer() -> Syncer {
        Syncer(disk, status: status, inbox: inbox, spares: SpareMaker(disk, size: 1 << 14))
    }

    @Test func `a sync acknowledges what was written before it began, and nothing that came meanwhile`() {
        let late = Mutex<LiveSegment?>(nil)
        let file = WatchedFile(atSync: { late.withLock { $0 }?.wrote(2, through: 20) })
        let segment = LiveSegment(id: 2, file: file, temporaryName: .new(2))
        late.withLock { $0 = segment }
        segment.wrote(1, through: 10)
        _ = syncer().handle(.sync(segment))
        #expect(status.syncedThrough == 10)
        #expect(segment.marks.durable.batch == 1)
    }

    @Test func `a seal acknowledges after its sync, and is told when the file has its length`() {
        let syncs = Mutex(0)
        let status = status
        let file = WatchedFile(
            atSync: {
                let count = syncs.withLock { count in
                    count += 1
                    return count
                }
                if count == 1 { #expect(status.syncedThrough == 0) }
            },
            atTruncation: { #expect(syncs.withLock { $0 } == 2) })
        let segment = LiveSegment(id: 2, file: file, temporaryName: .new(2))
        segment.wrote(1, through: 10)
        _ = syncer().handle(.seal(segment, footer: [UInt8](repeating: 1, count: 64), at: 16_384))
        #expect(status.syncedThrough == 10)
        #expect(syncs.withLock { $0 } == 3)
        guard case .sealed? = inbox.take().messages.first else {
            Issue.record("the writer is not told")
            return
        }
    }

    @Test func `after a failed sync the writer is told, and nothing is tried before it knows`() {
        let syncs = Mutex(0)
        let file = WatchedFile(atSync: { () throws(SystemError) in
            syncs.withLock { $0 += 1 }
            throw SystemError(operation: "fdatasync", errno: EIO, path: "x")
        })
        let segment = LiveSegment(id: 2, file: file, temporaryName: .new(2))
        let next = LiveSegment(id: 3, file: file, temporaryName: .new(3))
        segment.wrote(1, through: 10)
        next.wrote(1, through: 20)
        let syncer = syncer()
        for step in [Syncer.Step.sync(segment), .sync(segment), .sync(next)] { _ = syncer.handle(step) }
        #expect(syncs.withLock { $0 } == 1)
        #expect(status.syncedThrough == 0)
        let messages = inbox.take().messages
        guard case .failed(let failed, _)? = messages.first, messages.count == 1 else {
            Issue.record("the writer is told \(messages.count) times")
            return
        }
        #expect(failed === segment)
        _ = syncer.handle(.resume)
        _ = syncer.handle(.sync(next))
        #expect(syncs.withLock { $0 } == 2)
    }
}
