internal import CLinux
internal import Glibc

/// What the process asks of the kernel for itself, before any thread runs.
enum ProcessLimits {
    /// A peer that hangs up is an answer, not a signal; secrets are in memory, so no core is written and no debugger of
    /// another user attaches; what we write, only the group may read.
    static func apply() {
        signal(SIGPIPE, SIG_IGN)
        umask(0o027)
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    }

    /// Raises the soft limit of descriptors to the hard one, and tells it.
    static func raiseDescriptors() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1_024 }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(clamping: limit.rlim_cur)
    }
}
