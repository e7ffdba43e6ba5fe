import Glibc
import Testing

/// Another program, with what it prints on a pipe. Foundation's own waits on a run loop, which a test has none of.
final class Child {
    private let id: pid_t
    private let output: Int32

    init(_ arguments: [String]) throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        // What this thread has blocked the child should not.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var copies = arguments.map { strdup($0) }
        copies.append(nil)
        defer { for copy in copies { free(copy) } }
        var made: pid_t = 0
        let code = posix_spawnp(&made, arguments[0], &actions, &attributes, copies, environ)
        close(ends[1])
        id = made
        output = ends[0]
        try #require(code == 0, "\(arguments): \(String(cString: strerror(code)))")
    }

    /// What it prints next; nil at the end.
    func read() -> String? {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = Glibc.read(output, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }

    func terminate() { kill(id, SIGTERM) }

    /// Waits for its end: 0 if it exited well.
    @discardableResult
    func wait() -> Int32 {
        var status: Int32 = 0
        while waitpid(id, &status, 0) < 0 && errno == EINTR {}
        close(output)
        return status
    }
}
