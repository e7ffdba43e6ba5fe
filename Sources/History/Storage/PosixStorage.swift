internal import CLinux
internal import Glibc

extension SystemError {
    /// What a short write means.
    static func noSpace(_ path: String) -> SystemError {
        SystemError(operation: "pwrite", errno: ENOSPC, path: path)
    }

    package var isMissing: Bool { errno == ENOENT }
    package var isExisting: Bool { errno == EEXIST }
    /// No room on the disk, or none for this user.
    var isFull: Bool { errno == ENOSPC || errno == EDQUOT }
}

/// A directory of the real file system, held open.
package final class PosixStorage: Storage {
    package let path: String
    private let directory: OwnedFile

    /// Opens `path`; with `create`, makes it first, mode 0750 (its parent must exist).
    package init(path: String, create: Bool = false) throws(SystemError) {
        if create {
            do throws(SystemError) {
                _ = try systemCall("mkdir", path) { mkdir(path, 0o750) }
            } catch  where error.isExisting {}
        }
        self.path = path
        directory = OwnedFile(
            adopting: try systemCall("open", path) { Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) })
    }

    package func names() throws(SystemError) -> [String] {
        // A descriptor of its own: the position in a directory belongs to the open file.
        let descriptor = try systemCall("open", path) {
            openat(directory.descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        }
        guard let stream = fdopendir(descriptor) else {
            let code = errno
            close(descriptor)
            throw SystemError(operation: "fdopendir", errno: code, path: path)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw SystemError(operation: "readdir", errno: errno, path: path) }
        return names
    }

    package func open(_ name: String) throws(SystemError) -> any StorageFile {
        let flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        let descriptor = try systemCall("open", file(name)) { openat(directory.descriptor, name, flags) }
        return PosixFile(OwnedFile(adopting: descriptor), path: file(name))
    }

    package func create(_ name: String) throws(SystemError) -> any StorageFile {
        let flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
        let descriptor = try systemCall("open", file(name)) {
            let descriptor = openat(directory.descriptor, name, flags, 0o640)
            guard descriptor < 0, errno == ENOENT, followDirectory() else { return descriptor }
            return openat(directory.descriptor, name, flags, 0o640)
        }
        let made = PosixFile(OwnedFile(adopting: descriptor), path: file(name))
        try giveToOwner(descriptor, file(name))
        return made
    }

    /// Where the directory was removed, and there is one under its name again, goes on in that, with the lock on it. The
    /// descriptor keeps its number, so that whoever uses it meanwhile has the one or the other. Whether it did; else
    /// errno is what it was.
    private func followDirectory() -> Bool {
        let code = errno
        defer { errno = code }
        var status = stat()
        guard fstat(directory.descriptor, &status) == 0, status.st_nlink == 0 else { return false }
        let other = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard other >= 0 else { return false }
        defer { close(other) }
        guard flock(other, LOCK_EX | LOCK_NB) == 0 else { return false }
        return httpcron_replace_descriptor(directory.descriptor, other) >= 0
    }

    /// What root makes belongs to whom the directory belongs to, or the daemon could not read its own history.
    private func giveToOwner(_ descriptor: Int32, _ name: String) throws(SystemError) {
        guard geteuid() == 0 else { return }
        var status = stat()
        _ = try systemCall("fstat", path) { fstat(directory.descriptor, &status) }
        guard status.st_uid != 0 || status.st_gid != getegid() else { return }
        _ = try systemCall("fchown", name) { fchown(descriptor, status.st_uid, status.st_gid) }
    }

    package func rename(_ name: String, to newName: String) throws(SystemError) {
        do throws(SystemError) {
            _ = try systemCall("renameat2", file(newName)) {
                httpcron_rename_new(directory.descriptor, name, newName)
            }
        } catch  where error.errno == EINVAL || error.errno == ENOSYS {
            // A file system without RENAME_NOREPLACE: the same in two steps, which opening a history understands.
            try link(name, to: newName)
            try remove(name)
        }
    }

    package func link(_ name: String, to newName: String) throws(SystemError) {
        _ = try systemCall("linkat", file(newName)) {
            linkat(directory.descriptor, name, directory.descriptor, newName, 0)
        }
    }

    package func remove(_ name: String) throws(SystemError) {
        _ = try systemCall("unlinkat", file(name)) { unlinkat(directory.descriptor, name, 0) }
    }

    package func sync() throws(SystemError) {
        _ = try systemCall("fsync", path) { fsync(directory.descriptor) }
    }

    package func stamp() -> DirectoryStamp? {
        var status = stat()
        var now = timespec()
        guard fstat(directory.descriptor, &status) == 0, clock_gettime(CLOCK_REALTIME, &now) == 0 else { return nil }
        let (changed, settling) = (status.st_mtim, 50_000_000)
        let age = (now.tv_sec - changed.tv_sec) &* 1_000_000_000 &+ (now.tv_nsec - changed.tv_nsec)
        return DirectoryStamp(
            device: UInt64(status.st_dev), inode: UInt64(status.st_ino), seconds: changed.tv_sec,
            nanoseconds: changed.tv_nsec, isSettled: age > settling)
    }

    /// Takes the lock that keeps a second daemon out, until `unlock` or until this object goes. false: somebody else has it.
    package func lock() throws(SystemError) -> Bool {
        do throws(SystemError) {
            _ = try systemCall("flock", path) { flock(directory.descriptor, LOCK_EX | LOCK_NB) }
            return true
        } catch  where error.errno == EWOULDBLOCK {
            return false
        }
    }

    package func unlock() {
        flock(directory.descriptor, LOCK_UN)
    }

    /// The kind of a network file system, by its name, where this directory is on one.
    package func networkFileSystem() throws(SystemError) -> String? {
        switch try systemCall("fstatfs", path, { httpcron_file_system(directory.descriptor) }) {
        case Int(NFS_SUPER_MAGIC): "NFS"
        case Int(SMB_SUPER_MAGIC), 0xfe53_4d42, 0xff53_4d42: "SMB"
        case Int(AFS_SUPER_MAGIC), 0x6b41_4653: "AFS"
        case Int(CODA_SUPER_MAGIC): "Coda"
        case Int(V9FS_MAGIC): "9p"
        case 0x00c3_6400: "Ceph"
        default: nil
        }
    }

    private func file(_ name: String) -> String { "\(path)/\(name)" }
}

private final class PosixFile: StorageFile {
    private let file: OwnedFile
    private let path: String

    init(_ file: consuming OwnedFile, path: String) {
        self.file = file
        self.path = path
    }

    func size() throws(SystemError) -> UInt64 {
        var status = stat()
        _ = try systemCall("fstat", path) { fstat(file.descriptor, &status) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw SystemError(operation: "open", errno: EINVAL, path: path)
        }
        return UInt64(clamping: status.st_size)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(SystemError) -> Int {
        var done = 0
        while done < buffer.count {
            guard let position = off_t(exactly: offset &+ UInt64(done)) else { break }
            let slice = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let count = try systemCall("pread", path) {
                pread(file.descriptor, slice.baseAddress, slice.count, position)
            }
            if count == 0 { break }
            done += count
        }
        return done
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(SystemError) -> Int {
        guard let position = off_t(exactly: offset) else {
            throw SystemError(operation: "pwrite", errno: EFBIG, path: path)
        }
        return try systemCall("pwrite", path) {
            pwrite(file.descriptor, bytes.baseAddress, bytes.count, position)
        }
    }

    func sync() throws(SystemError) {
        _ = try systemCall("fdatasync", path) { fdatasync(file.descriptor) }
        // A file that was removed is not there tomorrow, whatever the disk says.
        var status = stat()
        _ = try systemCall("fstat", path) { fstat(file.descriptor, &status) }
        if status.st_nlink == 0 { throw SystemError(operation: "fdatasync", errno: ENOENT, path: path) }
    }

    func truncate(to length: UInt64) throws(SystemError) {
        guard let length = off_t(exactly: length) else {
            throw SystemError(operation: "ftruncate", errno: EFBIG, path: path)
        }
        _ = try systemCall("ftruncate", path) { ftruncate(file.descriptor, length) }
    }
}
