internal import CLinux
internal import Glibc

/// A thread of the operating system. Whatever its body captures is Sendable, so the compiler keeps the loop's objects
/// out of it.
package struct OSThread: Sendable {
    private let id: pthread_t

    /// Starts `body` on a thread called `name` (15 bytes of it show in `ps -L`). Signals stay with the main thread.
    /// Throws the errno of `pthread_create(3)`.
    package init(name: String, body: @escaping @Sendable () -> Void) throws(ThreadError) {
        let boxed = Unmanaged.passRetained(ThreadBody(name: name, body: body))
        var everySignal = sigset_t()
        var before = sigset_t()
        sigfillset(&everySignal)
        pthread_sigmask(SIG_SETMASK, &everySignal, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        var thread = pthread_t()
        let code = pthread_create(&thread, nil, { runThread($0) }, boxed.toOpaque())
        guard code == 0 else {
            boxed.release()
            throw ThreadError(errno: code)
        }
        id = thread
    }

    /// Waits until the body has returned.
    package func join() {
        pthread_join(id, nil)
    }

    /// For a thread that nobody waits for.
    package func detach() {
        pthread_detach(id)
    }
}

/// `pthread_create` refused: too many threads, or no memory for the stack.
package struct ThreadError: Error {
    package let errno: Int32
}

private final class ThreadBody: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}

private func runThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    let thread = Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue()
    httpcron_name_thread(thread.name)
    thread.body()
    return nil
}
