internal import CronCore
internal import Glibc

/// An open file or directory. Closed when it goes away.
struct Descriptor: ~Copyable {
    let number: Int32

    /// Opens without waiting (a FIFO must not hang the reader) and without handing it to child processes. A system
    /// error is the errno.
    init(_ path: String, in directory: Int32 = AT_FDCWD, flags: Int32 = 0) throws(SystemError) {
        while true {
            let number = openat(directory, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY | flags)
            if number >= 0 {
                self.number = number
                return
            }
            guard errno == EINTR else { throw SystemError() }
        }
    }

    deinit {
        close(number)
    }

    func status() throws(SystemError) -> FileStatus {
        var status = stat()
        guard fstat(number, &status) == 0 else { throw SystemError() }
        return FileStatus(status)
    }

    /// All bytes, at most `limit` and one: whoever gets more than `limit` knows that the file is too large.
    func read(expecting size: Int, limit: Int) throws(SystemError) -> [UInt8] {
        var failure: SystemError?
        var bytes: [UInt8] = []
        var capacity = min(max(size, 0), limit) + 1
        while true {
            let start = bytes.count
            let part = [UInt8](unsafeUninitializedCapacity: capacity - start) { buffer, count in
                (count, failure) = fill(buffer)
            }
            if let failure { throw failure }
            if start == 0 { bytes = part } else { bytes += part }
            // Short: the end. Full: the file has grown since it was looked at.
            guard bytes.count == capacity, capacity <= limit else { return bytes }
            capacity = min(capacity * 2, limit + 1)
        }
    }

    private func fill(_ buffer: UnsafeMutableBufferPointer<UInt8>) -> (Int, SystemError?) {
        guard let base = buffer.baseAddress else { return (0, nil) }
        var count = 0
        while count < buffer.count {
            let result = Glibc.read(number, base + count, buffer.count - count)
            if result < 0 {
                if errno == EINTR { continue }
                return (count, SystemError())
            }
            if result == 0 { break }
            count += result
            // A regular file gives what it has: short means the end, and saves a second call.
            if count < buffer.count { break }
        }
        return (count, nil)
    }
}

/// An errno, taken when made.
package struct SystemError: Error, Hashable, Sendable {
    package let number: Int32

    init() {
        number = errno
    }

    package init(_ number: Int32) {
        self.number = number
    }

    /// `Permission denied`.
    package var text: String {
        // Safe between threads: glibc 2.32 and later keep the buffer per thread.
        strerror(number).map { String(cString: $0) } ?? "error \(number)"
    }
}

/// What `fstat` says: what the check needs, and what tells one version of a file from another.
struct FileStatus: Hashable {
    let facts: FileFacts
    let fingerprint: FileFingerprint

    init(_ status: stat) {
        let kind: FileFacts.Kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .directory
            default: .other
            }
        facts = FileFacts(
            kind: kind, owner: status.st_uid, group: status.st_gid, mode: status.st_mode & 0o7777,
            size: Int64(status.st_size))
        fingerprint = FileFingerprint(status)
    }
}

/// Tells one version of a file from another, without reading it.
struct FileFingerprint: Hashable, Sendable {
    private let device: UInt64
    private let inode: UInt64
    private let size: Int64
    private let modifiedAt: Int64
    private let changedAt: Int64

    /// Whether the file could change once more and look the same: file systems stamp changes by a clock that moves
    /// every few milliseconds only. `now` is in nanoseconds since 1970.
    func isFresh(at now: Int64) -> Bool {
        changedAt > now &- 100_000_000
    }

    /// When the file was written last.
    var modified: Timestamp { Timestamp(microseconds: modifiedAt / 1_000) }

    init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        modifiedAt = Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec)
        changedAt = Int64(status.st_ctim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_ctim.tv_nsec)
    }

    /// That of the file behind `name`, links followed.
    init(_ name: String, in directory: Int32) throws(SystemError) {
        var status = stat()
        guard fstatat(directory, name, &status, 0) == 0 else { throw SystemError() }
        self.init(status)
    }
}
