import Synchronization

@testable import History

/// A directory that tells when it was changed as coarsely as the test says, and counts how often it is listed.
final class TickingDirectory: Storage {
    private struct State {
        var stamp = DirectoryStamp(device: 1, inode: 2, seconds: 3, nanoseconds: 4, isSettled: false)
        var listings = 0
    }

    let disk: FakeDisk
    private let state = Mutex(State())

    init(_ disk: FakeDisk) { self.disk = disk }

    /// The clock of the file system ticks.
    func tick() { state.withLock { $0.stamp.seconds += 1 } }
    /// The last change lies so far back that another one would show.
    func settle(_ isSettled: Bool = true) { state.withLock { $0.stamp.isSettled = isSettled } }
    var listings: Int { state.withLock { $0.listings } }

    func stamp() -> DirectoryStamp? { state.withLock { $0.stamp } }

    var path: String { disk.path }

    func names() throws(SystemError) -> [String] {
        state.withLock { $0.listings += 1 }
        return try disk.names()
    }

    func open(_ name: String) throws(SystemError) -> any StorageFile { try disk.open(name) }
    func create(_ name: String) throws(SystemError) -> any StorageFile { try disk.create(name) }
    func rename(_ name: String, to newName: String) throws(SystemError) { try disk.rename(name, to: newName) }
    func link(_ name: String, to newName: String) throws(SystemError) { try disk.link(name, to: newName) }
    func remove(_ name: String) throws(SystemError) { try disk.remove(name) }
    func sync() throws(SystemError) { try disk.sync() }
}
