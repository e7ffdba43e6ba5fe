import CronCore
import Synchronization

/// One change of a directory or of a file in it. Files go by numbers, because names move.
enum Operation: Sendable {
    case create(Int, String)
    case write(Int, offset: Int, bytes: [UInt8])
    case truncate(Int, length: Int)
    case sync(Int)
    /// What it should have made durable may never be, and no later sync of the file helps: the pages count as clean.
    case failedSync(Int)
    case rename(Int, from: String, to: String)
    case link(Int, String)
    case remove(Int, String)
    case syncDirectory
}

/// Everything a disk was asked to do, in order, and what had been acknowledged before each.
final class Recorder: Sendable {
    struct Entry: Sendable {
        var operation: Operation
        /// The records acknowledged before it began.
        var acknowledged: SequenceNumber
    }

    private struct State {
        var begin: [String: (number: Int, bytes: [UInt8])] = [:]
        var entries: [Entry] = []
        var acknowledgement: @Sendable () -> SequenceNumber = { 0 }
    }

    private let state = Mutex(State())

    /// What is there, durably, at the start.
    func begin(_ files: [String: (number: Int, bytes: [UInt8])]) {
        state.withLock { $0.begin = files }
    }

    /// Whom to ask what is acknowledged, from here on.
    func follow(_ acknowledgement: @escaping @Sendable () -> SequenceNumber) {
        state.withLock { $0.acknowledgement = acknowledgement }
    }

    func add(_ operation: Operation) {
        let acknowledgement = state.withLock { $0.acknowledgement }
        let acknowledged = acknowledgement()
        state.withLock { $0.entries.append(Entry(operation: operation, acknowledged: acknowledged)) }
    }

    var begun: [String: (number: Int, bytes: [UInt8])] { state.withLock { $0.begin } }
    var entries: [Entry] { state.withLock { $0.entries } }
    var acknowledged: SequenceNumber { state.withLock { $0.acknowledgement }() }
}
