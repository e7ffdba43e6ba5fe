internal import Glibc

/// A call of libsystemd that failed: which, and why.
package struct SystemdError: Error, CustomStringConvertible {
    package let call: String
    package let errno: Int32

    package init(call: String, errno: Int32) {
        self.call = call
        self.errno = errno
    }

    package var description: String {
        "\(call): \(String(cString: strerror(errno)))"
    }

    /// libsystemd's convention: a negative errno is a failure, anything else the answer.
    @discardableResult
    static func check(_ call: String, _ result: Int32) throws(SystemdError) -> Int32 {
        guard result >= 0 else { throw SystemdError(call: call, errno: -result) }
        return result
    }
}
