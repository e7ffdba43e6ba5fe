internal import Synchronization
internal import Threads

/// Makes the next segment's file before it is needed: zeros, synced, so that writing into it changes no metadata and a
/// sync has less to do. Runs on a thread of its own; when it fails, a segment simply begins as an empty file.
final class SpareMaker: Sendable {
    enum Request: Sendable {
        case make
        case stop
    }

    private enum Spare {
        case none
        case ready(any StorageFile)
        /// The writer has it, and it is still called `spare`.
        case taken
    }

    private let storage: any Storage
    private let size: UInt64
    let requests = Mailbox<Request>()
    private let spare = Mutex(Spare.none)

    init(_ storage: any Storage, size: UInt64) {
        self.storage = storage
        self.size = size
    }

    /// Make one, unless there is one.
    func request() { requests.post(.make) }
    func stop() { requests.post(.stop) }

    /// The spare, if there is one. Its taker calls `release` once it has another name, or none.
    func take() -> (any StorageFile)? {
        spare.withLock { spare in
            guard case .ready(let file) = spare else { return nil }
            spare = .taken
            return file
        }
    }

    /// The name `spare` is free again.
    func release() {
        spare.withLock { $0 = .none }
        request()
    }

    /// The thread's body.
    func run() {
        while handle(requests.wait()) {}
    }

    /// false: asked to stop.
    func handle(_ requests: [Request]) -> Bool {
        guard requests.allSatisfy({ if case .make = $0 { true } else { false } }) else {
            if take() != nil { try? storage.remove(SegmentName.spare.text) }
            return false
        }
        let isMissing = spare.withLock { if case .none = $0 { true } else { false } }
        if isMissing { make() }
        return true
    }

    private func make() {
        do throws(SystemError) {
            do throws(SystemError) { try storage.remove(SegmentName.spare.text) } catch  where error.isMissing {}
            let file = try storage.create(SegmentName.spare.text)
            var zeros = ByteBuffer(capacity: 0)
            zeros.appendZeros(Int(min(size, 1 << 20)))
            var offset: UInt64 = 0
            while offset < size {
                let piece = UnsafeRawBufferPointer(
                    rebasing: zeros.bytes[..<Int(min(size - offset, UInt64(zeros.count)))])
                try file.writeAll(piece, at: offset, path: "\(storage.path)/spare")
                offset += UInt64(piece.count)
            }
            try file.sync()
            spare.withLock { $0 = .ready(file) }
        } catch {
            // The disk is full, or worse: the writer will meet that itself, and say so.
            try? storage.remove(SegmentName.spare.text)
        }
    }
}
