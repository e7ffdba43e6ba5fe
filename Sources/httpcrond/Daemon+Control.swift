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
            do throws(APIProblem) {
                request = .pause(id, try pause(query))
            } catch {
                return server.respond(query.client, ServerResponse(error))
            }
        default: return
        }
        controls.lastToken += 1
        controls.clients[controls.lastToken] = query.client
        handle(.control(request, controls.lastToken))
    }

    private func pause(_ query: APIQuery) throws(APIProblem) -> Pause {
        try Pause(
            until: query.values(of: "until"), reason: query.values(of: "reason"), by: query.who,
            at: SystemClock.now().wall)
    }

    /// The engine has answered.
    func answered(_ token: ControlToken, _ answer: ControlAnswer) {
        guard let client = controls.clients.removeValue(forKey: token) else { return }
        switch answer {
        case .accepted(let run):
            server.respond(client, ServerResponse(status: 202, body: Array("{\"data\":{\"run_id\":\"\(run)\"}}".utf8)))
        case .done: server.respond(client, ServerResponse(status: 202, body: Array("{\"data\":{}}".utf8)))
        case .refused(let refusal): server.respond(client, ServerResponse(APIProblem(refusal)))
        }
    }

    /// Reloads, and answers when that is over, with what was wrong.
    func awaitReload(_ query: APIQuery) {
        guard stop == .running else {
            return server.respond(query.client, ServerResponse(APIProblem(.notReady)))
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
        JSONWriter.literal(",\"diagnostics\":", to: &body)
        JSONWriter.array(reload.diagnostics, to: &body) { diagnostic, body in
            JSONWriter.literal(
                diagnostic.severity == .error
                    ? "{\"severity\":\"error\",\"text\":" : "{\"severity\":\"warning\",\"text\":",
                to: &body)
            JSONWriter.string(diagnostic.description, to: &body)
            body.append(UInt8(ascii: "}"))
        }
        JSONWriter.literal(error == nil ? "}}" : "}", to: &body)
        let response = ServerResponse(status: error == nil ? 200 : 422, body: body)
        for client in reload.clients { server.respond(client, response) }
        reload.clients = []
    }
}
