internal import CronCore
internal import Glibc
internal import History
internal import Synchronization

/// A directory in memory that behaves as badly as a real one may: it forgets what was not synced, refuses, fails, and
/// lets the process die in the middle of an operation. One thread uses it; the locks are for the compiler.
final class VirtualDisk: Storage {
    struct State {
        var names = NameTable()
        /// Files with something that is not on the platter.
        var dirty: [VirtualFile] = []
        var luck: RandomSource
        var mood = DiskMood.well
        var troubles: [DiskTrouble] = []
        /// The number of the operation under which the process dies, and how.
        var death: (at: Int, kind: Death)?
        /// The process is dead: every operation fails.
        var isDown = false
        var tally = DiskTally()
        /// Before the operation with this number somebody reads the whole history.
        var readingAt: Int?
        var readings: [Reading] = []
    }

    let path = "/history"
    let state: Mutex<State>

    init(seed: UInt64) {
        state = Mutex(State(luck: RandomSource(seed: seed)))
    }

    func names() throws(SystemError) -> [String] {
        try read("")
        return state.withLock { $0.names.live.keys.sorted() }
    }

    func open(_ name: String) throws(SystemError) -> any StorageFile {
        try read(name)
        guard let file = state.withLock({ $0.names.live[name] }) else { throw error("openat", ENOENT, name) }
        return file
    }

    func create(_ name: String) throws(SystemError) -> any StorageFile {
        let verdict = begin(.create, grows: true)
        let file = VirtualFile(name, on: self)
        if verdict.takesPlace {
            if state.withLock({ $0.names.live[name] != nil }) { throw error("openat", EEXIST, name) }
            make(NameTable.Change(name: name, file: file))
        }
        try end(verdict, "openat", name)
        return file
    }

    func rename(_ name: String, to newName: String) throws(SystemError) {
        let verdict = begin(.rename)
        if verdict.takesPlace {
            let file = try source(name, "renameat2", target: newName)
            make(NameTable.Change(name: newName, file: file, oldName: name))
        }
        try end(verdict, "renameat2", newName)
    }

    func link(_ name: String, to newName: String) throws(SystemError) {
        let verdict = begin(.link, grows: true)
        if verdict.takesPlace {
            make(NameTable.Change(name: newName, file: try source(name, "linkat", target: newName)))
        }
        try end(verdict, "linkat", newName)
    }

    func remove(_ name: String) throws(SystemError) {
        // What is not there is found missing without any of the disk's work.
        guard state.withLock({ $0.isDown || $0.names.live[name] != nil }) else { throw error("unlinkat", ENOENT, name) }
        let verdict = begin(.remove)
        if verdict.takesPlace { make(NameTable.Change(name: name, file: nil)) }
        try end(verdict, "unlinkat", name)
    }

    func sync() throws(SystemError) {
        let verdict = begin(.syncDirectory)
        state.withLock { state in
            if verdict.takesPlace {
                state.names.sync()
            } else if verdict.isFailure {
                var luck = RandomSource(seed: verdict.luck)
                state.names.syncInPart(&luck)
            }
        }
        try end(verdict, "fsync", "")
    }

    private func source(_ name: String, _ call: String, target: String) throws(SystemError) -> VirtualFile {
        let (file, isTaken) = state.withLock { ($0.names.live[name], $0.names.live[target] != nil) }
        guard let file else { throw error(call, ENOENT, name) }
        if isTaken { throw error(call, EEXIST, target) }
        return file
    }

    private func make(_ change: NameTable.Change) {
        state.withLock { $0.names.make(change) }
    }

    func error(_ call: String, _ code: Int32, _ name: String) -> SystemError {
        SystemError(operation: call, errno: code, path: name.isEmpty ? path : "\(path)/\(name)")
    }
}
