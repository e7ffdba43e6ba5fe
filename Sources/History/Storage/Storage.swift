/// One directory of files: all that the history asks of the world, and the seam at which a test or a simulation puts
/// its own disk. Names are single components.
package protocol Storage: Sendable {
    /// For messages.
    var path: String { get }
    func names() throws(SystemError) -> [String]
    /// For reading only.
    func open(_ name: String) throws(SystemError) -> any StorageFile
    /// A new, empty file of mode 0640; EEXIST if there is one.
    func create(_ name: String) throws(SystemError) -> any StorageFile
    /// EEXIST, rather than replacing.
    func rename(_ name: String, to newName: String) throws(SystemError)
    /// A second name for the same file.
    func link(_ name: String, to newName: String) throws(SystemError)
    func remove(_ name: String) throws(SystemError)
    /// Makes what was created, renamed, linked and removed durable.
    func sync() throws(SystemError)
    /// Changes whenever a name comes or goes; nil: nothing is known of that.
    func stamp() -> DirectoryStamp?
}

extension Storage {
    package func stamp() -> DirectoryStamp? { nil }
}

/// When a directory was changed last, as stat(2) tells it.
package struct DirectoryStamp: Equatable, Sendable {
    var device: UInt64
    var inode: UInt64
    var seconds: Int
    var nanoseconds: Int
    /// It lies so far back that a change after it would have another one: clocks of file systems tick every few
    /// milliseconds.
    var isSettled: Bool

    package static func == (left: DirectoryStamp, right: DirectoryStamp) -> Bool {
        left.device == right.device && left.inode == right.inode && left.seconds == right.seconds
            && left.nanoseconds == right.nanoseconds
    }
}

/// One open file; closed when the last reference goes. Reads and writes say where, so threads may share it.
package protocol StorageFile: AnyObject, Sendable {
    func size() throws(SystemError) -> UInt64
    /// Fills `buffer` from `offset`; fewer bytes only at the end of the file.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(SystemError) -> Int
    /// One write, which may be short: that is how a full disk begins.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(SystemError) -> Int
    /// Makes the content durable. After a failure nothing may be tried again on this file.
    func sync() throws(SystemError)
    func truncate(to length: UInt64) throws(SystemError)
}

extension StorageFile {
    /// Writes all of `bytes`; a short write is ENOSPC, which it announces.
    func writeAll(
        _ bytes: UnsafeRawBufferPointer, at offset: UInt64, path: @autoclosure () -> String
    ) throws(SystemError) {
        let written = try write(bytes, at: offset)
        if written != bytes.count { throw .noSpace(path()) }
    }
    /// The same.
    func writeAll(_ bytes: [UInt8], at offset: UInt64, path: @autoclosure () -> String) throws(SystemError) {
        let path = path()
        let result: Result<Void, SystemError> = bytes.withUnsafeBytes { bytes in
            do throws(SystemError) {
                return .success(try writeAll(bytes, at: offset, path: path))
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }
}
