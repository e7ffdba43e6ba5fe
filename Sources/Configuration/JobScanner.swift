internal import CronCore
internal import Glibc

/// One scan under way: visits the files in order, then settles what concerns several.
struct JobScanner {
    private let directory: Int32
    private let path: String
    private let reader: FileReader
    private let memory: JobScan.Memory
    private let defaults: JobDefaults
    private let zones: ZoneDatabase
    private let credentials: CredentialStore?
    /// The files must be read again, whatever their looks.
    private let defaultsChanged: Bool
    private let changedZones: Set<String>
    /// The wall clock, in nanoseconds.
    private let now: Int64
    private var scan = JobScan()
    /// Files that were known before and are still there.
    private var knownCount = 0
    /// What was read in this scan, by the name of the file.
    private var fresh: [(name: String, job: Job)] = []
    /// The ids that files set for themselves, in force.
    private var setIdentities: Set<JobID> = []
    /// Credentials that were looked for already, and what is wrong with them.
    private var credentialProblems: [String: String?] = [:]

    init(
        directory: Int32, path: String, reader: FileReader, memory: JobScan.Memory, defaults: JobDefaults,
        zones: ZoneDatabase, credentials: CredentialStore?, now: Timestamp?
    ) {
        self.directory = directory
        self.path = path
        self.reader = reader
        self.memory = memory
        self.defaults = defaults
        self.zones = zones
        self.credentials = credentials
        defaultsChanged = memory.defaults != defaults
        changedZones = zones.refresh()
        self.now = now.map { $0.microseconds &* 1_000 } ?? Self.wallClock()
        // Shared until something differs, so that a scan without news copies nothing.
        scan.memory = memory
        scan.memory.defaults = defaults
    }

    private static func wallClock() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }

    /// Reads the file of one job, unless it is what it was.
    mutating func visit(_ name: String, hasDropIns: Bool) {
        let known = memory.files[name]
        if known != nil { knownCount += 1 }
        if let known, let job = known.job, let version = known.version, !mustReadAgain(job),
            version == self.version(of: name, hasDropIns: hasDropIns)
        {
            scan.unchangedCount += 1
            return
        }
        var version: JobScan.FileVersion?
        let outcome = read(name, hasDropIns: hasDropIns, &version)
        guard let job = outcome.job else {
            fail(name, id: outcome.id, outcome.diagnostics)
            return
        }
        scan.diagnostics += outcome.diagnostics
        remember(name, JobScan.KnownFile(version: version, job: job))
        fresh.append((name, job))
    }

    /// Settles ids, tells what became of each job, and looks for what jobs need beside their file.
    consuming func finish(_ names: [String], strangers: [String]) -> JobScan {
        if knownCount < memory.files.count {
            let present = Set(names)
            for name in memory.files.keys where !present.contains(name) { remember(name, nil) }
        }
        settleIdentities()
        tellChanges()
        for (name, job) in fresh where scan.memory.files[name]?.job === job { checkReferences(of: job, name) }
        scan.strangers = strangers
        return scan
    }

    private mutating func remember(_ name: String, _ file: JobScan.KnownFile?) {
        if let job = file?.job, job.id.text != name {
            scan.memory.renamed.insert(name)
        } else if scan.memory.renamed.contains(name) {
            scan.memory.renamed.remove(name)
        }
        scan.memory.files[name] = file
    }

    private func mustReadAgain(_ job: Job) -> Bool {
        if defaultsChanged { return true }
        guard !changedZones.isEmpty else { return false }
        return switch job.schedule {
        case .cron(_, let zone): changedZones.contains(zone.name)
        // What zone it was local to is not remembered.
        case .at: true
        case .every, .onDemand: false
        }
    }

    private func version(of name: String, hasDropIns: Bool) -> JobScan.FileVersion? {
        guard let file = try? FileFingerprint("\(name).job", in: directory) else { return nil }
        guard hasDropIns else { return JobScan.FileVersion(file: file, dropIns: nil) }
        guard let dropIns = DropInDirectory.version("\(name).job.d", in: directory, reader: reader) else { return nil }
        return JobScan.FileVersion(file: file, dropIns: dropIns)
    }

    private func read(
        _ name: String, hasDropIns: Bool, _ version: inout JobScan.FileVersion?
    ) -> JobFile.Outcome {
        let file = "\(name).job"
        let content: FileReader.Content
        do {
            content = try reader.read(file, in: directory, shown: "\(path)/\(file)", role: .configuration)
        } catch {
            return JobFile.Outcome(job: nil, diagnostics: [Diagnostic(.error, file: file, line: nil, error.reason)])
        }
        var dropIns: DropInDirectory.Content?
        if hasDropIns {
            let found = DropInDirectory.read(
                "\(file).d", in: directory, fullPath: "\(path)/\(file).d", shownAs: "\(file).d", reader: reader)
            switch found {
            case .success(let content): dropIns = content
            case .failure(let diagnostic): return JobFile.Outcome(job: nil, diagnostics: [diagnostic])
            }
        }
        // A file that has only just been written is read again by the next scan.
        if !content.fingerprint.isFresh(at: now), dropIns?.version.isFresh(at: now) != true {
            version = JobScan.FileVersion(file: content.fingerprint, dropIns: dropIns?.version)
        }
        return JobFile.parse(
            name: name, content.bytes, dropIns: dropIns?.dropIns ?? [], defaults: defaults,
            zones: { zones.lookup($0) })
    }

    /// The file defines nothing: what it defined before stays.
    private mutating func fail(_ name: String, id: JobID? = nil, _ diagnostics: [Diagnostic]) {
        let last = memory.files[name]?.job
        remember(name, JobScan.KnownFile(version: nil, job: last, idInError: id))
        scan.failed.append(JobScan.FailedFile(name: name, stale: last?.id, diagnostics: diagnostics))
        scan.diagnostics += diagnostics
    }

    /// Two files must not be one job. Who had the id before keeps it, then the file that bears its name, then the
    /// first; only ids that were set can clash, so the others cost nothing.
    private mutating func settleIdentities() {
        var claims: [JobID: [String]] = [:]
        for name in scan.memory.renamed {
            if let id = scan.memory.files[name]?.job?.id { claims[id, default: []].append(name) }
        }
        setIdentities = Set(claims.keys)
        for (id, claimants) in claims.sorted(by: { $0.key < $1.key }) {
            var names = claimants.sorted()
            if holds(id.text, id) { names.insert(id.text, at: 0) }
            guard names.count > 1 else { continue }
            let owner = names.first { memory.files[$0]?.job?.id == id } ?? names[0]
            for name in names where name != owner {
                let message = "is the job \(id), and so is \(owner).job; each file needs an Id= of its own"
                fail(name, [Diagnostic(.error, file: "\(name).job", line: nil, message)])
                // What the file was before must not clash in its turn.
                guard let last = scan.memory.files[name]?.job?.id, isTaken(last, besides: name) else { continue }
                remember(name, JobScan.KnownFile(version: nil, job: nil))
            }
        }
    }

    private func holds(_ name: String, _ id: JobID) -> Bool {
        scan.memory.files[name]?.job?.id == id
    }

    private func isTaken(_ id: JobID, besides name: String) -> Bool {
        setIdentities.contains(id) || (id.text != name && holds(id.text, id))
    }

    private mutating func tellChanges() {
        for (name, job) in fresh {
            guard scan.memory.files[name]?.job === job else { continue }
            switch memory.files[name]?.job {
            case .some(let before) where before == job: scan.unchangedCount += 1
            case .some(let before) where before.id == job.id: scan.changed.append(job)
            default: scan.added.append(job)
            }
        }
        tellRemoved()
    }

    /// The ids that are gone: with their file, or because it sets another one now.
    private mutating func tellRemoved() {
        var gone: [JobID] = []
        if knownCount < memory.files.count {
            for (name, before) in memory.files where scan.memory.files[name] == nil {
                if let id = before.job?.id { gone.append(id) }
            }
        }
        for name in fresh.map(\.name) + scan.failed.map(\.name) {
            if let id = memory.files[name]?.job?.id, scan.memory.files[name]?.job?.id != id { gone.append(id) }
        }
        scan.removed = Set(gone.filter { !setIdentities.contains($0) && !holds($0.text, $0) }).sorted()
    }

    /// What a job names must be there; if not, it runs all the same, and somebody should know.
    private mutating func checkReferences(of job: Job, _ name: String) {
        for (key, target) in [("OnFailure=", job.onFailure), ("OnRecovery=", job.onRecovery)] {
            guard let target, !setIdentities.contains(target), !holds(target.text, target) else { continue }
            warn(name, "\(key) names the job \(target), which is not loaded")
        }
        guard let credentials, job.request.needsFiles else { return }
        for credential in job.request.credentialNames + job.request.credentialFileNames {
            let problem = credentialProblems[credential] ?? credentials.problem(with: credential)
            credentialProblems[credential] = .some(problem)
            if let problem { warn(name, problem) }
        }
    }

    private mutating func warn(_ name: String, _ message: String) {
        scan.diagnostics.append(Diagnostic(.warning, file: "\(name).job", line: nil, message))
    }
}
