internal import CLinux
internal import Glibc

/// A socket that listens. Owns its descriptor; one that was bound here to a path takes the path away when it goes.
package final class Listener {
    package let descriptor: Int32
    /// Whether who connects is somebody on this machine whom the kernel can name.
    package let isUnix: Bool
    private let madePath: String?

    /// A socket of the service manager's (sd_listen_fds(3)), which listens already.
    package init(adopting descriptor: Int32) {
        self.descriptor = descriptor
        madePath = nil
        var family = sa_family_t()
        var address = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        if result == 0 { family = address.ss_family }
        isUnix = Int32(family) == AF_UNIX
        let flags = fcntl(descriptor, F_GETFL)
        _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
    }

    /// Binds and listens. A socket file that nobody listens on any more is replaced; its new one is for the owner and the
    /// group.
    package init(_ address: ListenAddress) throws(ListenError) {
        // Nothing of this object before the socket is whole: what is thrown half-way must not take away another's path.
        let made = try Self.bound(address)
        descriptor = made
        isUnix = address.isUnix
        if case .unix(let path) = address { madePath = path } else { madePath = nil }
    }

    deinit {
        if let madePath { unlink(madePath) }
        close(descriptor)
    }

    private static func bound(_ address: ListenAddress) throws(ListenError) -> Int32 {
        let made = socket(address.family, Int32(SOCK_STREAM.rawValue) | Int32(O_NONBLOCK | O_CLOEXEC), 0)
        guard made >= 0 else { throw ListenError(address, errno) }
        do throws(ListenError) {
            try bind(made, address)
        } catch {
            close(made)
            throw error
        }
        return made
    }

    private static func bind(_ descriptor: Int32, _ address: ListenAddress) throws(ListenError) {
        if !address.isUnix {
            var yes: Int32 = 1
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, 4)
        }
        // Made for owner and group from its first moment, not changed to it afterwards.
        let mask = umask(0o117)
        defer { umask(mask) }
        var result = address.withSocketAddress { Glibc.bind(descriptor, $0, $1) }
        if result < 0, errno == EADDRINUSE, case .unix(let path) = address {
            guard isAbandoned(address) else { throw ListenError(address, EADDRINUSE) }
            unlink(path)
            result = address.withSocketAddress { Glibc.bind(descriptor, $0, $1) }
        }
        guard result == 0, listen(descriptor, 128) == 0 else { throw ListenError(address, errno) }
    }

    /// Whether nobody listens on the socket file that is there.
    private static func isAbandoned(_ address: ListenAddress) -> Bool {
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(O_NONBLOCK | O_CLOEXEC), 0)
        guard probe >= 0 else { return false }
        defer { close(probe) }
        return address.withSocketAddress { connect(probe, $0, $1) } < 0 && errno == ECONNREFUSED
    }
}

/// An address that cannot be listened on.
package struct ListenError: Error, CustomStringConvertible {
    package let address: ListenAddress
    package let errno: Int32

    init(_ address: ListenAddress, _ errno: Int32) {
        self.address = address
        self.errno = errno
    }

    package var description: String {
        let what = "cannot listen on \(address.text): \(String(cString: strerror(errno)))"
        switch (errno, address) {
        case (EADDRINUSE, .unix): return "\(what); another httpcrond has it: stop that one, or give another --listen"
        case (EADDRINUSE, _): return "\(what); another program has the port: ss -ltnp shows which"
        case (EACCES, _): return "\(what); the daemon's user may not make it there"
        case (ENOENT, .unix): return "\(what); make the directory above it"
        default: return what
        }
    }
}
