internal import CronCore
internal import Synchronization
internal import Threads

/// What the writer thread is told: records, by the loop, in bounded memory even while the thread hangs in a write; and
/// what became of its segments, by the syncer.
final class WriterInbox: Sendable {
    enum Message: Sendable {
        case sealed(LiveSegment)
        case failed(LiveSegment, SystemError)
        case seal
        case close
    }

    private struct State {
        var records = PendingQueue()
        var messages: [Message] = []
        var ownerSleeps = false
        var lastSequence: SequenceNumber = 0
    }

    private let state = Mutex(State())
    /// ThreadSanitizer does not see `Mutex`; this makes the order visible to it.
    private let order = Atomic<UInt64>(0)
    private let bell = Bell()
    private let limit: Int
    /// Bytes that the writer thread holds besides, and how many of them it could not write yet.
    let heldBytes = Atomic<Int>(0)
    let unwrittenBytes = Atomic<Int>(0)

    init(limit: Int) {
        self.limit = limit
    }

    func post(_ records: some Sequence<Record>, needsSync: Bool) {
        let room = max(limit - unwrittenBytes.load(ordering: .relaxed), 1 << 20)
        let wake = state.withLock { state in
            order.add(1, ordering: .acquiringAndReleasing)
            for record in records {
                state.lastSequence = record.header.sequence
                state.records.append(record, sequence: state.lastSequence, needsSync: needsSync)
            }
            state.records.shed(to: room)
            defer { state.ownerSleeps = false }
            return state.ownerSleeps
        }
        if wake { bell.ring() }
    }

    func post(_ message: Message) {
        let wake = state.withLock { state in
            order.add(1, ordering: .acquiringAndReleasing)
            state.messages.append(message)
            defer { state.ownerSleeps = false }
            return state.ownerSleeps
        }
        if wake { bell.ring() }
    }

    /// All that was posted. Nothing: the owner is taken to go to sleep.
    func take() -> (records: PendingQueue, messages: [Message]) {
        state.withLock { state in
            order.add(1, ordering: .acquiringAndReleasing)
            if state.records.isEmpty, state.messages.isEmpty {
                state.ownerSleeps = true
                return (PendingQueue(), [])
            }
            var taken = (PendingQueue(), [Message]())
            swap(&taken.0, &state.records)
            swap(&taken.1, &state.messages)
            return taken
        }
    }

    /// Sleeps until something is posted, or for so many milliseconds; nil: for as long as it takes.
    func sleep(milliseconds: Int32?) {
        if let milliseconds { bell.wait(milliseconds: milliseconds) } else { bell.wait() }
    }

    /// The newest record posted, and the bytes of those that were not taken yet.
    var posted: (lastSequence: SequenceNumber, bytes: Int) {
        state.withLock { ($0.lastSequence, $0.records.bytes) }
    }
}
