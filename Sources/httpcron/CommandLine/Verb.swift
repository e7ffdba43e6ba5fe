/// What `httpcron` can be told to do.
struct Verb: Sendable {
    let name: String
    /// What follows the name in the synopsis: `[JOB…]`.
    let operands: String
    let summary: String
    /// The paragraph under the synopsis in `--help`.
    let description: String
    let options: [OptionSpec]
    let examples: [Example]
    /// Carries the verb out; the exit status.
    let run: @Sendable (ParsedArguments) throws -> Int32

    /// A command line and what it is good for.
    struct Example: Sendable {
        let command: String
        let purpose: String

        init(_ command: String, _ purpose: String) {
            self.command = command
            self.purpose = purpose
        }
    }

    static let all: [Verb] = [
        .dump, .list, .check, .next, .why, .verify, .compact, .try, .run, .pause, .resume, .reload, .status,
    ]
}

extension OptionSpec {
    static let jobs = OptionSpec("jobs", value: "DIR", "Job files, \(Paths.standard.jobs) if not given")
    static let state = OptionSpec(
        "state", value: "DIR", "State directory, \(Paths.standard.state) if not given;\na copy of its history will do")
    static let config = OptionSpec("config", value: "FILE", "Daemon settings, \(Paths.standard.config) if not given")
    static let utc = OptionSpec("utc", "Show times in UTC")
    static let noPager = OptionSpec("no-pager", "Do not pipe output into a pager")
    static let help = OptionSpec("help", short: "h", "Show this help")
    static let version = OptionSpec("version", "Show the version")
    static let outputJSON = OptionSpec("output", short: "o", value: "FORMAT", "table, or json: one object a line")

    /// What every verb takes, and what may stand before it.
    static let paths: [OptionSpec] = [.jobs, .state, .config]
    static let everywhere: [OptionSpec] = paths + [.utc, .noPager, .help, .version]
}

extension Verb {
    /// Everything this verb takes.
    var allOptions: [OptionSpec] { options + OptionSpec.everywhere }
}
