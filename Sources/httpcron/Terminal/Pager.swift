internal import Glibc

/// A pager on the other end of standard output, as journalctl(1) starts one: `$HTTPCRON_PAGER`, `$PAGER`, less, more.
/// Owns the pipe and the process; `wait` closes the one and waits for the other.
final class Pager {
    /// Where to write.
    let descriptor: Int32
    private let process: pid_t

    private init(descriptor: Int32, process: pid_t) {
        self.descriptor = descriptor
        self.process = process
    }

    /// nil: no pager is wanted, or none could be started.
    static func start() -> Pager? {
        for command in commands() {
            guard command != ["cat"] else { return nil }
            if let pager = spawn(command) { return pager }
        }
        return nil
    }

    /// Blocks until the reader has left the pager.
    func wait() {
        close(descriptor)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
    }

    /// What to try, in turn. Through sudo only less, which `LESSSECURE` keeps from giving a shell to whoever pages.
    private static func commands() -> [[String]] {
        guard environment("SUDO_UID") == nil else { return [["less"]] }
        let wanted = environment("HTTPCRON_PAGER") ?? environment("PAGER")
        guard let wanted else { return [["less"], ["more"]] }
        let words = wanted.split(separator: " ").map(String.init)
        return words.isEmpty ? [["cat"]] : [words, ["less"]]
    }

    private static func spawn(_ command: [String]) -> Pager? {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
            close(ends[0])
        }
        posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO)
        var defaults = sigset_t()
        sigemptyset(&defaults)
        sigaddset(&defaults, SIGPIPE)
        sigaddset(&defaults, SIGINT)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))

        let arguments = command.map { strdup($0) } + [nil]
        let variables = pagerEnvironment().map { strdup($0) } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var process: pid_t = 0
        guard posix_spawnp(&process, command[0], &actions, &attributes, arguments, variables) == 0 else {
            close(ends[1])
            return nil
        }
        // Ctrl-C belongs to the pager from here on: it is what the reader looks at.
        signal(SIGINT, SIG_IGN)
        return Pager(descriptor: ends[1], process: process)
    }

    /// Ours, with less told to end by itself when all fits on a screen, to keep colours and to chop long lines.
    private static func pagerEnvironment() -> [String] {
        let inherited = readFile("/proc/self/environ") ?? []
        var variables = inherited.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        variables.removeAll { $0.hasPrefix("LESS=") || $0.hasPrefix("LESSCHARSET=") || $0.hasPrefix("LESSSECURE=") }
        variables += ["LESS=FRSXMK", "LESSCHARSET=utf-8"]
        if environment("SUDO_UID") != nil { variables.append("LESSSECURE=1") }
        return variables
    }
}

/// A whole small file, at most 1 MiB of it; nil if it cannot be read.
func readFile(_ path: String, limit: Int = 1 << 20) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    return readAll(descriptor, limit: limit)
}

/// What is left in a descriptor, at most `limit` bytes of it; nil if it cannot be read.
func readAll(_ descriptor: Int32, limit: Int) -> [UInt8]? {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while bytes.count < limit {
        let count = read(descriptor, &chunk, min(chunk.count, limit - bytes.count))
        if count == 0 { break }
        if count < 0 {
            if errno == EINTR { continue }
            return nil
        }
        bytes += chunk[..<count]
    }
    return bytes
}
