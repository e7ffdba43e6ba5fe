internal import Configuration
internal import CronCore
internal import History

extension Verb {
    static let list = Verb(
        name: "list",
        operands: "[JOB…]",
        summary: "Show the jobs: how they stand, when they ran and when they will",
        description: """
            Shows one line a job: how it stands, its last attempt, when it is due next, how many runs failed in a row,
            and its schedule in words. A JOB is an id, the name of a job file, or a glob.
            """,
        options: [
            .init("failing", "Only jobs whose last run failed; exit status 1 if there is one"),
            .init("quiet", short: "q", "Print nothing; for the exit status of --failing"),
            .outputJSON,
        ],
        examples: [
            .init("httpcron list", "all jobs"),
            .init("httpcron list --failing -q || echo 'a job is failing'", "in a monitoring script"),
            .init("httpcron list -o json | jq -r 'select(.state == \"in error\") | .job'", "files to mend"),
        ],
        run: { try List.run($0) })
}

/// `httpcron list`.
enum List {
    static func run(_ arguments: ParsedArguments) throws -> Int32 {
        let isJSON = try wantsJSON(arguments)
        let place = Workplace(arguments)
        let files = place.jobFiles()
        if let failure = files.failure { throw ToolError("\(failure)") }
        let standings = try standings(place, files)
        let isFailing = standings.contains { $0.failuresInARow > 0 }
        let shown = arguments.has("failing") ? standings.filter { $0.failuresInARow > 0 } : standings
        let status: Int32 = arguments.has("failing") && isFailing ? 1 : 0
        if arguments.has("quiet") { return status }
        return try place.show { output in
            if isJSON {
                for standing in shown { line(standing, place.clock).write(to: output) }
            } else {
                ListTable(place.clock, place.screen).write(shown, to: output)
            }
            return status
        }
    }

    private static func standings(_ place: Workplace, _ files: JobFiles) throws(ToolError) -> [Standing] {
        var standings = files.jobs.map { Standing(id: $0.id, job: $0) }
        standings += files.failed.map {
            Standing(id: JobID($0.name), job: nil, mistake: $0.mistake.map { "\($0)" })
        }
        standings.sort { $0.id < $1.id }
        let selection = JobSelection(recorded: [], configured: files.names)
        if let chosen = try selection.resolve(place.arguments.operands) {
            standings.removeAll { !chosen.contains($0.id) }
        }
        // Who asks whether one fails must not hear that none does from who could not look.
        let history = place.arguments.has("failing") ? try place.history() : place.historyIfAny(tellsMissing: true)
        for index in standings.indices {
            if let history {
                var cursor = history.newestFirst(jobs: [standings[index].id])
                standings[index].take({ cursor.next() }, now: place.clock.now)
            }
            guard let job = standings[index].job, job.isEnabled, !standings[index].isPaused else { continue }
            standings[index].nextAt = job.nextStart(after: place.clock.now, in: history?.historyID)
        }
        return standings
    }

    private static func line(_ standing: Standing, _ clock: HumanClock) -> JSONLine {
        var line = JSONLine()
        line.add("job", standing.id.text)
        line.add("name", standing.job?.name ?? standing.id.text)
        line.add("description", standing.job?.description)
        line.add("state", standing.state.rawValue)
        line.add("enabled", standing.job?.isEnabled ?? false)
        line.add("schedule", standing.job?.schedule.inWords)
        line.add("last_status", standing.last.map { $0.succeeded ? "success" : "failed" })
        line.add("last_http_status", standing.last?.response.httpStatus)
        line.add("last_error_code", standing.last?.response.failure?.code)
        line.add("last_started_at", standing.last?.startedAt)
        line.add("next_at", standing.nextAt)
        line.add("retry_at", standing.retryAt)
        line.add("failures_in_a_row", standing.failuresInARow)
        line.add("mistake", standing.mistake)
        return line
    }
}

/// `-o`, for the verbs that know two formats.
func wantsJSON(_ arguments: ParsedArguments) throws(UsageError) -> Bool {
    enum Format: String, CaseIterable {
        case table
        case json
    }
    guard let text = arguments.value(of: "output") else { return false }
    return try oneOf(text, option: "-o") == Format.json
}
