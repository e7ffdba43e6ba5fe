import Glibc
import Systemd
import Testing

@testable import Sockets

/// Two ends of a connection within this process.
private struct Pair {
    let near: Int32
    let far: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(O_NONBLOCK), 0, &ends)
        (near, far) = (ends[0], ends[1])
    }

    func write() { send(far, "x", 1, Int32(MSG_NOSIGNAL)) }

    func read() {
        var byte: UInt8 = 0
        recv(near, &byte, 1, 0)
    }

    func end() {
        close(near)
        close(far)
    }
}

/// Keeps what it is told.
private final class Listener: SocketOwner {
    var told: [(descriptor: Int32, ready: SocketInterest)] = []
    var turns = 0
    var whenReady: (Int32) -> Void = { _ in }

    func socketReady(_ descriptor: Int32, _ ready: SocketInterest) {
        told.append((descriptor, ready))
        whenReady(descriptor)
    }

    func socketsServed() { turns += 1 }
}

@Suite struct SocketPollerTests {
    @Test func `a socket is told of for as long as it is ready and watched`() throws {
        let loop = try EventLoop()
        let poller = try SocketPoller(loop: loop)
        let (pair, owner) = (Pair(), Listener())
        defer { pair.end() }
        poller.watch(pair.near, for: .readable, owner: owner)
        #expect(try !loop.turn(timeout: 0))
        pair.write()
        try loop.turn(timeout: 0)
        try loop.turn(timeout: 0)
        #expect(owner.told.map(\.descriptor) == [pair.near, pair.near])
        #expect(owner.told.allSatisfy { $0.ready == .readable } && owner.turns == 2)
        pair.read()
        #expect(try !loop.turn(timeout: 0))
        pair.write()
        poller.unwatch(pair.near)
        #expect(try !loop.turn(timeout: 0))
        #expect(owner.told.count == 2)
    }

    @Test func `what a socket is watched for may change`() throws {
        let loop = try EventLoop()
        let poller = try SocketPoller(loop: loop)
        let (pair, owner) = (Pair(), Listener())
        defer { pair.end() }
        pair.write()
        poller.watch(pair.near, for: .writable, owner: owner)
        try loop.turn(timeout: 0)
        poller.watch(pair.near, for: [.readable, .writable], owner: owner)
        try loop.turn(timeout: 0)
        poller.watch(pair.near, for: .readable, owner: owner)
        try loop.turn(timeout: 0)
        #expect(owner.told.map(\.ready) == [.writable, [.readable, .writable], .readable])
        pair.read()
        #expect(try !loop.turn(timeout: 0))
    }

    @Test func `the newest owner of a socket is told, and nobody else`() throws {
        let loop = try EventLoop()
        let poller = try SocketPoller(loop: loop)
        let (pair, first, second) = (Pair(), Listener(), Listener())
        defer { pair.end() }
        pair.write()
        poller.watch(pair.near, for: .readable, owner: first)
        poller.watch(pair.near, for: .readable, owner: second)
        try loop.turn(timeout: 0)
        #expect(first.told.isEmpty && second.told.count == 1)
    }

    @Test func `who drops a socket while it is served hears no more of it, nor of another that it drops`() throws {
        let loop = try EventLoop()
        let poller = try SocketPoller(loop: loop)
        let (pairs, owner) = ([Pair(), Pair(), Pair()], Listener())
        for pair in pairs {
            poller.watch(pair.near, for: .readable, owner: owner)
            pair.write()
        }
        owner.whenReady = { _ in
            for pair in pairs {
                poller.unwatch(pair.near)
                pair.end()
            }
        }
        try loop.turn(timeout: 0)
        #expect(owner.told.count == 1 && owner.turns == 1)
        #expect(try !loop.turn(timeout: 0))
    }

    @Test func `a descriptor that is closed while it is served and given out again is another socket`() throws {
        let loop = try EventLoop()
        let poller = try SocketPoller(loop: loop)
        let (pair, owner, heir) = (Pair(), Listener(), Listener())
        poller.watch(pair.near, for: .readable, owner: owner)
        pair.write()
        var next: Pair?
        owner.whenReady = { _ in
            guard next == nil else { return }
            poller.unwatch(pair.near)
            pair.end()
            let made = Pair()
            poller.watch(made.near, for: .readable, owner: heir)
            next = made
        }
        try loop.turn(timeout: 0)
        let made = try #require(next)
        #expect(try !loop.turn(timeout: 0))
        made.write()
        try loop.turn(timeout: 0)
        #expect(owner.told.count == 1)
        #expect(heir.told.map(\.descriptor) == [made.near])
        poller.unwatch(made.near)
        made.end()
    }

    @Test func `an owner that has gone is told nothing, and keeps nobody else waiting`() throws {
        let loop = try EventLoop()
        let poller = try SocketPoller(loop: loop)
        let (gone, stays) = (Pair(), Pair())
        defer {
            gone.end()
            stays.end()
        }
        let owner = Listener()
        weak var lost: Listener?
        do {
            let passing = Listener()
            lost = passing
            poller.watch(gone.near, for: .readable, owner: passing)
        }
        poller.watch(stays.near, for: .readable, owner: owner)
        gone.write()
        stays.write()
        try loop.turn(timeout: 0)
        #expect(lost == nil && owner.told.map(\.descriptor) == [stays.near])
        poller.unwatch(gone.near)
    }

    @Test func `each owner is told once when all that was ready has been told`() throws {
        let loop = try EventLoop()
        let poller = try SocketPoller(loop: loop)
        let (pairs, one, other) = ((0..<10).map { _ in Pair() }, Listener(), Listener())
        defer { for pair in pairs { pair.end() } }
        for (number, pair) in pairs.enumerated() {
            poller.watch(pair.near, for: .readable, owner: number.isMultiple(of: 2) ? one : other)
            pair.write()
        }
        one.whenReady = { _ in #expect(one.turns == 0) }
        try loop.turn(timeout: 0)
        #expect(one.told.count == 5 && other.told.count == 5)
        #expect(one.turns == 1 && other.turns == 1)
    }

    @Test func `more sockets than one turn serves are served in several`() throws {
        let loop = try EventLoop()
        let poller = try SocketPoller(loop: loop)
        let (pairs, owner) = ((0..<SocketPoller.maxEvents + 6).map { _ in Pair() }, Listener())
        defer { for pair in pairs { pair.end() } }
        for pair in pairs {
            poller.watch(pair.near, for: .readable, owner: owner)
            pair.write()
        }
        try loop.turn(timeout: 0)
        #expect(owner.told.count == SocketPoller.maxEvents)
        try loop.turn(timeout: 0)
        #expect(Set(owner.told.map(\.descriptor)).count == pairs.count)
    }

    @Test func `a hang-up shows to whoever reads, and is neither readable nor writable alone`() throws {
        let loop = try EventLoop()
        let poller = try SocketPoller(loop: loop)
        let (pair, owner) = (Pair(), Listener())
        poller.watch(pair.near, for: .readable, owner: owner)
        close(pair.far)
        try loop.turn(timeout: 0)
        #expect(owner.told.map(\.ready) == [.readable])
        poller.unwatch(pair.near)
        close(pair.near)
        // What is no descriptor is passed over.
        poller.watch(-1, for: .readable, owner: owner)
        poller.unwatch(-1)
        poller.unwatch(1_000_000)
        #expect(try !loop.turn(timeout: 0))
    }
}
