internal import Glibc

/// A system call that failed: which one, on what, and why.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The call's name, as its man page has it.
    package let operation: String
    package let errno: Int32
    package let path: String

    package init(operation: String, errno: Int32, path: String) {
        self.operation = operation
        self.errno = errno
        self.path = path
    }

    /// The disk could not read it, or read that it is not as it was written: damage, where it is a part of a file.
    var isUnreadable: Bool { errno == EIO || errno == EBADMSG || errno == EUCLEAN }

    /// How often what is unreadable is asked for again, each time after the disk has read something else: it may have
    /// refused for a moment only. More would be in vain, and each may take a disk seconds.
    static let readRetries = 2

    package var description: String { "\(path): \(reason)" }

    /// Without the path.
    var reason: String { "\(operation): \(String(cString: strerror(errno)))" }
}

/// Calls `body` again for as long as a signal interrupts it; what else fails is thrown with its errno. Every system
/// call of this module goes through here.
func systemCall<Result: FixedWidthInteger & SignedInteger>(
    _ operation: String, _ path: @autoclosure () -> String, _ body: () -> Result
) throws(SystemError) -> Result {
    while true {
        let result = body()
        if result >= 0 { return result }
        let code = errno
        if code != EINTR { throw SystemError(operation: operation, errno: code, path: path()) }
    }
}
