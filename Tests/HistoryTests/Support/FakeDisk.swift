import Glibc
import Synchronization

@testable import History

/// A directory in memory that forgets what was not synced when the power goes, and fails when it is told to.
final class FakeDisk: Storage {
    enum Fault: Sendable {
        case error(Int32)
        /// A write that stops half-way.
        case short
        /// It fails, and happens all the same; for renames.
        case late(Int32)
    }

    struct State {
        var names: [String: FakeFile] = [:]
        var durableNames: [String: FakeFile] = [:]
        /// Names removed since the last sync of the directory.
        var removed: Set<String> = []
        var operations = 0
        var log: [String] = []
        /// What becomes of the operation with this number, counted from 1.
        var fault: @Sendable (Int, String) -> Fault? = { _, _ in nil }
        /// Before this operation images are taken of what would survive a power cut, and of what a kill leaves.
        var imageAt = 0
        /// Files of which each write lands with one bit turned over, and nobody is told.
        var rotting: Set<String> = []
        /// Names that the next listing leaves out.
        var hiddenOnce: Set<String> = []
        var powerCut: FakeDisk?
        var kill: FakeDisk?
    }

    let state = Mutex(State())
    fileprivate let reads = ReadFaults()
    let path = "/disk"

    init(_ contents: [String: [UInt8]] = [:]) {
        state.withLock { state in
            for (name, bytes) in contents { state.names[name] = FakeFile(name, bytes, disk: self) }
            state.durableNames = state.names
        }
    }

    var operations: Int { state.withLock { $0.operations } }

    func fail(_ fault: @escaping @Sendable (Int) -> Fault?) {
        state.withLock { $0.fault = { number, _ in fault(number) } }
    }

    /// By what the operation is, as the log has it.
    func failWhere(_ fault: @escaping @Sendable (String) -> Fault?) {
        state.withLock { $0.fault = { _, what in fault(what) } }
    }

    /// What becomes of a read of a file's bytes.
    func failReads(_ fault: @escaping @Sendable (String, Range<UInt64>) -> Int32?) {
        reads.fault.withLock { $0 = fault }
    }

    /// What is there now, as after a kill.
    func copy() -> FakeDisk {
        FakeDisk(state.withLock { $0.names }.mapValues { $0.bytes })
    }

    /// What a power cut leaves: with `keepingPages`, unsynced bytes have reached the disk before unsynced names;
    /// without, removals have before everything else.
    func afterPowerCut(keepingPages: Bool) -> FakeDisk {
        let (durable, removed) = state.withLock { ($0.durableNames, $0.removed) }
        return keepingPages
            ? FakeDisk(durable.mapValues { $0.bytes })
            : FakeDisk(durable.filter { !removed.contains($0.key) }.mapValues { $0.durableBytes })
    }

    fileprivate func operate(_ what: String) -> Fault? {
        let (fault, count, takesImage) = state.withLock { state in
            state.operations += 1
            state.log.append(what)
            return (state.fault(state.operations, what), state.operations, state.imageAt == state.operations)
        }
        if takesImage {
            let (powerCut, kill) = (afterPowerCut(keepingPages: count % 2 == 0), copy())
            state.withLock { ($0.powerCut, $0.kill) = (powerCut, kill) }
        }
        return fault
    }

    private func checked(_ what: String) throws(SystemError) {
        if case .error(let code)? = operate(what) { throw SystemError(operation: what, errno: code, path: path) }
    }

    func names() throws(SystemError) -> [String] {
        state.withLock { state in
            defer { state.hiddenOnce = [] }
            return state.names.keys.filter { !state.hiddenOnce.contains($0) }
        }
    }

    func open(_ name: String) throws(SystemError) -> any StorageFile {
        guard let file = state.withLock({ $0.names[name] }) else {
            throw SystemError(operation: "open", errno: ENOENT, path: name)
        }
        return file
    }

    func create(_ name: String) throws(SystemError) -> any StorageFile {
        try checked("create \(name)")
        let file = FakeFile(name, [], disk: self)
        let exists = state.withLock { state in
            if state.names[name] != nil { return true }
            state.names[name] = file
            return false
        }
        if exists { throw SystemError(operation: "create", errno: EEXIST, path: name) }
        return file
    }

    func rename(_ name: String, to newName: String) throws(SystemError) {
        let fault = operate("rename \(name) \(newName)")
        if case .error(let code)? = fault { throw SystemError(operation: "rename", errno: code, path: newName) }
        try change(newName) { $0.names.removeValue(forKey: name) }
        if case .late(let code)? = fault { throw SystemError(operation: "rename", errno: code, path: newName) }
    }

    func link(_ name: String, to newName: String) throws(SystemError) {
        try checked("link \(name) \(newName)")
        try change(newName) { $0.names[name] }
    }

    private func change(_ newName: String, _ source: (inout State) -> FakeFile?) throws(SystemError) {
        let code: Int32 = state.withLock { state in
            if state.names[newName] != nil { return EEXIST }
            guard let file = source(&state) else { return ENOENT }
            state.names[newName] = file
            return 0
        }
        if code != 0 { throw SystemError(operation: "rename", errno: code, path: newName) }
    }

    func remove(_ name: String) throws(SystemError) {
        try checked("remove \(name)")
        let removed = state.withLock { state in
            state.removed.insert(name)
            return state.names.removeValue(forKey: name)
        }
        if removed == nil { throw SystemError(operation: "unlink", errno: ENOENT, path: name) }
    }

    func sync() throws(SystemError) {
        try checked("sync directory")
        state.withLock { ($0.durableNames, $0.removed) = ($0.names, []) }
    }
}

/// A file of a `FakeDisk`.
final class FakeFile: StorageFile {
    private struct Content {
        var bytes: [UInt8]
        var durable: [UInt8]
    }

    private let name: String
    private let content: Mutex<Content>
    private unowned let disk: FakeDisk
    /// A file may be read for longer than its disk is looked at.
    private let reads: ReadFaults

    init(_ name: String, _ bytes: [UInt8], disk: FakeDisk) {
        self.name = name
        self.disk = disk
        reads = disk.reads
        content = Mutex(Content(bytes: bytes, durable: bytes))
    }

    var bytes: [UInt8] { content.withLock { $0.bytes } }
    var durableBytes: [UInt8] { content.withLock { $0.durable } }

    /// Changes a bit. false: the file is not that long.
    func flip(at offset: Int) -> Bool {
        content.withLock { content in
            guard offset < content.bytes.count else { return false }
            content.bytes[offset] ^= 1
            return true
        }
    }

    func size() throws(SystemError) -> UInt64 { UInt64(bytes.count) }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(SystemError) -> Int {
        let range = offset..<offset &+ UInt64(buffer.count)
        if let code = reads.fault.withLock({ $0 })(name, range) {
            throw SystemError(operation: "pread", errno: code, path: name)
        }
        return content.withLock { content in
            guard offset < content.bytes.count else { return 0 }
            let count = min(buffer.count, content.bytes.count - Int(offset))
            content.bytes.withUnsafeBytes { source in
                buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[Int(offset)..<Int(offset) + count]))
            }
            return count
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(SystemError) -> Int {
        let count: Int
        switch disk.operate("write \(name) \(offset)+\(bytes.count)") {
        case .error(let code): throw SystemError(operation: "pwrite", errno: code, path: name)
        case .short: count = bytes.count / 2
        case nil, .late: count = bytes.count
        }
        let rots = disk.state.withLock { $0.rotting.contains(name) }
        content.withLock { content in
            let end = Int(offset) + count
            if content.bytes.count < end {
                content.bytes.append(contentsOf: repeatElement(0, count: end - content.bytes.count))
            }
            content.bytes.withUnsafeMutableBytes { target in
                UnsafeMutableRawBufferPointer(rebasing: target[Int(offset)..<end])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
            }
            if rots, end > 0 { content.bytes[end - 1] ^= 1 }
        }
        return count
    }

    func sync() throws(SystemError) {
        if case .error(let code)? = disk.operate("sync \(name)") {
            throw SystemError(operation: "fdatasync", errno: code, path: name)
        }
        content.withLock { $0.durable = $0.bytes }
    }

    func truncate(to length: UInt64) throws(SystemError) {
        if case .error(let code)? = disk.operate("truncate \(name)") {
            throw SystemError(operation: "ftruncate", errno: code, path: name)
        }
        content.withLock { $0.bytes.removeLast($0.bytes.count - Int(length)) }
    }
}

private final class ReadFaults: Sendable {
    let fault = Mutex<@Sendable (String, Range<UInt64>) -> Int32?>({ _, _ in nil })
}
