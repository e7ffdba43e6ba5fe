internal import CronCore
internal import Glibc
internal import History

extension Verb {
    static let run = Verb(
        name: "run",
        operands: "JOB",
        summary: "Have the daemon carry a job out now, and wait for what comes of it",
        description: """
            A run like any other, by the running daemon: recorded, with retries, respecting Overlap=, and leaving the
            schedule alone. Each attempt is shown as it ends; the exit status is 0 if the run succeeded, 1 if it did not
            or could not begin. Ctrl-C ends the waiting, not the run. Only root and the daemon's user may.
            """,
        options: [.init("no-wait", "Only print the run's id"), .socket],
        examples: [
            .init("httpcron run invoices", "now"), .init("httpcron try new.job", "a file that no daemon has yet"),
        ],
        run: { try RunNow.run($0) })
}

/// `httpcron run`.
enum RunNow {
    static func run(_ arguments: ParsedArguments) throws -> Int32 {
        guard arguments.operands.count == 1 else { throw UsageError("run takes one JOB; see httpcron run --help") }
        let place = Workplace(arguments)
        let client = DaemonClient(arguments)
        let waits = !arguments.has("no-wait")
        // From before the run on, so that nothing of it is missed.
        let last = waits ? try place.history().lastSequence : 0
        let (job, answer) = try trigger(arguments.operands[0], client)
        guard let run = answer["run_id"]?.string else { throw ToolError("\(job): the daemon names no run") }
        guard waits else {
            print(run)
            return 0
        }
        var follower: HistoryFollower
        do throws(HistoryError) {
            follower = try HistoryFollower(directory: place.historyPath, jobs: [job], after: last)
        } catch {
            throw ToolError(place.words(error))
        }
        while true {
            do throws(HistoryError) {
                for record in try follower.poll() {
                    if let status = show(record, of: run) { return status }
                }
            } catch {
                throw ToolError(place.words(error))
            }
            usleep(50_000)
        }
    }

    /// Has the job begun that goes by this name. That it is an id is tried first: asking for all jobs takes longer.
    private static func trigger(_ operand: String, _ client: DaemonClient) throws -> (JobID, JSONValue) {
        func post(_ job: JobID) throws(ToolError) -> DaemonClient.Answer {
            try client.post(DaemonClient.path(of: job, "trigger"))
        }
        let id = JobID(operand)
        let answer = try post(id)
        if answer.status != 404 { return (id, try answer.accepted(operand)) }
        let chosen = try JobSelection(try client.jobs()).resolve([operand]) ?? []
        guard let job = chosen.first, chosen.count == 1 else {
            throw UsageError("run takes one job, and \"\(operand)\" matches several")
        }
        return (job, try post(job).accepted(job.text))
    }

    /// Shows what a record says of the run. The exit status, once it is over.
    private static func show(_ record: Record, of run: String) -> Int32? {
        switch record {
        case .execution(let execution) where execution.run.id.description == run:
            let result = execution.response.failure.map(failureWords) ?? "HTTP \(execution.response.httpStatus ?? 0)"
            let next = execution.nextAttemptAt.map { ", next attempt at \($0.iso8601)" } ?? ""
            print(
                "attempt \(execution.attempt)/\(execution.maxAttempts): \(execution.succeeded ? "success" : "failed"), "
                    + "\(escapedForTerminal(result)), in \(execution.duration.words)\(next)")
            fflush(nil)
            return execution.nextAttemptAt == nil ? (execution.succeeded ? 0 : 1) : nil
        case .note(let note) where note.run?.description == run:
            print("\(note.reason.words)\(note.detail.isEmpty ? "" : ": \(escapedForTerminal(note.detail))")")
            return 1
        default: return nil
        }
    }
}
