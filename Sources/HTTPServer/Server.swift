internal import CLinux
internal import CronCore
internal import Glibc
package import Sockets
package import Systemd

/// A request, and where its answer goes.
package struct ClientRequest: Sendable {
    package let client: ClientID
    package let peer: Peer
    package let head: RequestHead
    package let body: [UInt8]
}

/// Names a connection for as long as it is there.
package struct ClientID: Hashable, Sendable {
    fileprivate let descriptor: Int32
    fileprivate let generation: UInt64
}

/// An HTTP/1.1 server on the event loop. Knows no routes: it hands out requests, and takes answers whenever they come.
///
/// Nothing here blocks. Each client has one request under way; what it sends beyond that waits in its socket. Slow and
/// silent clients are bounded in time, and all of them in number and in memory: when there are too many, or too much waits
/// for them, the one that has kept the server waiting for the longest goes, so that somebody new always gets in.
package final class Server: SocketOwner {
    package static let mostConnections = 128
    /// From the first byte of a request to its last, and for the client to take the answer.
    private static let requestLimit = TimeSpan.seconds(10)
    private static let keepAliveLimit = TimeSpan.seconds(30)
    private static let lingerLimit = TimeSpan.seconds(2)
    /// Memory for answers that clients do not take.
    private static let mostHeld = 32 << 20
    /// Connections accepted in one turn.
    private static let acceptsPerTurn = 16
    /// Of memory that clients have taken, and that is free again.
    private static let muchFreed = 4 << 20

    /// Told of each request, which must be answered once by `respond`, at once or later.
    package var received: (ClientRequest) -> Void = { _ in }
    /// Told when clients have let go of so much memory that it is worth giving back to the system.
    package var freedMuch: () -> Void = {}

    private let poller: SocketPoller
    private var timer: EventTimer?
    private var listeners: [Int32: Listener] = [:]
    private var connections: [Int32: Connection] = [:]
    private var generation: UInt64 = 0
    private var freed = 0
    /// Listeners are not watched: there are no descriptors left.
    private var isPaused = false

    package init(loop: EventLoop, poller: SocketPoller) throws(SystemdError) {
        self.poller = poller
        timer = try loop.timer(.boottime, priority: .last) { [unowned self] in
            timer?.fired()
            sweep()
        }
    }

    deinit { close() }

    /// Connections that are there now.
    package var count: Int { connections.count }

    package func listen(on listener: Listener) {
        listeners[listener.descriptor] = listener
        poller.watch(listener.descriptor, for: .readable, owner: self)
    }

    /// Ends everything: what is being answered gets no answer.
    package func close() {
        for descriptor in listeners.keys { poller.unwatch(descriptor) }
        for descriptor in connections.keys { poller.unwatch(descriptor) }
        listeners.removeAll()
        connections.removeAll()
    }

    /// Answers a request. A client that is gone gets none.
    package func respond(_ client: ClientID, _ response: ServerResponse) {
        guard let connection = connections[client.descriptor], connection.generation == client.generation,
            connection.phase == .answering
        else { return }
        connection.since = BootClock.now
        connection.answer(response)
        goOn(connection)
        if connection.heldForClient > 0 { boundHeld(for: connection) }
    }

    /// Clients that do not take their answers give way to `newest`, those first that have not for the longest.
    private func boundHeld(for newest: Connection) {
        var others = connections.values.filter { $0.heldForClient > 0 && $0 !== newest }
        var held = others.reduce(newest.heldForClient) { $0 + $1.heldForClient }
        guard held > Self.mostHeld else { return }
        others.sort { $0.since > $1.since }
        while held > Self.mostHeld, let victim = others.popLast() {
            held -= victim.heldForClient
            drop(victim)
        }
    }

    package func socketReady(_ descriptor: Int32, _ ready: SocketInterest) {
        if let listener = listeners[descriptor] { return accept(from: listener) }
        guard let connection = connections[descriptor] else { return }
        switch connection.phase {
        case .sending: goOn(connection)
        case .idle where connection.hasInput: take(connection.nextRequest(), of: connection)
        case .idle:
            let request = connection.receive()
            connection.since = BootClock.now
            take(request, of: connection)
        case .receiving, .answering, .lingering, .closed: take(connection.receive(), of: connection)
        }
    }

    package func socketsServed() {}

    // MARK: - Connections

    private func accept(from listener: Listener) {
        for _ in 0..<Self.acceptsPerTurn {
            let descriptor = httpcron_accept(listener.descriptor, Int32(O_NONBLOCK | O_CLOEXEC))
            guard descriptor >= 0 else {
                if errno == EINTR || errno == ECONNABORTED { continue }
                if errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM { pause() }
                return
            }
            generation += 1
            let now = BootClock.now
            let connection = Connection(
                descriptor, peer: .of(descriptor, isUnix: listener.isUnix), generation: generation, at: now)
            // Nobody may go for it: it is closed as it is let go of.
            guard connections.count < Self.mostConnections || evict() else { continue }
            connections[descriptor] = connection
            if !listener.isUnix {
                var yes: Int32 = 1
                setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, 4)
            }
            settle(connection)
        }
    }

    /// Drops the connection that has kept us waiting for the longest. false: all are waiting for us.
    private func evict() -> Bool {
        let victim = connections.values.filter { $0.phase != .answering }.min { $0.since < $1.since }
        guard let victim else { return false }
        drop(victim)
        return true
    }

    private func drop(_ connection: Connection) {
        poller.unwatch(connection.descriptor)
        connections[connection.descriptor] = nil
        if isPaused { resume() }
        freed += connection.footprint
        guard freed >= Self.muchFreed else { return }
        freed = 0
        freedMuch()
    }

    /// Without descriptors a listener would be ready for ever: it is looked at again when one is free, or in a second.
    private func pause() {
        isPaused = true
        for descriptor in listeners.keys { poller.unwatch(descriptor) }
        arm(at: BootClock.now + .seconds(1))
    }

    private func resume() {
        isPaused = false
        for descriptor in listeners.keys { poller.watch(descriptor, for: .readable, owner: self) }
    }

    /// Hands the request out, if there is one, and then sees to what the connection waits for.
    private func take(_ request: (head: RequestHead, body: [UInt8])?, of connection: Connection) {
        guard let request else { return goOn(connection) }
        // Nothing is read while it is answered: who sends more waits.
        poller.unwatch(connection.descriptor)
        let client = ClientID(descriptor: connection.descriptor, generation: connection.generation)
        received(ClientRequest(client: client, peer: connection.peer, head: request.head, body: request.body))
    }

    /// Sends what there is to send.
    private func goOn(_ connection: Connection) {
        let wasSending = connection.phase == .sending
        // The time to take the last answer in begins once it is sent, however long the request took.
        if connection.send() || (wasSending && connection.phase == .lingering) { connection.since = BootClock.now }
        settle(connection)
    }

    /// Watches for what the connection waits for, or lets it go.
    private func settle(_ connection: Connection) {
        switch connection.phase {
        // The next request is here already. It has to wait for a turn of its own: whoever sends hundreds in one go must not
        // hold up what is due meanwhile. A socket that has just taken an answer is writable, or will be.
        case .idle where connection.hasInput: poller.watch(connection.descriptor, for: .writable, owner: self)
        case .idle, .receiving, .lingering: poller.watch(connection.descriptor, for: .readable, owner: self)
        case .sending: poller.watch(connection.descriptor, for: .writable, owner: self)
        case .answering: return
        case .closed: return drop(connection)
        }
        arm(at: deadline(of: connection))
    }

    // MARK: - Time

    private func deadline(of connection: Connection) -> Instant {
        switch connection.phase {
        // Its next request waits until the client has made room for an answer.
        case .idle where connection.hasInput: connection.since + Self.requestLimit
        case .idle: connection.since + Self.keepAliveLimit
        case .lingering: connection.since + Self.lingerLimit
        case .receiving, .sending, .answering, .closed: connection.since + Self.requestLimit
        }
    }

    /// Moves the timer to an earlier deadline only: one that fires too early finds nobody, and is armed anew.
    private func arm(at deadline: Instant) {
        guard let timer, timer.deadline.map({ $0 > deadline.microseconds }) ?? true else { return }
        timer.arm(at: deadline.microseconds)
    }

    private func sweep() {
        let now = BootClock.now
        if isPaused { resume() }
        for connection in connections.values where connection.phase != .answering {
            guard deadline(of: connection) <= now else { continue }
            if connection.phase == .receiving, connection.hasInput {
                connection.since = now
                connection.giveUp()
                goOn(connection)
            } else {
                drop(connection)
            }
        }
        let next = connections.values.lazy.filter { $0.phase != .answering }.map { self.deadline(of: $0) }.min()
        if let next { arm(at: next) }
    }
}
