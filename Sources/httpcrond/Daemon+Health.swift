internal import CronCore
internal import HTTPServer
internal import History

extension Daemon {
    /// 200 while the loop, the heap and the writer make progress. That it is answered shows the first.
    func healthResponse() -> ServerResponse {
        var problems: [String] = []
        if let due = longDue(at: SystemClock.now()) {
            problems.append("what was due at \(due.iso8601) has not been looked at")
        }
        if case .refusing(let failure) = history.diskState {
            problems.append("the history cannot be written: \(failure)")
        }
        if let since = announced.hangsSince { problems.append("records wait for the disk since \(since.iso8601)") }
        var body: [UInt8] = []
        JSONWriter.literal(problems.isEmpty ? "{\"status\":\"ok\"" : "{\"status\":\"failing\"", to: &body)
        if !problems.isEmpty {
            JSONWriter.literal(",\"problems\":", to: &body)
            JSONWriter.array(problems, to: &body) { JSONWriter.string($0, to: &$1) }
        }
        body.append(UInt8(ascii: "}"))
        return ServerResponse(status: problems.isEmpty ? 200 : 503, body: body)
    }

    /// How the daemon is, as `httpcron status` shows it.
    func statusResponse() -> ServerResponse {
        let status = engine.status
        var body: [UInt8] = []
        JSONWriter.literal("{\"data\":{\"version\":", to: &body)
        JSONWriter.string(Version.text, to: &body)
        JSONWriter.literal(",\"status\":", to: &body)
        JSONWriter.string(statusText(), to: &body)
        for (key, number) in [
            ("jobs", status.jobs), ("disabled", status.disabled), ("stale", status.stale), ("paused", status.paused),
            ("in_error", announced.refusedFiles.count), ("in_flight", status.inFlight), ("waiting", status.waiting),
            ("unsynced_bytes", history.unsyncedBytes),
        ] {
            body += ",\"\(key)\":\(number)".utf8
        }
        JSONWriter.literal(",\"compacting\":", to: &body)
        JSONWriter.boolean(status.isCompacting, to: &body)
        JSONWriter.literal(",\"next_due_at\":", to: &body)
        JSONWriter.optional(status.nextDueAt, to: &body) { JSONWriter.seconds($0, to: &$1) }
        JSONWriter.literal(",\"next_due_job\":", to: &body)
        JSONWriter.optional(status.nextDueJob?.text, to: &body) { JSONWriter.string($0, to: &$1) }
        JSONWriter.literal(",\"pauses\":", to: &body)
        let pauses = engine.pausedJobs.sorted().compactMap { id in engine.pause(of: id).map { (id, $0) } }
        JSONWriter.array(pauses, to: &body) { Self.append($0.0, $0.1, to: &$1) }
        JSONWriter.literal("}}", to: &body)
        return ServerResponse(status: 200, body: body)
    }

    private static func append(_ id: JobID, _ pause: Pause, to body: inout [UInt8]) {
        JSONWriter.literal("{\"job\":", to: &body)
        JSONWriter.string(id.text, to: &body)
        JSONWriter.literal(",\"since\":", to: &body)
        JSONWriter.seconds(pause.since, to: &body)
        JSONWriter.literal(",\"until\":", to: &body)
        JSONWriter.optional(pause.until, to: &body) { JSONWriter.seconds($0, to: &$1) }
        JSONWriter.literal(",\"by\":", to: &body)
        JSONWriter.string(pause.by, to: &body)
        JSONWriter.literal(",\"reason\":", to: &body)
        JSONWriter.string(pause.reason, to: &body)
        body.append(UInt8(ascii: "}"))
    }
}
