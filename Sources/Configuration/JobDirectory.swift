package import CronCore
internal import Glibc

/// A directory of job files, `/etc/httpcron/jobs.d`.
///
/// A scan is a function of the directory and of what the scan before it saw: it changes nothing here, and its result
/// can be taken or left. Blocks on the disk: for the reader thread.
package struct JobDirectory: Sendable {
    package let path: String
    private let reader: FileReader

    package init(path: String, reader: FileReader) {
        self.path = path
        self.reader = reader
    }

    /// Reads what is new or has changed since `memory`; a failure means that the directory as a whole cannot be used,
    /// and that nothing is known of any job.
    ///
    /// - `defaults`: a change of them makes every file new.
    /// - `credentials`: where given, a job whose credentials are not there is warned of when it is read.
    /// - `now`: by the wall clock, if not the present.
    package func scan(
        since memory: JobScan.Memory = JobScan.Memory(), defaults: JobDefaults = JobDefaults(),
        zones: ZoneDatabase, credentials: CredentialStore? = nil, now: Timestamp? = nil
    ) -> Result<JobScan, Diagnostic> {
        do {
            try reader.checkAncestors(of: path)
            let directory = try reader.open(directory: path, shown: path)
            let listing = JobListing(try names(of: directory))
            var scanner = JobScanner(
                directory: directory.number, path: path, reader: reader, memory: memory, defaults: defaults,
                zones: zones, credentials: credentials, now: now)
            for name in listing.jobs { scanner.visit(name, hasDropIns: listing.dropIns.contains(name)) }
            return .success(scanner.finish(listing.jobs, strangers: listing.strangers))
        } catch {
            return .failure(Diagnostic(.error, file: path, line: nil, error.reason))
        }
    }

    private func names(of directory: borrowing Descriptor) throws(FileReader.Refusal) -> [String] {
        do {
            return try DirectoryListing.names(of: directory)
        } catch {
            throw FileReader.Refusal("cannot be read: \(error.text)")
        }
    }
}

/// The names in a job directory, sorted out.
private struct JobListing {
    /// Names of jobs, sorted, so that a scan always says the same.
    private(set) var jobs: [String] = []
    /// Those that have a directory of drop-ins.
    private(set) var dropIns: Set<String> = []
    /// What is neither, nor passed over in silence.
    private(set) var strangers: [String] = []

    init(_ names: [String]) {
        jobs.reserveCapacity(names.count)
        for name in names {
            if let job = Self.job(name, suffix: ".job") {
                jobs.append(job)
            } else if let job = Self.job(name, suffix: ".job.d") {
                dropIns.insert(job)
            } else if !Self.isPassedOver(name) {
                strangers.append(name)
            }
        }
        jobs.sort()
        if !dropIns.isEmpty {
            let known = Set(jobs)
            strangers += dropIns.filter { !known.contains($0) }.map { "\($0).job.d" }
        }
        strangers.sort()
    }

    private static func job(_ name: String, suffix: String) -> String? {
        guard name.hasSuffix(suffix) else { return nil }
        let job = name[..<name.utf8.index(name.endIndex, offsetBy: -suffix.utf8.count)]
        return JobID.isValid(job) ? String(job) : nil
    }

    /// What editors and package managers leave behind.
    private static func isPassedOver(_ name: String) -> Bool {
        name.hasPrefix(".") || name.hasSuffix("~") || name.contains(".dpkg-") || name.contains(".rpm")
    }
}
