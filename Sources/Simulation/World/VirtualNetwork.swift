internal import CronCore

/// What is the matter with a server, or with the way to it.
enum ServerTrouble: String, CaseIterable, Sendable {
    case refuses = "refuses connections"
    case unresolvable = "has no address"
    case hangs = "takes requests and says nothing"
    case slow = "is slow"
    case closes = "closes without an answer"
    case failing = "answers 500"
    case overloaded = "answers 503 with Retry-After"
    case redirects = "answers 301"
}

/// What becomes of one request.
struct Reply {
    var after: TimeSpan
    var response: Response
    var retryAfter: String?
    var location: String?
    /// Whether the server has the request.
    var arrives: Bool

    func result(at instant: Instant) -> TransferResult {
        TransferResult(response: response, finishedAt: instant, retryAfter: retryAfter, location: location)
    }
}

/// The servers that jobs call: they answer in milliseconds, but for their troubles.
struct VirtualNetwork {
    private struct Mood {
        var host: String
        var trouble: ServerTrouble
        var until: Instant
    }

    private let seed: UInt64
    private var moods: [Mood] = []

    init(seed: UInt64) {
        self.seed = seed
    }

    mutating func trouble(_ host: String, _ trouble: ServerTrouble, until: Instant) {
        moods.append(Mood(host: host, trouble: trouble, until: until))
    }

    mutating func heal() { moods.removeAll() }

    /// What becomes of `attempt`, which is sent at `now`: the same for the same attempt, whatever happened elsewhere.
    func reply(to attempt: Attempt, at now: Instant) -> Reply {
        var luck = RandomSource(seed: seed ^ attempt.run.id.value.low &+ UInt64(attempt.number) &* 0x9e37)
        let mood = moods.last { $0.host == attempt.job.request.hostKey && $0.until > now }
        let soon = TimeSpan(microseconds: Int64.random(in: 500...200_000, using: &luck))
        switch mood?.trouble {
        case nil: return Reply(after: soon, response: Self.response(200, &luck), arrives: true)
        case .slow:
            let late = TimeSpan(microseconds: Int64.random(in: 1_000_000...29_000_000, using: &luck))
            return Reply(after: late, response: Self.response(200, &luck), arrives: true)
        case .failing: return Reply(after: soon, response: Self.response(500, &luck), arrives: true)
        case .overloaded:
            let seconds = Int.random(in: 1...90, using: &luck)
            return Reply(
                after: soon, response: Self.response(503, &luck), retryAfter: String(seconds), arrives: true)
        case .redirects:
            return Reply(
                after: soon, response: Self.response(301, &luck), location: "https://elsewhere.example/",
                arrives: true)
        case .refuses:
            return Self.failure("connect_refused", "%Mint.TransportError{reason: :econnrefused}", soon, arrives: false)
        case .unresolvable:
            return Self.failure("dns_not_found", "%Mint.TransportError{reason: :nxdomain}", soon, arrives: false)
        case .closes:
            return Self.failure("connection_closed", "%Mint.TransportError{reason: :closed}", soon, arrives: true)
        case .hangs:
            return Self.failure(
                "timeout_first_byte", "%Mint.TransportError{reason: :timeout}", attempt.job.request.timeout,
                arrives: true)
        }
    }

    private static func failure(_ code: String, _ error: String, _ after: TimeSpan, arrives: Bool) -> Reply {
        let failure = Failure(code: code, error: error, requestMayHaveLeft: arrives)
        return Reply(after: after, response: Response(failure: failure), arrives: arrives)
    }

    private static func response(_ status: Int, _ luck: inout RandomSource) -> Response {
        let failure: Failure? =
            status == 200 ? nil : Failure(code: "http_status", error: "HTTP \(status)", requestMayHaveLeft: true)
        let length = Int.random(in: 0...3, using: &luck) == 0 ? Int.random(in: 0...2_048, using: &luck) : 24
        return Response(
            failure: failure, httpStatus: status,
            body: Array(repeating: UInt8(truncatingIfNeeded: luck.next()), count: length),
            byteCount: UInt64(length), timings: PhaseTimings(total: .milliseconds(7)), remoteAddress: "192.0.2.7",
            httpVersion: "1.1")
    }
}
