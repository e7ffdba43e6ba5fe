package import CronCore

/// What a scan of the job directory found, and how that differs from the scan before.
package struct JobScan: Sendable {
    /// Jobs that were not there before, in the order of their files.
    package var added: [Job] = []
    /// Jobs whose definition is another one now.
    package var changed: [Job] = []
    /// Jobs that are gone, with their file or under their old `Id=`.
    package var removed: [JobID] = []
    /// Files in error. The last good version of such a job stays.
    package var failed: [FailedFile] = []
    /// Files whose job is what it was.
    package var unchangedCount = 0
    /// Every mistake and warning of the files that were read, and of every file in error.
    package var diagnostics: [Diagnostic] = []
    /// Names in the directory that mean nothing here.
    package var strangers: [String] = []
    /// For the next scan, if this one is taken.
    package var memory = Memory()

    /// Every job that is in force once the scan is taken: read now or before, stale ones included.
    package var jobs: some Sequence<Job> { memory.files.values.lazy.compactMap(\.job) }

    /// A file that defines no job as it is.
    package struct FailedFile: Sendable {
        /// The name of the file without `.job`.
        package var name: String
        /// The job whose last good version stays in force, stale; nil: there was none.
        package var stale: JobID?
        package var diagnostics: [Diagnostic]

        /// The first of what is wrong with it.
        package var mistake: Diagnostic? { diagnostics.first { $0.severity == .error } }
    }

    /// What a scan must know of the one before it.
    package struct Memory: Sendable {
        /// By the name of the file without `.job`.
        var files: [String: KnownFile] = [:]
        var defaults: JobDefaults?

        package init() {}

        /// Jobs in force.
        package var jobCount: Int { files.values.count { $0.job != nil } }

        /// Jobs in force, sorted by their ids, each with the time at which its file was written last.
        package var loaded: [(job: Job, changedAt: Timestamp?)] {
            files.values.compactMap { file in file.job.map { ($0, file.version?.file.modified) } }
                .sorted { $0.0.id < $1.0.id }
        }

        /// The same for one of them; nil: there is none with this id.
        package func loaded(_ id: JobID) -> (job: Job, changedAt: Timestamp?)? {
            for name in [id.text] + renamed {
                guard let file = files[name], let job = file.job, job.id == id else { continue }
                return (job, file.version?.file.modified)
            }
            return nil
        }

        /// What is kept of each job's history. A file that is in error and was never good keeps all of it: what it says
        /// may not be what it is meant to say.
        package var retention: [JobID: Retention] {
            var retention: [JobID: Retention] = [:]
            retention.reserveCapacity(files.count)
            for file in files.values {
                if let job = file.job { retention[job.id] = job.retention }
            }
            for (name, file) in files where file.job == nil {
                let id = file.idInError ?? JobID(name)
                if retention[id] == nil { retention[id] = Retention(keep: .max) }
            }
            return retention
        }

        /// The files whose job goes by an `Id=`. Kept, so that a scan need not look at every job for them.
        var renamed: Set<String> = []
    }

    /// One job file as it was read.
    struct KnownFile: Sendable {
        /// nil: it was in error, and is to be read again whatever its looks.
        var version: FileVersion?
        /// Its last good version.
        var job: Job?
        /// The id that a file in error says.
        var idInError: JobID?
    }

    /// Tells whether a file or one of its drop-ins has changed.
    struct FileVersion: Hashable, Sendable {
        var file: FileFingerprint
        /// nil: no such directory.
        var dropIns: DropInDirectory.Version?
    }
}
