internal import CronCore
internal import Glibc

extension Verb {
    static let status = Verb(
        name: "status",
        operands: "",
        summary: "Show how the running daemon is, and which jobs are paused, by whom and why",
        description: """
            Asks the running daemon: jobs, files in error, what is in flight and what is next, and every pause with its
            reason. The exit status is 1 if no daemon answers, or if it cannot record.
            """,
        options: [.outputJSON, .socket],
        examples: [
            .init("httpcron status", "a look"), .init("httpcron status -o json | jq .unsynced_bytes", "a number"),
        ],
        run: { try DaemonStatus.run($0) })
}

/// `httpcron status`.
enum DaemonStatus {
    static func run(_ arguments: ParsedArguments) throws -> Int32 {
        let isJSON = try wantsJSON(arguments)
        let client = DaemonClient(arguments)
        let status = try client.get("/api/v1/cron/status").accepted("status")
        let health = try client.get("/healthz")
        let place = Workplace(arguments)
        return try place.show(paged: false) { output in
            if isJSON {
                line(status, health).write(to: output)
            } else {
                output.write(page(status, health, place.clock))
            }
            return health.status == 200 ? 0 : 1
        }
    }

    private static func page(_ status: JSONValue, _ health: DaemonClient.Answer, _ clock: HumanClock) -> String {
        var text = "httpcrond \(status["version"]?.string ?? "")\n"
        func row(_ name: String, _ value: String?) {
            if let value { text += "\(name.padding(to: 10)) \(value)\n" }
        }
        func count(_ key: String) -> Int { status[key]?.integer ?? 0 }
        let problems = (health.body["problems"]?.array ?? []).compactMap { $0.string.map(escapedForTerminal) }
        row("Health:", problems.isEmpty ? "ok" : problems.joined(separator: "; "))
        let details = ["disabled", "stale", "paused", "in_error"].filter { count($0) > 0 }
            .map { "\(count($0)) \($0.split(separator: "_").joined(separator: " "))" }
        row("Jobs:", ([String(count("jobs"))] + details).joined(separator: ", "))
        row("Calls:", "\(count("in_flight")) in flight, \(count("waiting")) waiting")
        if let at = moment(status["next_due_at"]), let job = status["next_due_job"]?.string {
            row("Next:", "\(job) at \(clock.text(at))")
        }
        if status["compacting"]?.boolean == true { row("History:", "is being compacted") }
        for pause in status["pauses"]?.array ?? [] {
            let until = moment(pause["until"]).map { ", until \(clock.text($0))" } ?? ""
            let since = moment(pause["since"]).map { " since \(clock.text($0))" } ?? ""
            let by = pause["by"]?.string.map { $0.isEmpty ? "" : " by \(person($0))" } ?? ""
            let reason = pause["reason"]?.string.map { $0.isEmpty ? "" : ": \(escapedForTerminal($0))" } ?? ""
            row("Paused:", "\(pause["job"]?.string ?? "")\(since)\(until)\(by)\(reason)")
        }
        return text
    }

    private static func moment(_ value: JSONValue?) -> Timestamp? {
        value?.string.flatMap { try? Timestamp(iso8601: $0) }
    }

    /// `uid 1000` by name: the daemon records the number, which is what the kernel vouches for.
    private static func person(_ text: String) -> String {
        guard text.hasPrefix("uid "), let user = UInt32(text.dropFirst(4)), let entry = getpwuid(user) else {
            return text
        }
        return String(cString: entry.pointee.pw_name)
    }

    private static func line(_ status: JSONValue, _ health: DaemonClient.Answer) -> JSONLine {
        var line = JSONLine()
        line.add("version", status["version"]?.string)
        line.add("healthy", health.status == 200)
        line.add("jobs", status["jobs"]?.integer)
        line.add("disabled", status["disabled"]?.integer)
        line.add("stale", status["stale"]?.integer)
        line.add("paused", status["paused"]?.integer)
        line.add("in_error", status["in_error"]?.integer)
        line.add("in_flight", status["in_flight"]?.integer)
        line.add("waiting", status["waiting"]?.integer)
        line.add("unsynced_bytes", status["unsynced_bytes"]?.integer)
        line.add("compacting", status["compacting"]?.boolean ?? false)
        line.add("next_due_job", status["next_due_job"]?.string)
        line.add("next_due_at", moment(status["next_due_at"]))
        return line
    }
}
