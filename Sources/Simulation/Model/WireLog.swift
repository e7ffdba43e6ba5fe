internal import CronCore

/// What the servers saw, which no crash of ours takes back.
struct WireLog {
    struct Sent {
        var attempt: Attempt
        var startSequence: SequenceNumber
        /// Its start was written or synced, as it should be, when it left; not so while the disk refuses.
        var wasRecorded: Bool
        var result: TransferResult?
    }

    /// Of the daemon that lives.
    private(set) var sent: [ExecutionID: Sent] = [:]
    /// At-most-once runs that a server has had, as long as the history knows of their job.
    private var arrivedOnce: [JobID: Set<RunID>] = [:]
    private(set) var count = 0

    /// A request leaves.
    mutating func send(_ sending: Sent, arrives: Bool) {
        count += 1
        sent[sending.attempt.execution] = sending
        let job = sending.attempt.job
        if arrives, job.delivery == .atMostOnce { arrivedOnce[job.id, default: []].insert(sending.attempt.run.id) }
    }

    func hasArrived(_ run: RunID, of job: JobID) -> Bool { arrivedOnce[job]?.contains(run) == true }

    /// Nothing is left of its history: how often the clock was set back while it was there, which makes its runs
    /// others, is gone with it.
    mutating func forget(_ job: JobID) { arrivedOnce[job] = nil }

    mutating func finish(_ execution: ExecutionID, _ result: TransferResult) {
        sent[execution]?.result = result
    }

    /// Whether what the record says of an attempt is what happened.
    func confirms(_ execution: Execution) -> Bool {
        if execution.response.failure?.code == "interrupted" { return true }
        guard let sent = sent[execution.id], let result = sent.result, sent.attempt.number == execution.attempt else {
            return false
        }
        let (told, seen) = (execution.response, result.response)
        let body = told.body == seen.body || told.body == nil
        return told.failure == seen.failure && told.httpStatus == seen.httpStatus && body
            && told.byteCount == seen.byteCount && execution.run == sent.attempt.run
    }

    /// The daemon is dead. Gives what it had sent.
    mutating func bury() -> [Sent] {
        defer { sent.removeAll() }
        return Array(sent.values)
    }
}
