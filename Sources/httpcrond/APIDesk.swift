internal import Configuration
internal import CronCore
internal import HTTPServer
internal import History

/// Answers what the API is asked of jobs and their history, on the reader's thread: it reads files.
final class APIDesk {
    private let historyDirectory: String
    private var history: HistoryReader?
    private var seeds: [JobID: JobMetrics.Counts] = [:]
    private var tokens = APITokens()
    /// What the credential held when it was read last.
    private var tokenBytes: [UInt8]?

    init(historyDirectory: String) {
        self.historyDirectory = historyDirectory
    }

    /// Whether who asks may. `credentials`: where `api-tokens` lies; it is read each time, so that a token that was taken
    /// away is one no more.
    func authorize(_ query: APIQuery, _ credentials: CredentialStore) -> APIProblem? {
        guard let scope = query.route.scope else { return nil }
        guard let token = query.token, !token.isEmpty, case .success(let bytes) = credentials.read("api-tokens") else {
            return .unauthorized
        }
        if bytes != tokenBytes {
            tokenBytes = bytes
            tokens = APITokens(bytes)
        }
        guard let scopes = tokens.scopes(of: token) else { return .unauthorized }
        return scope.isGranted(by: scopes) ? nil : .insufficientScope
    }

    /// What is wrong with the tokens, if anything.
    var tokenMistakes: [String] { tokens.mistakes }

    /// `files`: the job files as they were read last.
    func answer(_ query: APIQuery, _ files: JobScan.Memory) -> ServerResponse {
        do throws(APIProblem) {
            switch query.route {
            case .jobs: return ServerResponse(status: 200, body: try jobs(files, query))
            case .job(let id):
                guard let (job, changedAt) = files.loaded(id) else { throw .notFound }
                var body: [UInt8] = []
                JSONWriter.literal("{\"data\":", to: &body)
                job.appendDocument(try facts(job, changedAt, query), to: &body)
                body.append(UInt8(ascii: "}"))
                return ServerResponse(status: 200, body: body)
            case .executions(let id): return ServerResponse(status: 200, body: try executions(of: id, files, query))
            case .trigger, .pause, .resume, .reload, .status, .health, .metrics: throw .notFound
            }
        } catch {
            return ServerResponse(error)
        }
    }

    private func jobs(_ files: JobScan.Memory, _ query: APIQuery) throws(APIProblem) -> [UInt8] {
        var body: [UInt8] = []
        JSONWriter.literal("{\"data\":", to: &body)
        try JSONWriter.array(files.loaded, to: &body) { (loaded, body) throws(APIProblem) in
            loaded.job.appendDocument(try facts(loaded.job, loaded.changedAt, query), to: &body)
        }
        body.append(UInt8(ascii: "}"))
        return body
    }

    private func executions(
        of id: JobID, _ files: JobScan.Memory, _ query: APIQuery
    ) throws(APIProblem) -> [UInt8] {
        let limit = try ExecutionLimit.parse(query.values(of: "limit")).get()
        let executions = try newest(of: id, limit, query)
        // A job whose file is gone has a history for as long as KeepRemoved= says.
        if executions.isEmpty, files.loaded(id) == nil { throw .notFound }
        var body: [UInt8] = []
        var document = KrafterDocument(style: .compact)
        document.begin(to: &body)
        for execution in executions { document.append(execution, to: &body) }
        document.end(to: &body)
        return body
    }

    private func facts(
        _ job: Job, _ changedAt: Timestamp?, _ query: APIQuery
    ) throws(APIProblem) -> JobFacts {
        let last = try newest(of: job.id, 1, query).first
        var facts = JobFacts(
            isPaused: query.paused.contains(job.id), lastExecution: last.map { ($0.startedAt, $0.succeeded) },
            changedAt: changedAt)
        if job.isEnabled, !facts.isPaused {
            facts.nextRunAt = job.nextStart(after: SystemClock.now().wall, in: query.history)
        }
        return facts
    }

    /// What is counted since the start is the loop's; what was before it is looked up once, so that a restart does not make
    /// a job look as if it had never run.
    func metrics(_ snapshot: MetricsSnapshot, _ files: JobScan.Memory) -> ServerResponse {
        let now = SystemClock.now().wall
        var isReadable = true
        let rows = files.loaded.map { job, _ in
            var row = MeteredJob(
                id: job.id.text, counts: snapshot.jobs.counts[job.id] ?? JobMetrics.Counts(),
                isPaused: snapshot.paused.contains(job.id))
            if isReadable, row.counts.lastRunAt == nil || row.counts.lastSuccessAt == nil {
                isReadable = seed(&row.counts, job.id, snapshot)
            }
            if job.isEnabled, !row.isPaused {
                row.nextRunAt = job.nextStart(after: now, in: snapshot.history)
            }
            return row
        }
        let bytes = try? HistoryUse.measure(directory: historyDirectory).bytes
        return ServerResponse(
            status: 200, contentType: MetricsText.contentType, body: snapshot.page(rows, historyBytes: bytes))
    }

    /// false: the history cannot be read; the next page tries again.
    private func seed(_ counts: inout JobMetrics.Counts, _ id: JobID, _ snapshot: MetricsSnapshot) -> Bool {
        guard let seed = seeds[id] ?? before(id, snapshot.synced) else { return false }
        seeds[id] = seed
        if counts.lastRunAt == nil { counts.failuresInARow = seed.failuresInARow }
        counts.lastRunAt = counts.lastRunAt ?? seed.lastRunAt
        counts.lastSuccessAt = counts.lastSuccessAt ?? seed.lastSuccessAt
        return true
    }

    /// By the newest executions, as many as are usually kept.
    private func before(_ id: JobID, _ synced: SequenceNumber) -> JobMetrics.Counts? {
        guard let newest = try? opened().executions(of: id, limit: 100, through: synced) else {
            history = nil
            return nil
        }
        var counts = JobMetrics.Counts()
        counts.failuresInARow = newest.first?.header.account.failuresInARow ?? 0
        counts.lastRunAt = newest.first?.startedAt
        counts.lastSuccessAt = newest.first { $0.succeeded }?.finishedAt
        return counts
    }

    private func opened() throws(HistoryError) -> HistoryReader {
        if let history { return history }
        let opened = try HistoryReader(directory: historyDirectory)
        history = opened
        return opened
    }

    private func newest(of id: JobID, _ limit: Int, _ query: APIQuery) throws(APIProblem) -> [Execution] {
        do throws(HistoryError) {
            return try opened().executions(of: id, limit: limit, through: query.synced)
        } catch {
            history = nil
            throw APIProblem(status: 503, message: "The history cannot be read: \(error)")
        }
    }
}
