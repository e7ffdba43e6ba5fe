internal import CronCore
internal import Glibc
internal import History
internal import Synchronization

/// A file of a ``VirtualDisk``.
final class VirtualFile: StorageFile {
    private let name: String
    private let content = Mutex(SectoredBytes())
    private unowned let disk: VirtualDisk

    init(_ name: String, on disk: VirtualDisk) {
        self.name = name
        self.disk = disk
    }

    func size() throws(SystemError) -> UInt64 { UInt64(content.withLock { $0.live.count }) }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(SystemError) -> Int {
        try disk.read(name)
        guard let place = Int(exactly: offset) else { return 0 }
        return content.withLock { $0.read(into: buffer, at: place) }
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(SystemError) -> Int {
        guard let place = Int(exactly: offset), place < 1 << 40 else { throw disk.error("pwrite", EFBIG, name) }
        let grows = content.withLock { place + bytes.count > $0.live.count }
        let verdict = disk.begin(.write, grows: grows)
        let count = verdict.portion(of: bytes.count)
        content.withLock { $0.write(UnsafeRawBufferPointer(rebasing: bytes[..<count]), at: place) }
        disk.note(self, isDirty: true)
        try disk.end(verdict, "pwrite", name)
        return count
    }

    func sync() throws(SystemError) {
        let verdict = disk.begin(.sync)
        if verdict.takesPlace {
            content.withLock { $0.sync() }
            disk.note(self, isDirty: false)
        } else if verdict.isFailure {
            var luck = RandomSource(seed: verdict.luck)
            content.withLock { $0.failToSync(&luck) }
            disk.note(self, isDirty: false)
        }
        try disk.end(verdict, "fdatasync", name)
    }

    func truncate(to length: UInt64) throws(SystemError) {
        let verdict = disk.begin(.truncate)
        if verdict.takesPlace {
            content.withLock { $0.truncate(to: Int(clamping: length)) }
            disk.note(self, isDirty: true)
        }
        try disk.end(verdict, "ftruncate", name)
    }

    // MARK: - What befalls it

    func writeBackSome(_ luck: inout RandomSource) {
        content.withLock { [luck] content in
            var luck = luck
            content.writeBackSome(&luck)
        }
        _ = luck.next()
    }

    func losePower(_ luck: inout RandomSource, share: Int) {
        let seed = luck.next()
        content.withLock { content in
            var luck = RandomSource(seed: seed)
            content.losePower(&luck, share: share)
        }
    }

    func flip(bit: Int, at offset: Int) {
        content.withLock { $0.flip(bit: bit, at: offset) }
    }

    var isFlipped: Bool { content.withLock { $0.isFlipped } }

    var bytes: [UInt8] { content.withLock { $0.live } }
}
