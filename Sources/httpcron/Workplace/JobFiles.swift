internal import Configuration
internal import CronCore

/// What the job directory holds, as a start of the daemon would see it.
struct JobFiles {
    /// Sorted by id.
    let jobs: [Job]
    let byID: [JobID: Job]
    /// Files in error.
    let failed: [JobScan.FailedFile]
    let diagnostics: [Diagnostic]
    /// Names that mean nothing there.
    let strangers: [String]
    /// What is kept of each job's history.
    let retention: [JobID: Retention]
    /// Why the directory as a whole cannot be used.
    let failure: Diagnostic?

    init(_ result: Result<JobScan, Diagnostic>) {
        switch result {
        case .success(let scan):
            jobs = scan.jobs.sorted { $0.id < $1.id }
            byID = Dictionary(jobs.map { ($0.id, $0) }) { first, _ in first }
            failed = scan.failed
            diagnostics = scan.diagnostics
            strangers = scan.strangers
            retention = scan.memory.retention
            failure = nil
        case .failure(let diagnostic):
            (jobs, byID, failed, diagnostics, strangers, retention) = ([], [:], [], [], [], [:])
            failure = diagnostic
        }
    }

    /// The names that jobs go by here: those of good files, and of broken ones, whose id is taken to be their name.
    var names: [(name: String, id: JobID)] {
        jobs.map { ($0.name, $0.id) } + failed.map { ($0.name, JobID($0.name)) }
    }
}
