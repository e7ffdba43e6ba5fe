internal import CronCore
internal import CurlTransport
internal import Glibc
internal import HTTPServer
internal import History
internal import Systemd

extension Daemon {
    /// A request has come in: it is answered here, or by the reader, who may look at files.
    func requested(_ request: ClientRequest) {
        switch APIRoute.find(method: request.head.method, path: request.head.path) {
        case .notFound: server.respond(request.client, ServerResponse(.notFound))
        case .methodNotAllowed(let allowed):
            var response = ServerResponse(APIProblem(status: 405, message: "Method not allowed"))
            response.headers = ["Allow: \(allowed)"]
            server.respond(request.client, response)
        case .route(.health): server.respond(request.client, healthResponse())
        case .route(let route): ask(route, request)
        }
    }

    private func ask(_ route: APIRoute, _ request: ClientRequest) {
        var fields = request.head.query
        if !request.body.isEmpty {
            guard request.head.contentType == "application/x-www-form-urlencoded",
                let form = RequestHead.formFields(request.body)
            else {
                let words = "must be a form: Content-Type: application/x-www-form-urlencoded, as curl -d sends it"
                return server.respond(request.client, ServerResponse(.invalid("body", words)))
            }
            fields += form
        }
        let query = APIQuery(
            client: request.client, route: route, peer: request.peer, fields: fields, token: request.head.bearer,
            synced: history.syncedThrough, history: engine.history, paused: engine.pausedJobs)
        guard let scopes = query.localScopes(daemonUser: geteuid()) else { return reader.ask(query, isLocal: false) }
        if let scope = route.scope, !scope.isGranted(by: scopes) {
            return server.respond(request.client, ServerResponse(.insufficientScope))
        }
        switch route {
        case .jobs, .job, .executions: reader.ask(query, isLocal: true)
        case .trigger, .pause, .resume, .reload, .status, .health, .metrics: granted(query)
        }
    }

    /// Who asks may: now it is carried out.
    func granted(_ query: APIQuery) {
        switch query.route {
        case .jobs, .job, .executions, .health: break
        case .trigger, .pause, .resume: control(query)
        case .reload: awaitReload(query)
        case .status: server.respond(query.client, statusResponse())
        case .metrics: reader.render(metricsSnapshot(), for: query.client)
        }
    }

    private func metricsSnapshot() -> MetricsSnapshot {
        MetricsSnapshot(
            jobs: metrics, status: engine.status, paused: engine.pausedJobs, inError: announced.refusedFiles.count,
            unsyncedBytes: history.unsyncedBytes, compactions: compaction.counts,
            lastReloadSucceeded: reload.hasSucceeded, lastReloadAt: reload.endedAt, startedAt: startedAt,
            libcurl: CurlVersion.installed.text, history: engine.history, synced: history.syncedThrough)
    }

    /// A crowd of clients has gone: what they took goes back once it is over. While it is not, every two seconds at most.
    func tidyLater() {
        guard let tidyTimer, tidyTimer.deadline == nil else { return }
        tidyTimer.arm(at: (SystemClock.now().boot + .seconds(2)).microseconds)
    }

    func tokensHaveMistakes(_ mistakes: [String]) {
        for mistake in mistakes { logger.log(.warning, .apiTokens, mistake) }
    }
}
