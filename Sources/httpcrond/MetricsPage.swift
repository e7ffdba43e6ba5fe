internal import CronCore
internal import HTTPServer
internal import History

/// What the loop knows for a page of metrics; the reader adds what lies in files, and writes it.
struct MetricsSnapshot: Sendable {
    var jobs: JobMetrics
    var status: EngineStatus
    var paused: Set<JobID>
    var inError: Int
    var unsyncedBytes: Int
    var compactions: CompactionCounts
    var lastReloadSucceeded: Bool
    var lastReloadAt: Timestamp?
    var startedAt: Timestamp
    var libcurl: String
    var history: HistoryID
    var synced: SequenceNumber
}

/// Compactions since the start.
struct CompactionCounts: Sendable {
    var done: UInt64 = 0
    var failed: UInt64 = 0
    /// The last one that came to its end.
    var lastAt: Timestamp?
}

/// One job on the page.
struct MeteredJob {
    var id: String
    var counts: JobMetrics.Counts
    var nextRunAt: Timestamp?
    var isPaused: Bool
}

extension MetricsSnapshot {
    /// `historyBytes`: nil, where they could not be counted.
    func page(_ rows: [MeteredJob], historyBytes: UInt64?) -> [UInt8] {
        var text = MetricsText()
        appendJobs(rows, to: &text)
        appendSpans(to: &text)
        appendDaemon(historyBytes, to: &text)
        return text.bytes
    }

    private func appendJobs(_ rows: [MeteredJob], to text: inout MetricsText) {
        text.family("httpcron_executions_total", .counter, "Attempts since the start of the daemon.")
        for row in rows {
            text.sample([("name", row.id), ("status", "success")], row.counts.successes)
            text.sample([("name", row.id), ("status", "failed")], row.counts.failures)
        }
        text.family("httpcron_job_last_success_timestamp_seconds", .gauge, "When an attempt last succeeded.")
        for row in rows { text.sample([("name", row.id)], row.counts.lastSuccessAt) }
        text.family("httpcron_job_last_run_timestamp_seconds", .gauge, "When the last attempt began.")
        for row in rows { text.sample([("name", row.id)], row.counts.lastRunAt) }
        text.family("httpcron_job_next_run_timestamp_seconds", .gauge, "When the job is due next.")
        for row in rows { text.sample([("name", row.id)], row.nextRunAt) }
        text.family("httpcron_job_consecutive_failures", .gauge, "Failed runs in a row.")
        for row in rows { text.sample([("name", row.id)], row.counts.failuresInARow) }
        text.family("httpcron_job_paused", .gauge, "Whether the job is paused.")
        for row in rows { text.sample([("name", row.id)], row.isPaused ? 1 : 0) }
    }

    private func appendSpans(to text: inout MetricsText) {
        // A job's id never begins with an underscore.
        let all = jobs.spans.sorted { $0.key < $1.key }.map { ($0.key.text, $0.value) } + [("_other", jobs.others)]
        text.family("httpcron_execution_duration_seconds", .histogram, "How long attempts took.")
        for (name, spans) in all { text.sample([("name", name)], spans.durations) }
        text.family("httpcron_start_lateness_seconds", .histogram, "How long after they were due attempts began.")
        for (name, spans) in all { text.sample([("name", name)], spans.lateness) }
    }

    private func appendDaemon(_ historyBytes: UInt64?, to text: inout MetricsText) {
        text.family("httpcron_jobs", .gauge, "Job files by how they stand.")
        let states = [
            ("enabled", status.jobs - status.disabled), ("disabled", status.disabled), ("stale", status.stale),
            ("paused", status.paused), ("error", inError),
        ]
        for (state, count) in states { text.sample([("state", state)], count) }
        text.family("httpcron_in_flight", .gauge, "Requests in flight.")
        text.sample([], status.inFlight)
        text.family("httpcron_waiting_runs", .gauge, "Runs that wait: in line, queued, backing off.")
        text.sample([], status.waiting)
        text.family("httpcron_unsynced_bytes", .gauge, "Bytes of records that are not on the disk yet.")
        text.sample([], unsyncedBytes)
        if let historyBytes {
            text.family("httpcron_history_bytes", .gauge, "Bytes of the history on the disk.")
            text.sample([], historyBytes)
        }
        text.family("httpcron_compacting", .gauge, "Whether the history is being compacted.")
        text.sample([], status.isCompacting ? 1 : 0)
        text.family("httpcron_compactions_total", .counter, "Compactions since the start of the daemon.")
        text.sample([("result", "done")], compactions.done)
        text.sample([("result", "failed")], compactions.failed)
        text.family("httpcron_last_compaction_timestamp_seconds", .gauge, "When a compaction was last done.")
        text.sample([], compactions.lastAt)
        text.family("httpcron_config_last_reload_successful", .gauge, "Whether the last reload found no file in error.")
        text.sample([], lastReloadSucceeded ? 1 : 0)
        text.family("httpcron_config_last_reload_timestamp_seconds", .gauge, "When the last reload ended.")
        text.sample([], lastReloadAt)
        text.family("process_start_time_seconds", .gauge, "When the daemon was started.")
        text.sample([], startedAt)
        text.family("httpcron_build_info", .gauge, "Always 1; what runs.")
        text.sample([("version", Version.text), ("libcurl", libcurl)], 1)
    }
}
