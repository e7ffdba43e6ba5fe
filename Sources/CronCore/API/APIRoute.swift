/// What a request asks for: the routes of the API. Pure; knows nothing of sockets.
package enum APIRoute: Equatable, Sendable {
    case jobs
    case job(JobID)
    case executions(JobID)
    case trigger(JobID)
    case pause(JobID)
    case resume(JobID)
    case reload
    case status
    case health
    case metrics

    package enum Outcome: Equatable, Sendable {
        case route(APIRoute)
        case notFound
        /// There is such a path, for these methods.
        case methodNotAllowed(allowed: String)
    }

    /// `path`: its segments, decoded.
    package static func find(method: String, path: [String]) -> Outcome {
        guard let (route, isChange) = route(path) else { return .notFound }
        let isRead = method == "GET" || method == "HEAD"
        if isChange ? method == "POST" : isRead { return .route(route) }
        return .methodNotAllowed(allowed: isChange ? "POST" : "GET, HEAD")
    }

    private static func route(_ path: [String]) -> (APIRoute, isChange: Bool)? {
        switch path {
        case ["healthz"]: return (.health, false)
        case ["metrics"]: return (.metrics, false)
        default: break
        }
        guard path.starts(with: ["api", "v1", "cron"]) else { return nil }
        let rest = path.dropFirst(3)
        switch (rest.first, rest.count) {
        case ("reload", 1): return (.reload, true)
        case ("status", 1): return (.status, false)
        case ("jobs", 1): return (.jobs, false)
        case ("jobs", 2), ("jobs", 3): break
        default: return nil
        }
        let id = JobID(rest[rest.startIndex + 1])
        guard !id.text.isEmpty else { return nil }
        guard rest.count == 3 else { return (.job(id), false) }
        switch rest.last {
        case "executions": return (.executions(id), false)
        case "trigger": return (.trigger(id), true)
        case "pause": return (.pause(id), true)
        case "resume": return (.resume(id), true)
        default: return nil
        }
    }

    /// What who asks must be allowed to do; nil: nothing.
    package var scope: APIScope? {
        switch self {
        case .health: nil
        case .metrics: .metrics
        case .jobs, .job, .executions, .status: .read
        case .trigger, .pause, .resume, .reload: .write
        }
    }
}

/// What a client is allowed to do.
package enum APIScope: String, Sendable, CaseIterable {
    case read = "cron:read"
    case write = "cron:write"
    /// The metrics alone, for a scraper.
    case metrics

    /// Whether who has these scopes may do what `self` asks for. Each is granted by itself, as the hosted service has it,
    /// but who may read everything may read the metrics.
    package func isGranted(by scopes: Set<APIScope>) -> Bool {
        scopes.contains(self) || (self == .metrics && scopes.contains(.read))
    }
}

/// `limit=` of the executions.
package enum ExecutionLimit {
    package static let most = 100
    package static let usual = 20

    /// The number, or what is wrong with it, in the hosted service's words. `values`: each that was given.
    package static func parse(_ values: [String]) -> Result<Int, APIProblem> {
        guard let text = values.last else { return .success(usual) }
        let isNumber = !text.isEmpty && text.utf8.count < 10 && text.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
        guard values.count == 1, isNumber, let number = Int(text) else {
            return .failure(.invalid("limit", "is invalid"))
        }
        if number < 1 { return .failure(.invalid("limit", "must be greater than 0")) }
        if number > most { return .failure(.invalid("limit", "must be less than or equal to 100")) }
        return .success(number)
    }
}

/// Why a request is not carried out: a status and the document that says so.
package struct APIProblem: Error, Equatable, Sendable {
    package var status: Int
    package var message: String
    /// What is wrong with a field, for 422.
    package var field: String?
    package var detail = ""

    package init(status: Int, message: String) {
        self.status = status
        self.message = message
    }

    /// The engine has refused: 404 for a job that is not there, 503 while it is starting or stopping, else 409.
    package init(_ refusal: ControlRefusal) {
        switch refusal {
        case .unknownJob: self = .notFound
        case .notReady: self.init(status: 503, message: refusal.words)
        case .disabled, .paused, .notPaused, .overlap, .tooMany: self.init(status: 409, message: refusal.words)
        }
    }

    /// 422: a field of the query or the form.
    package static func invalid(_ field: String, _ detail: String) -> APIProblem {
        var problem = APIProblem(status: 422, message: "Validation failed")
        (problem.field, problem.detail) = (field, detail)
        return problem
    }

    package static let unauthorized = APIProblem(status: 401, message: "Invalid or missing API key")
    package static let insufficientScope = APIProblem(status: 403, message: "Insufficient scope")
    package static let notFound = APIProblem(status: 404, message: "Not found")

    /// `{"error":"…"}`, for 422 with `"details":{"field":["…"]}`.
    package var document: [UInt8] {
        var output: [UInt8] = []
        JSONWriter.literal("{\"error\":", to: &output)
        JSONWriter.string(message, to: &output)
        if let field {
            JSONWriter.literal(",\"details\":{", to: &output)
            JSONWriter.string(field, to: &output)
            JSONWriter.literal(":[", to: &output)
            JSONWriter.string(detail, to: &output)
            JSONWriter.literal("]}", to: &output)
        }
        output.append(UInt8(ascii: "}"))
        return output
    }
}
