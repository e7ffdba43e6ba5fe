import Glibc
import History
import Synchronization

/// A directory in memory. With a recorder it notes each change, and it fails where it is told to.
final class MemoryDisk: Storage {
    enum Fault: Sendable {
        case error(Int32)
        /// A write that stops half-way.
        case short
    }

    private struct State {
        var names: [String: MemoryFile] = [:]
        var created = 0
        var changes = 0
        var operations = 0
        var fault: @Sendable (_ operation: Int, Operation) -> Fault? = { _, _ in nil }
    }

    private let state: Mutex<State>
    let path = "/disk"
    let recorder: Recorder?

    init(_ contents: [String: [UInt8]] = [:], recorder: Recorder? = nil) {
        var state = State()
        for (name, bytes) in contents {
            state.names[name] = MemoryFile(state.created, name, bytes)
            state.created += 1
        }
        recorder?.begin(state.names.mapValues { ($0.number, $0.bytes) })
        self.recorder = recorder
        self.state = Mutex(state)
        for file in state.names.values { file.belong(to: self) }
    }

    /// How often anything was changed.
    var changes: Int { state.withLock { $0.changes } }

    var contents: [String: [UInt8]] { state.withLock { $0.names }.mapValues { $0.bytes } }

    /// `fault`: how an operation ends, by its number and by what it is; nil: it succeeds.
    func fail(_ fault: @escaping @Sendable (Int, Operation) -> Fault?) {
        state.withLock { $0.fault = fault }
    }

    func file(_ name: String) -> MemoryFile? { state.withLock { $0.names[name] } }

    /// Before a change: counts it, and has it recorded. Throws what it is told to; a sync that fails is recorded too.
    /// Gives how much of a write is carried out.
    @discardableResult
    func change(_ operation: Operation) throws(SystemError) -> Int {
        let (fault, number) = state.withLock { state in
            state.operations += 1
            switch operation {
            case .sync, .syncDirectory: break
            default: state.changes += 1
            }
            return (state.fault(state.operations, operation), state.operations)
        }
        guard case .error(let code)? = fault else {
            guard case .write(let file, let offset, let bytes) = operation else {
                recorder?.add(operation)
                return 0
            }
            let count = fault == nil ? bytes.count : bytes.count / 2
            recorder?.add(.write(file, offset: offset, bytes: Array(bytes[..<count])))
            return count
        }
        if case .sync(let file) = operation { recorder?.add(.failedSync(file)) }
        throw SystemError(operation: "operation \(number)", errno: code, path: path)
    }

    func names() throws(SystemError) -> [String] { state.withLock { Array($0.names.keys) } }

    func open(_ name: String) throws(SystemError) -> any StorageFile {
        guard let file = file(name) else { throw SystemError(operation: "open", errno: ENOENT, path: name) }
        return file
    }

    func create(_ name: String) throws(SystemError) -> any StorageFile {
        if file(name) != nil { throw SystemError(operation: "create", errno: EEXIST, path: name) }
        let number = state.withLock { state in
            state.created += 1
            return state.created - 1
        }
        try change(.create(number, name))
        let made = MemoryFile(number, name, [])
        made.belong(to: self)
        state.withLock { $0.names[name] = made }
        return made
    }

    func rename(_ name: String, to newName: String) throws(SystemError) {
        let moved = try existing(name, newName)
        try change(.rename(moved.number, from: name, to: newName))
        state.withLock { state in
            state.names[name] = nil
            state.names[newName] = moved
        }
    }

    func link(_ name: String, to newName: String) throws(SystemError) {
        let linked = try existing(name, newName)
        try change(.link(linked.number, newName))
        state.withLock { $0.names[newName] = linked }
    }

    private func existing(_ name: String, _ newName: String) throws(SystemError) -> MemoryFile {
        if file(newName) != nil { throw SystemError(operation: "rename", errno: EEXIST, path: newName) }
        guard let file = file(name) else { throw SystemError(operation: "rename", errno: ENOENT, path: name) }
        return file
    }

    func remove(_ name: String) throws(SystemError) {
        guard let file = file(name) else { throw SystemError(operation: "unlink", errno: ENOENT, path: name) }
        try change(.remove(file.number, name))
        state.withLock { $0.names[name] = nil }
    }

    func sync() throws(SystemError) { try change(.syncDirectory) }
}

/// A file of a `MemoryDisk`.
final class MemoryFile: StorageFile {
    let number: Int
    private let name: String
    private let content: Mutex<[UInt8]>
    private let disk = Mutex<WeakDisk>(WeakDisk())

    private struct WeakDisk {
        weak var disk: MemoryDisk?
    }

    init(_ number: Int, _ name: String, _ bytes: [UInt8]) {
        self.number = number
        self.name = name
        content = Mutex(bytes)
    }

    func belong(to disk: MemoryDisk) {
        self.disk.withLock { $0.disk = disk }
    }

    var bytes: [UInt8] { content.withLock { $0 } }

    /// What no program does: changes bytes behind everybody's back.
    func damage(_ change: (inout [UInt8]) -> Void) {
        content.withLock { change(&$0) }
    }

    private func change(_ operation: Operation) throws(SystemError) -> Int {
        try disk.withLock { $0.disk }?.change(operation) ?? 0
    }

    func size() throws(SystemError) -> UInt64 { content.withLock { UInt64($0.count) } }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(SystemError) -> Int {
        content.withLock { content in
            guard offset < content.count else { return 0 }
            let count = min(buffer.count, content.count - Int(offset))
            content.withUnsafeBytes { source in
                buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[Int(offset)..<Int(offset) + count]))
            }
            return count
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(SystemError) -> Int {
        let count = try change(.write(number, offset: Int(offset), bytes: Array(bytes)))
        content.withLock { $0.overwrite(Array(bytes.prefix(count)), at: Int(offset)) }
        return count
    }

    func sync() throws(SystemError) { _ = try change(.sync(number)) }

    func truncate(to length: UInt64) throws(SystemError) {
        _ = try change(.truncate(number, length: Int(length)))
        content.withLock { $0.resize(to: Int(length)) }
    }
}

extension [UInt8] {
    mutating func resize(to length: Int) {
        if count > length {
            removeLast(count - length)
        } else {
            append(contentsOf: repeatElement(0, count: length - count))
        }
    }

    mutating func overwrite(_ bytes: [UInt8], at offset: Int) {
        if count < offset + bytes.count { resize(to: offset + bytes.count) }
        replaceSubrange(offset..<offset + bytes.count, with: bytes)
    }
}
