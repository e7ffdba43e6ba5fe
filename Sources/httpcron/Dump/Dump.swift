internal import CronCore
internal import History

extension Verb {
    static let dump = Verb(
        name: "dump",
        operands: "[JOB…]",
        summary: "Show executions, and notes on occurrences that gave none",
        description: """
            Shows what was recorded, newest first: one line an attempt, and one for what was missed, skipped or
            dropped. A JOB is an id, the name of a job file, or a glob such as 'backup-*'; without one all jobs are
            shown. Works beside a running daemon and on a copy, also a damaged one: what cannot be read is passed over
            and told on standard error.
            """,
        options: [
            .init("lines", short: "n", value: "N", "How many lines to show, or \"all\"; 20 if not given, 10 with -f"),
            .init("since", value: "TIME", "Nothing before this time: \(MomentParser.forms)"),
            .init("until", value: "TIME", "Nothing after it"),
            .init("status", value: "WORD", "Only executions that ended so: success or failed"),
            .init("follow", short: "f", "Go on showing what is recorded; implies --oldest-first"),
            .init("oldest-first", "The newest at the bottom"),
            .init(
                "output", short: "o", value: "FORMAT",
                "table; json: {\"data\":[…]} of one job, executions only;\njsonl: one object a line with every field; csv"
            ),
        ],
        examples: [
            .init("httpcron dump", "the last 20 attempts of all jobs"),
            .init("httpcron dump health -f", "watch one job"),
            .init("httpcron dump --status failed --since yesterday -n all", "what failed since yesterday"),
            .init("httpcron dump health -o json", "as the hosted service's API answers"),
            .init("httpcron dump -n all -o jsonl | jq -c 'select(.duration_ms > 1000)'", "slow calls"),
        ],
        run: { try Dump.run($0) })
}

/// `httpcron dump`.
enum Dump {
    static func run(_ arguments: ParsedArguments) throws -> Int32 {
        let place = Workplace(arguments)
        let options = try DumpOptions(arguments, clock: place.clock)
        let history = try place.history()
        let jobs = try place.jobs(named: arguments.operands, in: history, place.jobFiles())
        if options.format == .json, jobs?.count != 1 {
            throw UsageError(
                "-o json is the document of one job, and \(jobs.map { "\($0.count) are" } ?? "none is") named; "
                    + "for more there is -o jsonl")
        }
        let status = try place.show(paged: !options.follows) { output in
            if options.follows { return Follower(place, options, jobs).run(history, output, tell: tell) }
            var printer = DumpPrinter(options, place)
            printer.print(history, jobs, output)
            return 0
        }
        tell(history.damage)
        return status
    }

    /// Says on standard error what could not be read.
    private static func tell(_ damage: [Damage]) {
        for part in damage.prefix(20) { complain("passed over: \(part)") }
        if damage.count > 20 { complain("passed over: and \(damage.count - 20) more places") }
    }
}
