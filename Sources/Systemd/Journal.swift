internal import CSystemd
internal import Glibc

/// The systemd journal, field by field. sd_journal_sendv(3). May block when journald is slow: never on the loop.
package struct Journal: Sendable {
    package init() {}

    /// Whether stderr is the journal (`JOURNAL_STREAM=`, systemd.exec(5)), so that fields are worth sending.
    package static var isStandardError: Bool {
        guard let stream = getenv("JOURNAL_STREAM") else { return false }
        var status = stat()
        guard fstat(STDERR_FILENO, &status) == 0 else { return false }
        return String(cString: stream) == "\(status.st_dev):\(status.st_ino)"
    }

    /// One entry; each field is `NAME=value`, and the value may be any bytes. Throws what journald answered.
    package func send(_ fields: [[UInt8]]) throws(SystemdError) {
        let bytes = fields.flatMap { $0 }
        let result = bytes.withUnsafeBytes { buffer in
            var offset = 0
            let vectors = fields.map { field in
                defer { offset += field.count }
                return iovec(
                    iov_base: UnsafeMutableRawPointer(mutating: buffer.baseAddress)?.advanced(by: offset),
                    iov_len: field.count)
            }
            return sd_journal_sendv(vectors, Int32(vectors.count))
        }
        try SystemdError.check("sd_journal_sendv", result)
    }
}
