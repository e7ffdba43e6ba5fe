internal import CronCore
internal import HTTPServer

/// Requests to the engine whose answer is still to come.
struct ControlState {
    var clients: [ControlToken: ClientID] = [:]
    var lastToken: ControlToken = 0
}

extension Daemon {
    /// Runs, pauses and resumes jobs. The answer follows when what came of it is on the disk.
    func control(_ query: APIQuery) {
        let request: ControlRequest
        switch query.route {
        case .trigger(let id): request = .run(id, by: query.who)
        case .resume(let id): request = .resume(id, by: query.who)
        case .pause(let id):
            switch pause(query) {
            case .success(let pause): request = .pause(id, pause)
            case .failure(let problem): return server.respond(query.client, ServerResponse(problem))
            }
        default: return
        }
        controls.lastToken += 1
        controls.clients[controls.lastToken] = query.client
        handle(.control(request, controls.lastToken))
    }

    /// `until=` and `reason=`.
    private func pause(_ query: APIQuery) -> Result<Pause, APIProblem> {
        var pause = Pause(since: SystemClock.now().wall, reason: query.values(of: "reason").last ?? "", by: query.who)
        guard pause.reason.utf8.count <= 1_000 else { return .failure(.invalid("reason", "is too long")) }
        guard let text = query.values(of: "until").last else { return .success(pause) }
        guard let until = try? Timestamp(iso8601: text) else {
            return .failure(.invalid("until", "must be an ISO 8601 moment with an offset or Z: 2026-12-24T18:00:00Z"))
        }
        guard until > pause.since else { return .failure(.invalid("until", "must lie ahead")) }
        pause.until = until
        return .success(pause)
    }

    /// The engine has answered.
    func answered(_ token: ControlToken, _ answer: ControlAnswer) {
        guard let client = controls.clients.removeValue(forKey: token) else { return }
        switch answer {
        case .accepted(let run):
            server.respond(client, ServerResponse(status: 202, body: Array("{\"data\":{\"run_id\":\"\(run)\"}}".utf8)))
        case .done: server.respond(client, ServerResponse(status: 202, body: Array("{\"data\":{}}".utf8)))
        case .refused(.unknownJob): server.respond(client, ServerResponse(.notFound))
        case .refused(.notReady):
            server.respond(client, ServerResponse(APIProblem(status: 503, message: ControlRefusal.notReady.words)))
        case .refused(let refusal):
            server.respond(client, ServerResponse(APIProblem(status: 409, message: refusal.words)))
        }
    }

    /// Reloads, and answers when that is over, with what was wrong.
    func awaitReload(_ query: APIQuery) {
        guard stop == .running else {
            return server.respond(
                query.client, ServerResponse(APIProblem(status: 503, message: ControlRefusal.notReady.words)))
        }
        logger.log(.info, .reloaded, "reload asked for by \(query.who)")
        // One that runs already may have looked at what has changed since: the next one counts.
        if reload.isRunning { reload.nextClients.append(query.client) } else { reload.clients.append(query.client) }
        beginReload()
    }

    /// `error`: why nothing was changed.
    func answerReload(error: String?) {
        guard !reload.clients.isEmpty else { return }
        var body: [UInt8] = []
        JSONWriter.literal(error == nil ? "{\"data\":{\"summary\":" : "{\"error\":", to: &body)
        JSONWriter.string(error ?? reload.summary, to: &body)
        JSONWriter.literal(",\"diagnostics\":[", to: &body)
        for (number, diagnostic) in reload.diagnostics.enumerated() {
            if number > 0 { body.append(UInt8(ascii: ",")) }
            JSONWriter.literal(
                diagnostic.severity == .error
                    ? "{\"severity\":\"error\",\"text\":" : "{\"severity\":\"warning\",\"text\":",
                to: &body)
            JSONWriter.string(diagnostic.description, to: &body)
            body.append(UInt8(ascii: "}"))
        }
        JSONWriter.literal(error == nil ? "]}}" : "]}", to: &body)
        let response = ServerResponse(status: error == nil ? 200 : 422, body: body)
        for client in reload.clients { server.respond(client, response) }
        reload.clients = []
    }
}
