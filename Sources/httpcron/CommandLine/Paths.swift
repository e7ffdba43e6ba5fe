internal import Glibc

/// Where things are: the system's places, or what the options say.
struct Paths: Equatable, Sendable {
    let jobs: String
    let state: String
    let config: String
    /// `history` below the state directory; the directory itself where it is a history, as a copy may be.
    let history: String

    static let standard = Paths(
        jobs: "/etc/httpcron/jobs.d", state: "/var/lib/httpcron", config: "/etc/httpcron/httpcron.conf")

    init(jobs: String, state: String, config: String) {
        self.jobs = jobs
        self.state = state
        self.config = config
        let below = state.hasSuffix("/") ? state + "history" : state + "/history"
        let isHistory = access(below, F_OK) != 0 && directoryNames(state).contains { $0.hasSuffix(".seg") }
        history = isHistory ? state : below
    }

    init(_ arguments: ParsedArguments) {
        self.init(
            jobs: arguments.value(of: "jobs") ?? Paths.standard.jobs,
            state: arguments.value(of: "state") ?? Paths.standard.state,
            config: arguments.value(of: "config") ?? Paths.standard.config)
    }
}
