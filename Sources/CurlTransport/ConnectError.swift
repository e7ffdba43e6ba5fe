internal import CronCore
internal import Glibc

/// Why no connection came about, by the errno that the kernel gave.
enum ConnectError {
    static func failure(errno: Int32, detail: String) -> Failure {
        switch errno {
        case ETIMEDOUT:
            // The kernel gave up before ConnectTimeout= did.
            return failure(code: "timeout_connect", reason: "timeout", detail: detail)
        case EHOSTUNREACH: return failure(code: "host_unreachable", reason: "ehostunreach", detail: detail)
        case EHOSTDOWN: return failure(code: "host_unreachable", reason: "ehostdown", detail: detail)
        case ENETUNREACH: return failure(code: "network_unreachable", reason: "enetunreach", detail: detail)
        case ENETDOWN: return failure(code: "network_unreachable", reason: "enetdown", detail: detail)
        case EAFNOSUPPORT: return failure(code: "network_unreachable", reason: "eafnosupport", detail: detail)
        case ECONNRESET: return failure(code: "connection_closed", reason: "closed", detail: detail)
        case ENOENT: return failure(code: "connect_refused", reason: "enoent", detail: detail)
        case EACCES: return failure(code: "connect_refused", reason: "eacces", detail: detail)
        case EPERM: return failure(code: "connect_refused", reason: "eperm", detail: detail)
        case EMFILE, ENFILE, ENOBUFS, ENOMEM, EADDRNOTAVAIL: return exhausted(errno)
        default: return failure(code: "connect_refused", reason: "econnrefused", detail: detail)
        }
    }

    private static func failure(code: String, reason: String, detail: String) -> Failure {
        Failure(
            code: code, error: "%Mint.TransportError{reason: :\(reason)}", detail: detail, requestMayHaveLeft: false)
    }

    /// This machine had nothing left to connect with: the host is not to blame, and its row of the table not to be
    /// used.
    private static func exhausted(_ errno: Int32) -> Failure {
        switch errno {
        case EMFILE:
            CurlError.notSent(
                "emfile", detail: "the daemon is out of file descriptors; raise LimitNOFILE= or lower MaxConcurrent=")
        case ENFILE: CurlError.notSent("enfile", detail: "the system is out of file descriptors; see fs.file-max")
        case EADDRNOTAVAIL:
            CurlError.notSent(
                "eaddrnotavail",
                detail: "no local address or port is left to connect from; see net.ipv4.ip_local_port_range")
        default: CurlError.notSent("enomem", detail: "the kernel is out of memory for sockets")
        }
    }
}
