internal import CCurl
package import CronCore
package import Sockets
package import Systemd

/// Makes HTTP requests on the event loop, by libcurl. Knows attempts by their key, and nothing of jobs.
///
/// Nothing here blocks, and nothing is done inside curl's callbacks: a turn of the loop lets curl work, then collects
/// what has ended, then tells `finished`.
package final class CurlTransport {
    /// Told of each attempt that has ended, on the loop's own turn; it may start and cancel others.
    package var finished: (AttemptKey, TransferResult) -> Void = { _, _ in }
    /// Told after the last `finished` of a turn, so that what many ends ask for can be done in one go.
    package var finishedAll: () -> Void = {}

    /// Requests that begin in one turn: a herd is served as it starts, and its first call is not the last one's delay.
    private static let maxBegun = 16
    /// Easy handles kept for later.
    private static let maxIdleHandles = 64

    private struct Completion {
        let key: AttemptKey
        let result: TransferResult
        var isCancelled = false
    }

    private let limits: TransportLimits
    private let multi: CurlMulti
    private let parser: URLParser
    private let resolver: Resolver
    private var transfers: [AttemptKey: Transfer] = [:]
    /// Those that wait for a name.
    private var lookingUp: [AttemptKey: Transfer] = [:]
    /// When the first of them has waited too long, or earlier: it may have got its answer since.
    private var lookupDeadline: Instant?
    private var toBegin: [Transfer] = []
    private var completions: [Completion] = []
    private var ended: [CurlMulti.Ended] = []
    private var idle: [EasyHandle] = []
    private var soon: EventSource?
    private var timer: EventTimer?
    private var isSoon = false

    /// `prepareProcessForTransport` has been called. `poller`: watches its sockets, beside others'.
    package convenience init(
        loop: EventLoop, poller: SocketPoller, limits: TransportLimits = TransportLimits()
    ) throws {
        try self.init(loop: loop, poller: poller, limits: limits, lookup: systemLookup)
    }

    /// `lookup`: runs on threads of the resolver's.
    init(
        loop: EventLoop, poller: SocketPoller, limits: TransportLimits,
        lookup: @escaping @Sendable (HostName) -> LookupAnswer
    ) throws {
        self.limits = limits
        multi = try CurlMulti(limits: limits, poller: poller)
        parser = try URLParser()
        resolver = try Resolver(loop: loop, lookup: lookup)
        resolver.answered = { [unowned self] name, answer, keys in take(answer, for: name, keys) }
        multi.served = { [unowned self] in turn() }
        soon = try loop.deferred { [unowned self] in
            isSoon = false
            turn()
        }
        timer = try loop.timer(.boottime) { [unowned self] in
            timer?.fired()
            turn()
        }
    }

    /// Attempts that have begun and not ended.
    package var inFlight: Int { transfers.count }

    /// Begins an attempt: on one of the next turns, and `finished` follows. Its times count from `startedAt`.
    package func start(_ request: HTTPRequest, key: AttemptKey, startedAt: Instant) {
        let transfer = Transfer(key: key, request: request, startedAt: startedAt)
        transfers[key] = transfer
        enqueue(transfer)
        schedule()
    }

    /// Drops an attempt; `finished` does not follow. A key that is not known is none of a running attempt.
    package func cancel(_ key: AttemptKey) {
        if let transfer = transfers.removeValue(forKey: key) {
            release(transfer)
            schedule()
        } else if let index = completions.firstIndex(where: { $0.key == key }) {
            completions[index].isCancelled = true
        }
    }

    // MARK: A turn

    private func turn() {
        beginSome()
        multi.serveDeadline(now: BootClock.now)
        expireLookups()
        collect()
        deliver()
        schedule()
    }

    private func enqueue(_ transfer: Transfer) {
        transfer.isQueued = true
        toBegin.append(transfer)
    }

    private func beginSome() {
        let count = min(Self.maxBegun, toBegin.count)
        guard count > 0 else { return }
        let now = BootClock.now
        for transfer in toBegin[..<count] where transfer.isQueued {
            transfer.isQueued = false
            begin(transfer, now: now)
        }
        toBegin.removeFirst(count)
    }

    /// Finds out where a hop leads, and which names that takes.
    private func begin(_ transfer: Transfer, now: Instant) {
        let request = transfer.request
        if let problem = RequestCheck.problem(of: request) {
            return fail(transfer, CurlError.notSent(problem.reason, detail: problem.detail))
        }
        guard let target = parser.target(of: request.url) else {
            return fail(transfer, CurlError.notSent("invalid_url", detail: "the URL is not one of http:// or https://"))
        }
        guard let route = Route(target: target, settings: request.connection, parser: parser) else {
            return fail(transfer, CurlError.notSent("invalid_proxy", detail: "Proxy= is not a URL"))
        }
        guard now < transfer.deadline else {
            return fail(transfer, CurlError.timeout(in: .name, CurlOutcome(code: HTTPCRON_CURLE_OPERATION_TIMEDOUT)))
        }
        transfer.route = route
        transfer.hopBegan = now
        transfer.addresses = Array(repeating: [], count: route.names.count)
        for (index, needed) in route.names.enumerated() {
            if let known = resolver.cached(needed.name, now: now) {
                transfer.addresses[index] = known
            } else {
                transfer.awaited.append(needed.name)
            }
        }
        guard !transfer.awaited.isEmpty else { return send(transfer, route, now: now) }
        lookingUp[transfer.key] = transfer
        lookupDeadline = min(lookupDeadline ?? transfer.lookupDeadline, transfer.lookupDeadline)
        for name in transfer.awaited { resolver.ask(for: name, key: transfer.key, now: now) }
    }

    /// Everything is known: over to curl.
    private func send(_ transfer: Transfer, _ route: Route, now: Instant) {
        guard let easy = idle.popLast() ?? EasyHandle(limits: limits) else {
            return fail(transfer, CurlError.notSent("enomem", detail: "libcurl is out of memory"))
        }
        let code = easy.configure(transfer, route: route, sessions: multi.sessions, now: now)
        guard code == HTTPCRON_CURLE_OK else {
            let words = String(cString: curl_easy_strerror(code))
            easy.forget()
            return fail(transfer, CurlError.notSent("curl_\(code)", detail: "libcurl refuses it: \(words)"))
        }
        transfer.curlBegan = now
        transfer.easy = easy
        let joined = easy.join(multi)
        guard joined == HTTPCRON_CURLM_OK else {
            let words = String(cString: curl_multi_strerror(joined))
            return fail(transfer, CurlError.notSent("curl_multi_\(joined)", detail: "libcurl refuses it: \(words)"))
        }
    }

    /// Everything that has ended since, before anyone is told: whoever is told may start and cancel.
    private func collect() {
        multi.takeEnded(into: &ended)
        guard !ended.isEmpty else { return }
        let now = BootClock.now
        for one in ended {
            guard let transfer = transfers[one.easy.key], transfer.easy === one.easy, let route = transfer.route else {
                continue
            }
            conclude(transfer, route, one, now: now)
        }
        ended.removeAll(keepingCapacity: true)
    }

    private func conclude(_ transfer: Transfer, _ route: Route, _ one: CurlMulti.Ended, now: Instant) {
        let outcome = CurlOutcome(
            one.easy, code: one.code, target: route.target, usesProxy: route.proxy != nil,
            sendsBody: transfer.request.body?.isEmpty == false)
        let report = TransferReport(transfer, easy: one.easy, outcome: outcome, now: now)
        guard outcome.isWhole else { return complete(transfer, report.failed(CurlError.failure(of: outcome))) }
        let redirect = Redirect(
            status: outcome.status, location: outcome.reply.location, request: transfer.request, from: route.target,
            done: transfer.redirects, limit: transfer.request.maxRedirects, parser: parser)
        switch redirect {
        case .ends(let detail): complete(transfer, report.answered(detail: detail))
        case .tooMany:
            complete(transfer, report.failed(CurlError.tooManyRedirects(limit: transfer.request.maxRedirects)))
        case .follow(let next):
            release(transfer)
            transfer.request = next
            transfer.redirects += 1
            transfer.timings = report.timings
            enqueue(transfer)
        }
    }

    /// Lookups that took too long: the name may still be found, for a later attempt.
    private func expireLookups() {
        let now = BootClock.now
        guard let lookupDeadline, lookupDeadline <= now else { return }
        for transfer in lookingUp.values where transfer.lookupDeadline <= now {
            fail(transfer, CurlError.timeout(in: .name, CurlOutcome(code: HTTPCRON_CURLE_OPERATION_TIMEDOUT)))
        }
        self.lookupDeadline = lookingUp.values.map(\.lookupDeadline).min()
    }

    private func take(_ answer: LookupAnswer, for name: HostName, _ keys: [AttemptKey]) {
        let now = BootClock.now
        for key in keys {
            guard let transfer = lookingUp[key], let route = transfer.route else { continue }
            switch answer {
            case .addresses(let addresses):
                for (index, needed) in route.names.enumerated() where needed.name == name {
                    transfer.addresses[index] = addresses
                }
                transfer.awaited.removeAll { $0 == name }
                guard transfer.awaited.isEmpty else { continue }
                lookingUp[key] = nil
                send(transfer, route, now: now)
            case .notFound:
                fail(transfer, CurlError.nameNotFound(detail: "\(name.name) has no address"))
            case .failed(let words):
                fail(transfer, CurlError.nameLookupFailed(detail: "\(name.name) could not be looked up: \(words)"))
            }
        }
        schedule()
    }

    // MARK: Ends

    /// Ends an attempt that got no response of its own.
    private func fail(_ transfer: Transfer, _ failure: Failure) {
        complete(transfer, TransferReport(transfer, now: BootClock.now).failed(failure))
    }

    private func complete(_ transfer: Transfer, _ result: TransferResult) {
        transfers[transfer.key] = nil
        release(transfer)
        completions.append(Completion(key: transfer.key, result: result))
    }

    /// Takes back what the transfer holds; a request under way is cancelled.
    private func release(_ transfer: Transfer) {
        transfer.isQueued = false
        for name in transfer.awaited { resolver.forget(transfer.key, name: name) }
        transfer.awaited = []
        lookingUp[transfer.key] = nil
        guard let easy = transfer.easy else { return }
        transfer.easy = nil
        easy.leave()
        guard idle.count < Self.maxIdleHandles else { return }
        easy.forget()
        idle.append(easy)
    }

    /// Only what there is now: whatever is added meanwhile is told on the next turn.
    private func deliver() {
        let count = completions.count
        guard count > 0 else { return }
        for index in 0..<count where !completions[index].isCancelled {
            finished(completions[index].key, completions[index].result)
        }
        completions.removeFirst(count)
        finishedAll()
    }

    /// Sees to it that the next turn comes when it is needed.
    private func schedule() {
        guard !isSoon else { return }
        let next = nextDeadline
        let isDue = next.map { $0 <= BootClock.now } ?? false
        if !toBegin.isEmpty || !completions.isEmpty || isDue {
            isSoon = true
            soon?.isOn = true
        } else if let next, let timer, next.microseconds < timer.deadline ?? .max {
            timer.arm(at: next.microseconds)
        }
    }

    private var nextDeadline: Instant? {
        guard let own = multi.deadline, let lookupDeadline else { return multi.deadline ?? lookupDeadline }
        return min(own, lookupDeadline)
    }
}
