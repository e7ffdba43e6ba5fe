internal import CLinux
internal import Glibc

/// An eventfd: one side rings, the other sleeps on it, in `read` or in an event loop.
package final class Bell: Sendable {
    /// Owned by the bell and closed with it; watch it for reading.
    package let descriptor: Int32

    /// Traps when the system is out of descriptors: no thread can be spoken to without one.
    package init() {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC))
        precondition(descriptor >= 0, "eventfd: \(String(cString: strerror(errno)))")
    }

    deinit {
        close(descriptor)
    }

    package func ring() {
        var one: UInt64 = 1
        while write(descriptor, &one, 8) < 0 && errno == EINTR {}
    }

    /// Sleeps until the bell has been rung, and silences it.
    package func wait() {
        var count: UInt64 = 0
        while read(descriptor, &count, 8) < 0 && errno == EINTR {}
    }

    /// As `wait`, but for at most so long. Whether the bell had been rung.
    @discardableResult
    package func wait(milliseconds: Int32) -> Bool {
        var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&watched, 1, milliseconds) > 0 else { return false }
        wait()
        return true
    }
}
