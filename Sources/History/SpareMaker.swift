internal import Synchronization
internal import Threads

/// Makes the next segment's file before it is needed: zeros, synced, so that writing into it changes no metadata and a
/// sync has less to do. Runs on a thread of its own; when it fails, a segment simply begins as an empty file.
final class SpareMaker: Sendable {
    enum Request: Sendable {
        case make
        case stop
    }

    private let storage: any Storage
    private let size: UInt64
    private let requests = Mailbox<Request>()
    private let ready = Mutex<(any StorageFile)?>(nil)

    init(_ storage: any Storage, size: UInt64) {
        self.storage = storage
        self.size = size
    }

    /// The name `spare` is free again: make one.
    func request() { requests.post(.make) }
    func stop() { requests.post(.stop) }

    /// The spare, if there is one; its taker renames or removes it.
    func take() -> (any StorageFile)? {
        ready.withLock { spare in
            defer { spare = nil }
            return spare
        }
    }

    /// The thread's body.
    func run() {
        while true {
            let taken = requests.wait()
            if taken.contains(where: { if case .stop = $0 { true } else { false } }) { break }
            make()
        }
        if take() != nil { try? storage.remove(SegmentName.spare.text) }
    }

    /// Makes a spare where there is none.
    func make() {
        guard ready.withLock({ $0 == nil }) else { return }
        do throws(SystemError) {
            do throws(SystemError) { try storage.remove(SegmentName.spare.text) } catch  where error.isMissing {}
            let file = try storage.create(SegmentName.spare.text)
            var zeros = ByteBuffer(capacity: 1 << 20)
            zeros.appendZeros(1 << 20)
            var offset: UInt64 = 0
            while offset < size {
                let piece = UnsafeRawBufferPointer(rebasing: zeros.bytes[..<Int(min(size - offset, 1 << 20))])
                try file.writeAll(piece, at: offset, path: "\(storage.path)/spare")
                offset += UInt64(piece.count)
            }
            try file.sync()
            ready.withLock { $0 = file }
        } catch {
            // The disk is full, or worse: the writer will meet that itself, and say so.
            try? storage.remove(SegmentName.spare.text)
        }
    }
}
