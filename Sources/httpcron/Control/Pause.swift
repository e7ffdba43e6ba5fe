internal import CronCore

extension Verb {
    static let pause = Verb(
        name: "pause",
        operands: "JOB…|--all",
        summary: "Let nothing of some jobs start until they are resumed",
        description: """
            Pauses jobs in the running daemon. A call in flight ends; retries that wait end, with a note in the record;
            what is due meanwhile is noted and not caught up. It survives restarts. A JOB is an id, the name of a job
            file, or a glob. Only root and the daemon's user may.
            """,
        options: [
            .init("all", "All jobs that are neither paused nor disabled"),
            .init("until", value: "TIME", "Go on by itself then: \(MomentParser.forms)"),
            .init("reason", value: "TEXT", "Why; \"httpcron status\" shows it"),
            .socket,
        ],
        examples: [
            .init("httpcron pause invoices --reason \"new VAT rates\"", "until somebody resumes it"),
            .init("httpcron pause 'shop-*' --until 18:00", "for a while"),
        ],
        run: { try Pausing.pause($0) })

    static let resume = Verb(
        name: "resume",
        operands: "JOB…|--all",
        summary: "Let paused jobs go on",
        description: """
            Ends the pause of jobs in the running daemon. The next call is the next one that the schedule names: nothing
            is caught up. --all: whatever is paused. Only root and the daemon's user may.
            """,
        options: [.init("all", "All that is paused"), .socket],
        examples: [.init("httpcron resume invoices", "one job"), .init("httpcron resume --all", "all that is paused")],
        run: { try Pausing.resume($0) })
}

/// `httpcron pause` and `httpcron resume`.
enum Pausing {
    static func pause(_ arguments: ParsedArguments) throws -> Int32 {
        let client = DaemonClient(arguments)
        var form: [(String, String)] = []
        if let until = try arguments.moment("until", Workplace(arguments).clock) {
            form.append(("until", until.start.iso8601))
        }
        if let reason = arguments.value(of: "reason") { form.append(("reason", reason)) }
        return try forEach(try jobs(arguments, client) { $0.isEnabled }, arguments) { (job) throws(ToolError) in
            _ = try client.post(DaemonClient.path(of: job, "pause"), form: form).accepted(job.text)
            return "\(job) is paused"
        }
    }

    static func resume(_ arguments: ParsedArguments) throws -> Int32 {
        let client = DaemonClient(arguments)
        let status = try client.get("/api/v1/cron/status").accepted("status")
        let paused = Set((status["pauses"]?.array ?? []).compactMap { $0["job"]?.string })
        return try forEach(try jobs(arguments, client) { paused.contains($0.id.text) }, arguments) {
            (job) throws(ToolError) in
            _ = try client.post(DaemonClient.path(of: job, "resume")).accepted(job.text)
            return "\(job) goes on"
        }
    }

    /// The jobs that the command line names, among those that the daemon has. `isMeant`: whether `--all` means it.
    private static func jobs(
        _ arguments: ParsedArguments, _ client: DaemonClient, all isMeant: (DaemonJob) -> Bool
    ) throws -> [JobID] {
        guard arguments.has("all") != !arguments.operands.isEmpty else {
            throw UsageError("which jobs? Name them, or --all")
        }
        let known = try client.jobs()
        return try JobSelection(known).resolve(arguments.operands)?.sorted() ?? known.filter(isMeant).map(\.id).sorted()
    }

    /// One after the other; one that is refused does not keep the others from it. The exit status.
    private static func forEach(
        _ jobs: [JobID], _ arguments: ParsedArguments, _ body: (JobID) throws(ToolError) -> String
    ) throws -> Int32 {
        if jobs.isEmpty { complain("nothing to do") }
        var status: Int32 = 0
        for job in jobs {
            do throws(ToolError) {
                print(try body(job))
            } catch {
                complain(error.message)
                status = 1
            }
        }
        return status
    }
}
