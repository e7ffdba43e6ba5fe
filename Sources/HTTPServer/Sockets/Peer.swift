internal import CLinux
internal import Glibc

/// Who is at the other end of a connection.
package enum Peer: Equatable, Sendable {
    /// Somebody on this machine, by way of a Unix socket: as the kernel says, and as of when it connected. unix(7),
    /// `SO_PEERCRED`.
    case local(user: UInt32, process: Int32)
    /// Somebody by way of TCP: nobody knows who.
    case remote

    static func of(_ descriptor: Int32, isUnix: Bool) -> Peer {
        guard isUnix else { return .remote }
        var process: Int32 = 0
        var user: UInt32 = 0
        guard httpcron_peer(descriptor, &process, &user) == 0 else { return .remote }
        return .local(user: user, process: process)
    }
}
