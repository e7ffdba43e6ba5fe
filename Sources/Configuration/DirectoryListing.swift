internal import Glibc

/// The names in a directory, but for `.` and `..`, in no order.
enum DirectoryListing {
    /// Beyond this many a directory is no directory of job files any more.
    static let limit = 4_000_000

    static func names(of directory: borrowing Descriptor) throws(SystemError) -> [String] {
        // The stream owns and closes its descriptor, so it gets one of its own.
        let own = try Descriptor(".", in: directory.number, flags: O_DIRECTORY)
        let number = fcntl(own.number, F_DUPFD_CLOEXEC, 0)
        guard number >= 0 else { throw SystemError() }
        guard let stream = fdopendir(number) else {
            let error = SystemError()
            close(number)
            throw error
        }
        defer { closedir(stream) }
        var names: [String] = []
        while names.count < limit {
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else { throw SystemError() }
                break
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: field.pointee)) {
                    String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
