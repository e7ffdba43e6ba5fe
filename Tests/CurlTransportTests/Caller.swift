import CronCore
import Sockets
import Systemd
import Testing

@testable import CurlTransport

/// A transport on a loop of its own, which turns until what was asked for has ended.
final class Caller {
    let loop: EventLoop
    let transport: CurlTransport
    private(set) var results: [AttemptKey: TransferResult] = [:]
    private(set) var order: [AttemptKey] = []
    /// Once in the process: it changes the environment.
    private static let prepared = Result { try prepareProcessForTransport() }
    private var nextKey: UInt64 = 0

    init(
        limits: TransportLimits = TransportLimits(),
        lookup: @escaping @Sendable (HostName) -> LookupAnswer = systemLookup
    ) throws {
        try Self.prepared.get()
        loop = try EventLoop()
        transport = try CurlTransport(loop: loop, poller: SocketPoller(loop: loop), limits: limits, lookup: lookup)
        transport.finished = { [unowned self] key, result in
            results[key] = result
            order.append(key)
        }
    }

    @discardableResult
    func start(_ request: HTTPRequest) -> AttemptKey {
        nextKey += 1
        let key = AttemptKey(nextKey)
        transport.start(request, key: key, startedAt: BootClock.now)
        return key
    }

    /// Makes one request, and waits for what becomes of it.
    func call(_ request: HTTPRequest) throws -> TransferResult {
        let key = start(request)
        try waitFor(key)
        return try #require(results[key])
    }

    func waitFor(_ keys: AttemptKey...) throws {
        try turn { keys.allSatisfy { results[$0] != nil } }
    }

    func turn(until isDone: () -> Bool) throws {
        let limit = BootClock.now + .seconds(60)
        while !isDone() {
            try #require(BootClock.now < limit, "nothing came of it within a minute")
            try loop.turn(timeout: 1_000_000)
        }
    }
}

extension HTTPRequest {
    /// A GET with limits that no test is meant to reach.
    static func to(
        _ url: String, method: String = "GET", headers: [HTTPHeader] = [], body: String? = nil,
        timeout: TimeSpan = .seconds(50), connectTimeout: TimeSpan = .seconds(50), maxRedirects: Int = 0,
        reuse: Bool = true, connection: ConnectionSettings = ConnectionSettings()
    ) -> HTTPRequest {
        HTTPRequest(
            url: url, method: method, headers: headers, body: body.map { Array($0.utf8) }, timeout: timeout,
            connectTimeout: connectTimeout, maxRedirects: maxRedirects, successStatus: .success,
            mayReuseConnection: reuse, connection: connection)
    }
}
