internal import CronCore
internal import Synchronization
internal import Threads

/// What the loop may ask at any time: how far writing and syncing have come, and how the disk is.
final class WriterStatus: Sendable {
    private let written: Atomic<UInt64>
    private let synced: Atomic<UInt64>
    private let sealed: Atomic<UInt64>
    private let disk = Mutex(DiskState.ok)
    private let news = Mutex<[Damage]>([])
    private let bell: Bell

    /// `sealed`: the last segment that is there already.
    init(bell: Bell, through sequence: SequenceNumber, sealed segment: UInt64) {
        self.bell = bell
        sealed = Atomic(segment)
        written = Atomic(sequence)
        synced = Atomic(sequence)
    }

    var writtenThrough: SequenceNumber { written.load(ordering: .acquiring) }
    var syncedThrough: SequenceNumber { synced.load(ordering: .acquiring) }

    /// Segments up to this one are final.
    var sealedThrough: UInt64 { sealed.load(ordering: .acquiring) }

    var diskState: DiskState { disk.withLock { $0 } }

    func wrote(through sequence: SequenceNumber) {
        guard sequence > writtenThrough else { return }
        written.store(sequence, ordering: .releasing)
        bell.ring()
    }

    /// Only the syncer calls this.
    func synced(through sequence: SequenceNumber) {
        guard sequence > syncedThrough else { return }
        synced.store(sequence, ordering: .releasing)
        bell.ring()
    }

    /// Only the writer calls this.
    func sealed(through segment: UInt64) {
        guard segment > sealedThrough else { return }
        sealed.store(segment, ordering: .releasing)
        bell.ring()
    }

    func set(_ state: DiskState) {
        let changed = disk.withLock { disk in
            defer { disk = state }
            return disk != state
        }
        if changed { bell.ring() }
    }

    /// Something for the log. At most a hundred wait to be taken.
    func tell(_ finding: Damage) {
        news.withLock { news in
            if news.count < 100 { news.append(finding) }
        }
        bell.ring()
    }

    func takeFindings() -> [Damage] {
        news.withLock { news in
            defer { news.removeAll() }
            return news
        }
    }
}
