internal import Glibc

/// A file descriptor with one owner; closed when the owner lets go of it. Nothing is lost by a close that fails: what
/// matters has been synced before.
struct OwnedFile: ~Copyable, Sendable {
    let descriptor: Int32

    init(adopting descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }
}
