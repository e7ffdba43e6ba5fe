internal import Configuration
internal import CronCore
internal import Glibc
internal import HTTPServer

/// What the reader's thread works with, and remembers from one scan to the next.
struct ReaderDesk {
    private let options: Options
    private let zones = ZoneDatabase()
    private var trust: FileTrust
    private var memory = JobScan.Memory()
    private var hasScanned = false
    private let api: APIDesk
    private var tokenMistakes: [String] = []

    init(options: Options, settings: DaemonSettings) {
        self.options = options
        api = APIDesk(historyDirectory: options.historyDirectory)
        trust = options.trust
        trust.checksPermissions = settings.checksPermissions
    }

    mutating func scan() -> Reader.Answer {
        let loaded = options.loadSettings(trust: trust)
        guard let settings = loaded.settings else { return .settingsRefused(loaded.diagnostics) }
        trust.checksPermissions = settings.checksPermissions
        let reader = FileReader(trust: trust)
        let found = JobDirectory(path: options.jobsDirectory, reader: reader).scan(
            since: memory, defaults: settings.jobDefaults, zones: zones, credentials: credentials)
        switch found {
        case .success(let jobs):
            memory = jobs.memory
            hasScanned = true
            return .scanned(Reader.Scan(settings: settings, warnings: loaded.diagnostics, jobs: jobs))
        case .failure(let diagnostic):
            return .directoryRefused(diagnostic)
        }
    }

    func materials(for job: Job) -> Result<RequestMaterials, RequestError> {
        credentials.materials(for: job.request)
    }

    /// nil: they could not be read yet.
    var jobFiles: JobScan.Memory? { hasScanned ? memory : nil }

    mutating func answers(_ query: APIQuery, isLocal: Bool) -> [Reader.Answer] {
        var answers: [Reader.Answer] = []
        if !isLocal {
            let problem = api.authorize(query, credentials)
            if api.tokenMistakes != tokenMistakes {
                tokenMistakes = api.tokenMistakes
                answers.append(.tokenMistakes(tokenMistakes))
            }
            if let problem { return answers + [.response(query.client, ServerResponse(problem))] }
        }
        switch query.route {
        case .jobs, .job, .executions: return answers + [.response(query.client, api.answer(query, memory))]
        case .trigger, .pause, .resume, .reload, .status, .health, .metrics: return answers + [.granted(query)]
        }
    }

    func metrics(_ snapshot: MetricsSnapshot) -> ServerResponse { api.metrics(snapshot, memory) }

    var zonesChanged: Bool { zones.isOutOfDate }

    private var credentials: CredentialStore {
        CredentialStore(
            directories: CredentialStore.systemDirectories(given: environment("CREDENTIALS_DIRECTORY")),
            reader: FileReader(trust: trust))
    }
}

extension Options {
    /// Whom this process trusts to write what it obeys. As a service it has a group of its own; whoever starts it by
    /// hand shares groups with people.
    var trust: FileTrust {
        FileTrust(user: geteuid(), group: getegid(), isService: environment("INVOCATION_ID") != nil)
    }

    /// Blocks on the disk.
    func loadSettings(trust: FileTrust) -> SettingsFile.Outcome {
        SettingsFile.load(settingsFile, isRequired: settingsFileIsExplicit, reader: FileReader(trust: trust))
    }
}

/// An environment variable; nil where it is not set.
func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
}
