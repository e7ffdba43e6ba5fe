internal import CronCore

extension Verb {
    static let reload = Verb(
        name: "reload",
        operands: "",
        summary: "Have the daemon read job files and settings again, and wait for that",
        description: """
            What systemctl reload httpcron does: the daemon reads its settings and the job files that changed, and this
            prints what it found. The exit status is 1 if a file was refused: such a job goes on with its last good
            version. Only root and the daemon's user may.
            """,
        options: [.socket],
        examples: [.init("httpcron reload && echo fine", "in a script that deploys job files")],
        run: { try Reloading.run($0) })
}

/// `httpcron reload`.
enum Reloading {
    static func run(_ arguments: ParsedArguments) throws -> Int32 {
        guard arguments.operands.isEmpty else { throw UsageError("reload takes no JOB: all files are looked at") }
        let answer = try DaemonClient(arguments).post("/api/v1/cron/reload")
        let found = answer.body["data"] ?? answer.body
        var hasErrors = false
        for diagnostic in found["diagnostics"]?.array ?? [] {
            complain(diagnostic["text"]?.string ?? "")
            if diagnostic["severity"]?.string == "error" { hasErrors = true }
        }
        print(try answer.accepted("reload")["summary"]?.string ?? "")
        return hasErrors ? 1 : 0
    }
}
