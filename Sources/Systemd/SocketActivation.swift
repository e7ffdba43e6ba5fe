internal import CSystemd

/// The sockets that the service manager passes: sd_listen_fds(3).
package enum SocketActivation {
    /// Their descriptors, which are the caller's from now on. Empty: there are none, or this process is not the one they
    /// were meant for. To be asked once.
    package static func descriptors() -> [Int32] {
        let count = sd_listen_fds(1)
        guard count > 0 else { return [] }
        return (0..<count).map { firstDescriptor + $0 }
    }

    /// SD_LISTEN_FDS_START.
    private static var firstDescriptor: Int32 { 3 }
}
