internal import Configuration
internal import CronCore
internal import Glibc
internal import History

/// What a verb works with: where things are, the settings, the zones, and how to show it.
struct Workplace {
    let paths: Paths
    /// `history` below the state directory; the directory itself where it is a history, as a copy may be.
    let historyPath: String
    let arguments: ParsedArguments
    let screen: Screen
    let clock: HumanClock
    let zones = ZoneDatabase()
    let settings: SettingsFile.Outcome
    private let trust: FileTrust

    init(_ arguments: ParsedArguments) {
        self.arguments = arguments
        paths = Paths(arguments)
        historyPath = Workplace.historyPath(in: paths.state)
        screen = .current()
        clock = HumanClock(zone: arguments.has("utc") ? .utc : HostZone.current(), now: systemTime())
        let trust = Workplace.trust(isSystem: arguments.value(of: "jobs") == nil)
        settings = SettingsFile.load(
            paths.config, isRequired: arguments.has("config"), reader: FileReader(trust: trust))
        self.trust = FileTrust(
            user: trust.user, group: trust.group, isService: trust.isService,
            checksPermissions: settings.settings?.checksPermissions ?? true)
    }

    private static func historyPath(in state: String) -> String {
        let below = state.hasSuffix("/") ? state + "history" : state + "/history"
        let isHistory = access(below, F_OK) != 0 && directoryNames(state).contains { $0.hasSuffix(".seg") }
        return isHistory ? state : below
    }

    /// As the daemon would look at the files: the service's user for the system's directory, else whoever asks.
    private static func trust(isSystem: Bool) -> FileTrust {
        if isSystem, let service = getpwnam("httpcron")?.pointee {
            return FileTrust(user: service.pw_uid, group: service.pw_gid, isService: true)
        }
        return FileTrust(user: geteuid(), group: getegid(), isService: false)
    }

    var reader: FileReader { FileReader(trust: trust) }

    var defaults: JobDefaults { settings.settings?.jobDefaults ?? JobDefaults() }

    /// Reads every job file. `credentials`: where given, jobs that lack theirs are warned of.
    func jobFiles(credentials: CredentialStore? = nil) -> JobFiles {
        let directory = JobDirectory(path: paths.jobs, reader: reader)
        return JobFiles(directory.scan(defaults: defaults, zones: zones, credentials: credentials))
    }

    /// Opens the history for reading.
    func history() throws(ToolError) -> HistorySnapshot {
        do {
            return try HistorySnapshot.open(directory: historyPath)
        } catch {
            throw ToolError(words(error))
        }
    }

    /// The same where one can do without: nil, after a word on standard error, for a history that cannot be read; that
    /// there is none yet is only told if `tellsMissing`.
    func historyIfAny(tellsMissing: Bool) -> HistorySnapshot? {
        do throws(HistoryError) {
            return try HistorySnapshot.open(directory: historyPath)
        } catch {
            if case .system(let failure) = error, failure.isMissing, !tellsMissing { return nil }
            complain(words(error))
            return nil
        }
    }

    /// The jobs that `operands` name, in the record or among the job files; nil: none were given. An id that the record
    /// knows is found without looking at anything else: all names are read only for globs and names of files.
    func jobs(
        named operands: [String], in history: HistorySnapshot?, _ files: @autoclosure () -> JobFiles
    ) throws(ToolError) -> Set<JobID>? {
        guard !operands.isEmpty else { return nil }
        var chosen: Set<JobID> = []
        var others: [String] = []
        for operand in operands {
            var cursor = history?.newestFirst(jobs: [JobID(operand)])
            if cursor?.next() != nil { chosen.insert(JobID(operand)) } else { others.append(operand) }
        }
        guard !others.isEmpty else { return chosen }
        let selection = JobSelection(recorded: history?.jobs ?? [], configured: files().names)
        return chosen.union(try selection.resolve(others) ?? [])
    }

    /// The history for a look ahead at `jobs`: who named its directory wants to hear that there is none, if one of them
    /// has an offset, which depends on it.
    func history(ahead jobs: [Job]) -> HistorySnapshot? {
        let needsIt = jobs.contains { $0.randomizedOffset > .zero }
        return historyIfAny(tellsMissing: needsIt && arguments.has("state"))
    }

    /// The history's identity, looked for only where one of the jobs has an offset that depends on it.
    func historyID(for jobs: [Job]) -> HistoryID? {
        jobs.contains { $0.randomizedOffset > .zero } ? history(ahead: jobs)?.historyID : nil
    }

    /// What is wrong, for the operator.
    func words(_ error: HistoryError) -> String {
        guard case .system(let failure) = error else { return "\(error)" }
        if failure.isMissing {
            return "there is no history in \(historyPath); a daemon makes it when it first starts, and --state DIR "
                + "names the directory that holds it"
        }
        if failure.errno == EACCES {
            return "\(historyPath): \(systemMessage(EACCES)); who is in the group httpcron may read it: "
                + "sudo usermod -aG httpcron \(userName()), then log in again"
        }
        return "\(error)"
    }

    private func userName() -> String {
        getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? "USER"
    }

    /// Runs `body` with standard output, through a pager where that is wanted and more comes than a screen shows; the
    /// exit status is that of `body` unless writing failed.
    func show(paged: Bool = true, _ body: (Output) throws -> Int32) throws -> Int32 {
        let wantsPager = paged && screen.isTerminal && !arguments.has("no-pager")
        let screen = screen
        let output = Output(descriptor: STDOUT_FILENO) { complete in
            guard wantsPager, complete.map({ !screen.fits($0) }) ?? true else { return nil }
            return Pager.start()
        }
        let status = try body(output)
        let failure = output.finish()
        return failure == 0 ? status : failure
    }
}
