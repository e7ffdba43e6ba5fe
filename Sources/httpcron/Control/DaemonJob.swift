internal import CronCore

/// A job as the running daemon has it.
struct DaemonJob {
    let id: JobID
    /// The name of its file.
    let name: String
    /// Neither disabled nor paused.
    let isEnabled: Bool
}

extension DaemonClient {
    /// Every job that the daemon has.
    func jobs() throws(ToolError) -> [DaemonJob] {
        try get("/api/v1/cron/jobs").accepted("jobs").array.compactMap { job in
            job["id"]?.string.map {
                DaemonJob(id: JobID($0), name: job["name"]?.string ?? $0, isEnabled: job["enabled"]?.boolean ?? true)
            }
        }
    }
}

extension JobSelection {
    init(_ jobs: [DaemonJob]) {
        self.init(recorded: [], configured: jobs.map { (name: $0.name, id: $0.id) })
    }
}
