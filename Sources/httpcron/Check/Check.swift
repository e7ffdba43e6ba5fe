internal import Configuration
internal import CronCore
internal import Glibc

extension Verb {
    static let check = Verb(
        name: "check",
        operands: "[FILE…]",
        summary: "Tell every mistake in job files",
        description: """
            Reads job files as the daemon does, and tells every mistake, with its line, what is accepted and what was
            probably meant; also what will surprise later: a target of OnFailure= or a credential that is not there, a
            schedule that is never due again. Without a FILE it reads all of them and the settings; a FILE may be
            anywhere, and - is standard input. The exit status is 1 if there is an error; warnings alone are 0.
            """,
        options: [
            .init(
                "next", value: "N",
                "Show the next N starts of each job in UTC and in its own zone,\nand where a change of the clocks acts on it"
            ),
            .init("from", value: "TIME", "With --next, look ahead from this time: \(MomentParser.forms)"),
            .outputJSON,
        ],
        examples: [
            .init("httpcron check", "before systemctl reload httpcron"),
            .init("httpcron check new.job --next 5", "a file that is not installed yet"),
            .init("httpcron check report.job --next 3 --from 2027-03-27", "how it takes the change to summer time"),
        ],
        run: { try Check.run($0) })
}

/// `httpcron check`.
enum Check {
    static func run(_ arguments: ParsedArguments) throws -> Int32 {
        let isJSON = try wantsJSON(arguments)
        let coming = try arguments.value(of: "next").map { (text) throws(UsageError) in
            try count(text, option: "--next") ?? 1_000
        }
        let place = Workplace(arguments)
        let from = try arguments.moment("from", place.clock)?.start ?? place.clock.now
        let examination = Examination(place)
        let found =
            arguments.operands.isEmpty ? examination.everything() : examination.files(arguments.operands)
        let report = CheckReport(found, clock: place.clock, screen: place.screen)
        return try place.show { output in
            if isJSON { report.writeJSON(to: output) } else { report.write(to: output) }
            if let coming, coming > 0 {
                let history = place.historyID(for: found.jobs)
                for job in found.jobs {
                    let preview = Preview(job: job, offset: job.offset(in: history), from: from, count: coming)
                    if isJSON { preview.writeJSON(to: output) } else { preview.write(to: output, place.screen) }
                }
            }
            return found.hasErrors ? 1 : 0
        }
    }
}

/// What a check came upon.
struct CheckFindings {
    var jobs: [Job] = []
    /// Files looked at.
    var fileCount = 0
    var diagnostics: [Diagnostic] = []

    var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
}

/// Looks at job files and collects what there is to say.
struct Examination {
    private let place: Workplace

    init(_ place: Workplace) {
        self.place = place
    }

    /// Every job file, and the settings.
    func everything() -> CheckFindings {
        let files = place.jobFiles(credentials: credentials())
        var found = CheckFindings()
        found.jobs = files.jobs
        found.fileCount = files.jobs.count + files.failed.count
        found.diagnostics = place.settings.diagnostics + [files.failure].compactMap(\.self) + files.diagnostics
        for name in files.strangers {
            let what = name.hasSuffix(".job.d") ? "there is no \(name.dropLast(2))" : "a job file is called NAME.job"
            found.diagnostics.append(Diagnostic(.warning, file: name, line: nil, "is passed over: \(what)"))
        }
        for job in files.jobs { found.diagnostics += forethought(job, file: job.name + ".job") }
        return found
    }

    /// Files anywhere; `-` is standard input.
    func files(_ paths: [String]) -> CheckFindings {
        var found = CheckFindings()
        // They say what a file leaves out.
        found.diagnostics = place.settings.diagnostics
        let installed = place.jobFiles()
        let known = Set(installed.jobs.map(\.id))
        var files: [String] = []
        for path in paths {
            found.fileCount += 1
            guard let outcome = read(path) else {
                found.diagnostics.append(Diagnostic(.error, file: path, line: nil, systemMessage(errno)))
                continue
            }
            found.diagnostics += outcome.diagnostics
            guard let job = outcome.job else { continue }
            found.jobs.append(job)
            files.append(path == "-" ? "stdin" : path)
        }
        let ids = known.union(found.jobs.map(\.id))
        let credentials = credentials()
        for (job, path) in zip(found.jobs, files) {
            found.diagnostics += forethought(job, file: path)
            found.diagnostics += references(job, file: path, ids: ids, credentials)
        }
        return found
    }

    /// nil: it cannot be read, and `errno` says why.
    private func read(_ path: String) -> JobFile.Outcome? {
        let isInput = path == "-"
        // One byte more than is accepted, so that the parser sees that it is too much.
        let limit = UnitFile.sizeLimit + 1
        guard let bytes = isInput ? readAll(STDIN_FILENO, limit: limit) : readFile(path, limit: limit) else {
            return nil
        }
        let component = path.split(separator: "/").last.map(String.init) ?? path
        let name = component.hasSuffix(".job") ? String(component.dropLast(4)) : component
        let dropIns = isInput ? [] : dropIns(of: path)
        var outcome = JobFile.parse(
            name: isInput ? "stdin" : name, file: isInput ? "stdin" : path, bytes, dropIns: dropIns,
            defaults: place.defaults, zones: place.zones.lookup)
        if !isInput, !component.hasSuffix(".job") {
            outcome.diagnostics.append(
                Diagnostic(.warning, file: path, line: nil, "would be passed over: a job file is called NAME.job"))
        }
        return outcome
    }

    private func dropIns(of path: String) -> [JobFile.DropIn] {
        let names = directoryNames(path + ".d").filter { $0.hasSuffix(".conf") && !$0.hasPrefix(".") }.sorted()
        return names.compactMap { name in
            let file = "\(path).d/\(name)"
            return readFile(file, limit: UnitFile.sizeLimit + 1).map { JobFile.DropIn(file: file, bytes: $0) }
        }
    }

    /// What is no mistake and will surprise all the same.
    private func forethought(_ job: Job, file: String) -> [Diagnostic] {
        var warnings: [Diagnostic] = []
        let drain = place.settings.settings?.drainTimeout ?? DaemonSettings().drainTimeout
        if job.request.timeout > drain {
            warnings.append(
                Diagnostic(
                    .warning, file: file, line: nil,
                    "Timeout=\(job.request.timeout) is longer than DrainTimeout=\(drain) of the daemon: a stop cancels "
                        + "what takes that long"))
        }
        if job.isEnabled, job.schedule != .onDemand, job.schedule.next(after: place.clock.now) == nil {
            let reason = if case .at = job.schedule { "At= has passed" } else { "no such date comes" }
            warnings.append(Diagnostic(.warning, file: file, line: nil, "is never due again: \(reason)"))
        }
        return warnings
    }

    /// What the job names beside its file.
    private func references(
        _ job: Job, file: String, ids: Set<JobID>, _ credentials: CredentialStore?
    ) -> [Diagnostic] {
        var warnings: [String] = []
        for (key, target) in [("OnFailure=", job.onFailure), ("OnRecovery=", job.onRecovery)] {
            guard let target, !ids.contains(target) else { continue }
            let hint = suggestion(for: target.text, among: ids.map(\.text))
            warnings.append("\(key) names the job \(target), which is not in \(place.paths.jobs)\(hint)")
        }
        if let credentials {
            for name in job.request.credentialNames + job.request.credentialFileNames {
                if let problem = credentials.problem(with: name) { warnings.append(problem) }
            }
        }
        return warnings.map { Diagnostic(.warning, file: file, line: nil, $0) }
    }

    /// Where the daemon will look; nil when whoever asks may not look there, and could only warn of everything.
    private func credentials() -> CredentialStore? {
        let service = "/run/credentials/httpcron.service"
        let given = environment("CREDENTIALS_DIRECTORY") ?? (access(service, F_OK) == 0 ? service : nil)
        let directories = CredentialStore.systemDirectories(given: given)
        guard directories.allSatisfy({ access($0, X_OK) == 0 || errno != EACCES }) else { return nil }
        return CredentialStore(directories: directories, reader: place.reader)
    }
}
