/// Where things are: the system's places, or what the options say.
struct Paths: Equatable, Sendable {
    let jobs: String
    let state: String
    let config: String

    static let standard = Paths(
        jobs: "/etc/httpcron/jobs.d", state: "/var/lib/httpcron", config: "/etc/httpcron/httpcron.conf")

    init(jobs: String, state: String, config: String) {
        self.jobs = jobs
        self.state = state
        self.config = config
    }

    init(_ arguments: ParsedArguments) {
        self.init(
            jobs: arguments.value(of: "jobs") ?? Paths.standard.jobs,
            state: arguments.value(of: "state") ?? Paths.standard.state,
            config: arguments.value(of: "config") ?? Paths.standard.config)
    }
}
