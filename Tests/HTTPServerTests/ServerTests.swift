import Glibc
import Testing

@testable import HTTPServer

/// Requests handed out, answers sent back, and places for clients.
@Suite final class ServerTests {
    private let world: TestServer

    init() throws { world = try TestServer() }

    @Test func `a request is handed out once, and its answer goes back`() throws {
        let client = try world.client()
        defer { close(client) }
        world.write("POST /a?b=c HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe", to: client)
        try world.turn(most: 5)
        #expect(world.requests.isEmpty)
        world.write("llo", to: client)
        try world.turn(until: { !world.requests.isEmpty })
        let request = try #require(world.requests.first)
        #expect(request.head.method == "POST" && request.body == Array("hello".utf8))
        #expect(request.peer == .local(user: getuid(), process: getpid()))
        world.server.respond(request.client, world.ok("fine"))
        let reply = try #require(world.read(client))
        #expect(reply.hasPrefix("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n"))
        #expect(reply.hasSuffix("\r\n\r\nfine") && !reply.contains("Connection: close"))
        // A second answer to it is nobody's.
        world.server.respond(request.client, world.ok("again"))
        #expect(world.read(client) == "")
    }

    @Test func `requests in a row are answered one after the other, whenever their answers come`() throws {
        let client = try world.client()
        defer { close(client) }
        world.write(String(repeating: "GET /x HTTP/1.1\r\nHost: x\r\n\r\n", count: 50), to: client)
        var replies = ""
        for number in 0..<50 {
            try world.turn(until: { world.requests.count > number })
            #expect(world.requests.count == number + 1)
            world.server.respond(world.requests[number].client, world.ok("<\(number)>"))
            replies += world.read(client) ?? ""
        }
        let order = (0..<50).map { "<\($0)>" }
        #expect(order.allSatisfy { replies.contains($0) })
        #expect(replies.components(of: "HTTP/1.1 200") == 50)
    }

    @Test func `of requests in a row each waits for a turn of the loop, so that all else gets its own`() throws {
        var count = 0
        world.server.received = { [world] request in
            count += 1
            world.server.respond(request.client, world.ok("at once"))
        }
        defer { world.server.received = { _ in } }
        let client = try world.client()
        defer { close(client) }
        world.write(String(repeating: "GET /x HTTP/1.1\r\nHost: x\r\n\r\n", count: 50), to: client)
        var most = 0
        for _ in 0..<200 where count < 50 {
            let before = count
            try world.turn(most: 1)
            most = max(most, count - before)
        }
        #expect(most == 1 && count == 50)
    }

    @Test func `HEAD gets no body, and Connection close ends with the answer`() throws {
        let client = try world.client()
        defer { close(client) }
        world.write("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", to: client)
        try world.turn(until: { !world.requests.isEmpty })
        world.server.respond(world.requests[0].client, world.ok("body"))
        let reply = try #require(world.read(client))
        #expect(reply.contains("Content-Length: 4\r\n") && reply.contains("Connection: close\r\n"))
        #expect(reply.hasSuffix("\r\n\r\n"))
        #expect(world.read(client) == nil)
    }

    @Test func `what is no request is refused, and the connection ends`() throws {
        let client = try world.client()
        defer { close(client) }
        world.write("nonsense\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", to: client)
        var reply = ""
        try world.turn(until: {
            reply += world.read(client) ?? ""
            return reply.contains("}")
        })
        #expect(reply.hasPrefix("HTTP/1.1 400 ") && reply.components(of: "HTTP/1.1") == 1)
        #expect(world.requests.isEmpty)
        shutdown(client, Int32(SHUT_WR))
        try world.turn(until: { world.server.count == 0 })
        #expect(world.server.count == 0)
    }

    @Test func `a client that goes away is let go of, and its answer is nobody's`() throws {
        let client = try world.client()
        world.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n", to: client)
        try world.turn(until: { !world.requests.isEmpty })
        close(client)
        world.server.respond(world.requests[0].client, world.ok("late"))
        try world.turn(until: { world.server.count == 0 })
        #expect(world.server.count == 0)
        let other = try world.client()
        defer { close(other) }
        try world.turn(until: { world.server.count == 1 })
        world.server.respond(world.requests[0].client, world.ok("later still"))
        #expect(world.read(other) == "")
    }

    @Test func `when all places are taken, the one that has kept the server waiting for the longest goes`() throws {
        let first = try world.client()
        world.write("GET / HT", to: first)
        try world.turn(until: { world.server.count == 1 })
        let answering = try world.client()
        world.write("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n", to: answering)
        try world.turn(until: { !world.requests.isEmpty })
        var others: [Int32] = []
        for _ in 2..<Server.mostConnections { others.append(try world.client()) }
        try world.turn(until: { world.server.count == Server.mostConnections })
        #expect(world.server.count == Server.mostConnections)
        #expect(world.read(first) == "")
        let newest = try world.client()
        try world.turn(until: { world.read(first) == nil })
        #expect(world.read(first) == nil)
        #expect(world.server.count == Server.mostConnections)
        world.write("GET /new HTTP/1.1\r\nHost: x\r\n\r\n", to: newest)
        try world.turn(until: { world.requests.count == 2 })
        #expect(world.requests.last?.head.path == ["new"])
        // Who is being answered is not who kept it waiting.
        world.server.respond(world.requests[0].client, world.ok("slow"))
        #expect(world.read(answering)?.hasSuffix("slow") == true)
        for descriptor in others + [first, answering, newest] { close(descriptor) }
    }

    @Test func `an answer larger than the socket takes goes out piece by piece`() throws {
        let client = try world.client()
        defer { close(client) }
        world.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n", to: client)
        try world.turn(until: { !world.requests.isEmpty })
        world.server.respond(world.requests[0].client, world.ok(String(repeating: "0123456789", count: 400_000)))
        var count = 0
        try world.turn(
            until: {
                count += world.read(client)?.utf8.count ?? 0
                return count > 4_000_000
            }, most: 2_000)
        #expect(count > 4_000_000)
    }

    @Test func `of clients that do not take their answers, those go first that have not for the longest`() throws {
        let world = try TestServer()
        let body = [UInt8](repeating: UInt8(ascii: "x"), count: 7 << 20)
        let clients = try (0..<12).map { number in
            let client = try world.client()
            world.write("GET /\(number) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", to: client)
            try world.turn(until: { world.requests.count > number })
            world.server.respond(world.requests[number].client, ServerResponse(status: 200, body: body))
            return client
        }
        defer { clients.forEach { close($0) } }
        // 32 MiB are held for clients, so four answers.
        #expect(world.server.count == 4)
        for (number, client) in clients.enumerated().reversed() {
            let answer = try world.readToEnd(client)
            let isWhole = answer.utf8.count > body.count
            #expect(isWhole == (number >= 8), "\(number) got \(answer.utf8.count)")
        }
    }

    @Test func `a socket file that is in use is not taken, and one that is not is replaced`() throws {
        let address = try #require(ListenAddress("unix:\(world.path)"))
        #expect(throws: ListenError.self) { try Listener(address) }
        var status = stat()
        #expect(stat(world.path, &status) == 0 && status.st_mode & 0o777 == 0o660)
        world.server.close()
        #expect(access(world.path, F_OK) != 0)
        // Left behind by who had no time to take it away.
        let stale = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        #expect(address.withSocketAddress { bind(stale, $0, $1) } == 0)
        close(stale)
        let listener = try Listener(address)
        #expect(listener.isUnix)
    }
}

extension String {
    /// How often `text` stands in it.
    fileprivate func components(of text: String) -> Int {
        var count = 0
        var rest = self[...]
        while let found = rest.firstRange(of: text) {
            count += 1
            rest = rest[found.upperBound...]
        }
        return count
    }
}
