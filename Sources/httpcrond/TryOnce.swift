internal import Configuration
internal import CronCore
internal import CurlTransport
internal import Glibc
internal import Sockets
internal import Systemd

/// `--try FILE`: carries one job file out now, in the foreground, with the daemon's own engine and transport, and shows
/// what happens. Nothing is recorded: what the engine appends counts as written at once, and is forgotten.
final class TryOnce {
    private let loop: EventLoop
    private let transport: CurlTransport
    private let credentials: CredentialStore
    private let job: Job
    private let renderer = RequestRenderer(version: Version.text)
    private var engine: Engine
    private var wallTimer: EventTimer?
    private var bootTimer: EventTimer?
    private var signals: [EventSource] = []
    private var succeeded = false

    /// nil: the file is in error, and stderr says where.
    init?(file: String, options: Options, settings: DaemonSettings) throws {
        var trust = options.trust
        trust.checksPermissions = settings.checksPermissions
        let reader = FileReader(trust: trust)
        let loaded = LooseJobFile.load(
            file, defaults: settings.jobDefaults, zones: ZoneDatabase(), reader: reader)
        for diagnostic in loaded.diagnostics { complain("\(diagnostic)") }
        guard let job = loaded.job else { return nil }
        let now = SystemClock.now()
        self.job = job.carriedOut(at: now.wall)
        credentials = CredentialStore(
            directories: CredentialStore.systemDirectories(given: environment("CREDENTIALS_DIRECTORY")),
            reader: reader)
        loop = try EventLoop()
        transport = try CurlTransport(
            loop: loop, poller: try SocketPoller(loop: loop),
            limits: TransportLimits(maxResponseBytes: UInt64(settings.maxResponseBytes)))
        engine = Engine(settings: settings.engine, seed: .random(in: .min ... .max))
    }

    /// Whether the run succeeded. Ctrl-C ends it.
    func run() throws -> Bool {
        transport.finished = { [unowned self] key, result in
            show(result)
            handle(.attemptFinished(key, result))
        }
        wallTimer = try loop.timer(.realtime) { [unowned self] in
            wallTimer?.fired()
            handle(.timer)
        }
        bootTimer = try loop.timer(.boottime) { [unowned self] in
            bootTimer?.fired()
            handle(.timer)
        }
        signals = [try loop.onSignal(SIGINT) { [unowned self] in loop.exit() }]
        print("This sends a real request; nothing is recorded.")
        let id = HistoryID(UUID(high: .random(in: .min ... .max), low: .random(in: .min ... .max)))
        handle(.restored(RestoredHistory(historyID: id, nextSequence: 1, lastWrittenAt: nil, jobs: [:])))
        handle(.jobLoaded(job))
        handle(.jobsComplete)
        _ = try loop.run()
        return succeeded
    }

    private func handle(_ event: Event) {
        var effects: [Effect] = []
        engine.handle(event, at: SystemClock.now(), into: &effects)
        var written: SequenceNumber?
        for effect in effects {
            switch effect {
            case .append(let record): written = record.header.sequence
            case .send(let attempt): send(attempt)
            case .log(let entry): show(entry)
            case .sync, .cancel, .compact, .drained, .attempted, .answer: break
            }
        }
        if let written {
            handle(.written(written))
            handle(.synced(written))
        }
        if let at = engine.nextWallDeadline { wallTimer?.arm(at: at.microseconds) }
        if let at = engine.nextBootDeadline { bootTimer?.arm(at: at.microseconds) }
    }

    private func send(_ attempt: Attempt) {
        let request = credentials.materials(for: attempt.job.request).flatMap { materials in
            if attempt.number == 1 { showRequest(attempt, materials) }
            return renderer.render(attempt, materials)
        }
        switch request {
        case .success(let request): transport.start(request, key: attempt.key, startedAt: attempt.startedAt.boot)
        case .failure(let error):
            let result = TransferResult(response: Response(failure: error.failure), finishedAt: SystemClock.now().boot)
            handle(.attemptFinished(attempt.key, result))
        }
    }

    /// The request as it leaves, but for the secrets in it.
    private func showRequest(_ attempt: Attempt, _ materials: RequestMaterials) {
        var masked = materials
        for name in masked.credentials.keys { masked.credentials[name] = Array("<credential \(name)>".utf8) }
        guard case .success(let request) = renderer.render(attempt, masked) else { return }
        print("\n> \(request.method) \(request.url.printable)")
        for header in request.headers { print("> \(header.name): \(header.value.printable)") }
        if let body = request.body { print(">\n> \(String(decoding: body.prefix(2_048), as: UTF8.self).printable)") }
    }

    private func show(_ result: TransferResult) {
        let response = result.response
        if let status = response.httpStatus { print("\n< HTTP/\(response.httpVersion) \(status)") }
        if let body = response.body, !body.isEmpty {
            print(
                "< \(String(decoding: body, as: UTF8.self).printable)\(response.bodyTruncated ? "...[truncated]" : "")")
        }
        let timings = response.timings
        let phases = [
            ("name", timings.dns), ("connect", timings.connect), ("TLS", timings.tls),
            ("first byte", timings.firstByte), ("total", timings.total),
        ]
        let shown = phases.compactMap { name, span in span.map { "\(name) \($0.shortForm)" } }
        if !shown.isEmpty { print("  \(shown.joined(separator: ", "))") }
    }

    private func show(_ entry: LogEntry) {
        print(LogLine(entry).message)
        fflush(nil)
        switch entry {
        case .succeeded, .recovered:
            succeeded = true
            loop.exit()
        case .runFailed, .failing: loop.exit()
        default: break
        }
    }
}

extension Job {
    /// The same job, due at once and once, and triggering nothing.
    fileprivate func carriedOut(at now: Timestamp) -> Job {
        Job(
            id: id, name: name, description: description, schedule: .at(now), delivery: delivery, request: request,
            retry: retry, retention: retention)
    }
}
