import Glibc
import Threads

/// Holds threads back until it is opened, for good.
final class Gate: Sendable {
    private let bell = Bell()

    func wait() {
        bell.wait()
        // The next one may go as well.
        bell.ring()
    }

    func open() {
        bell.ring()
    }
}
