import Glibc
import Systemd
import Testing

@testable import HTTPServer

/// One client's connection: how its bytes become requests, and how it ends.
@Suite final class ConnectionTests {
    private let world: TestServer

    init() throws { world = try TestServer() }

    private let request = "POST /a?b=c HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"

    @Test func `a request that comes in two pieces is the same wherever it was cut`() throws {
        let client = try world.client()
        defer { close(client) }
        let bytes = Array(request.utf8)
        for cut in 1..<bytes.count {
            world.write(String(decoding: bytes[..<cut], as: UTF8.self), to: client)
            try world.turn(most: 3)
            #expect(world.requests.count == cut - 1, "\(cut)")
            world.write(String(decoding: bytes[cut...], as: UTF8.self), to: client)
            try world.turn(until: { world.requests.count == cut })
            let taken = try #require(world.requests.last)
            #expect(
                taken.head.method == "POST" && taken.head.path == ["a"]
                    && taken.head.query == [.init(name: "b", value: "c")])
            #expect(taken.body == Array("hello".utf8))
            world.server.respond(taken.client, world.ok("\(cut)"))
            #expect(world.read(client)?.hasSuffix("\r\n\r\n\(cut)") == true)
        }
    }

    @Test func `a connection is kept for the next request, and the one before it leaves nothing behind`() throws {
        let client = try world.client()
        defer { close(client) }
        world.write("HEAD /first HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer abc\r\n\r\n", to: client)
        try world.turn(until: { world.requests.count == 1 })
        #expect(world.requests[0].head.bearer == Array("abc".utf8))
        world.server.respond(world.requests[0].client, world.ok("unseen"))
        #expect(world.read(client)?.hasSuffix("\r\n\r\n") == true)
        world.write("GET /second HTTP/1.1\r\nHost: x\r\n\r\n", to: client)
        try world.turn(until: { world.requests.count == 2 })
        #expect(world.requests[1].head.bearer == nil && world.requests[1].head.path == ["second"])
        world.server.respond(world.requests[1].client, world.ok("seen"))
        #expect(world.read(client)?.hasSuffix("\r\n\r\nseen") == true)
        #expect(world.server.count == 1)
    }

    @Test func `what comes in behind a body belongs to the next request`() throws {
        let client = try world.client()
        defer { close(client) }
        world.write(request + "GET /next HTTP/1.1\r\nHost: x\r\n\r\n", to: client)
        try world.turn(until: { world.requests.count == 1 })
        #expect(world.requests[0].body == Array("hello".utf8))
        world.server.respond(world.requests[0].client, world.ok("1"))
        try world.turn(until: { world.requests.count == 2 })
        #expect(world.requests.last?.head == RequestHead(method: "GET", path: ["next"]))
        #expect(world.requests.last?.body == [])
    }

    @Test func `a request in the midst of which another is refused is answered before the refusal`() throws {
        let client = try world.client()
        defer { close(client) }
        world.write("GET /fine HTTP/1.1\r\nHost: x\r\n\r\nGET /none\n\r\n\r\nGET /never HTTP/1.1\r\n", to: client)
        try world.turn(until: { world.requests.count == 1 })
        #expect(world.read(client) == "")
        world.server.respond(world.requests[0].client, world.ok("fine"))
        shutdown(client, Int32(SHUT_WR))
        let text = try world.readToEnd(client)
        let places = ["HTTP/1.1 200", "fine", "HTTP/1.1 400", "Connection: close"].compactMap {
            text.firstRange(of: $0)?.lowerBound
        }
        #expect(places.count == 4 && places == places.sorted(), "\(text)")
        #expect(world.requests.count == 1)
        try world.turn(until: { world.server.count == 0 })
        #expect(world.server.count == 0)
    }

    @Test func `who is refused gets to read it, however much it goes on to send`() throws {
        let client = try world.client()
        defer { close(client) }
        let filler = String(repeating: "a", count: 20_000)
        world.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999\r\n\r\n" + filler, to: client)
        var text = ""
        try world.turn(until: {
            text += world.read(client) ?? ""
            return text.contains("}")
        })
        for _ in 0..<4 {
            world.write(filler, to: client)
            try world.turn(most: 3)
        }
        #expect(text.hasPrefix("HTTP/1.1 413 ") && text.contains("Connection: close\r\n"))
        #expect(world.server.count == 1)
        shutdown(client, Int32(SHUT_WR))
        try world.turn(until: { world.server.count == 0 })
        #expect(world.server.count == 0 && world.requests.isEmpty)
    }

    @Test func `what is thrown away of a client that was refused has an end`() throws {
        let client = try world.client()
        defer { close(client) }
        world.write("nonsense\r\n\r\n", to: client)
        try world.turn(until: { world.read(client)?.isEmpty == false })
        let filler = [UInt8](repeating: 97, count: 16 << 10)
        var sent = 0
        try world.turn(
            until: {
                let count = send(client, filler, filler.count, Int32(MSG_NOSIGNAL))
                sent += max(0, count)
                return count < 0 && errno == EPIPE
            }, most: 200)
        #expect(world.server.count == 0)
        #expect(sent > 256 << 10 && sent < 1 << 20)
    }

    @Test func `while a request is answered nothing more is read, and the loop has nothing to do`() throws {
        let client = try world.client()
        defer { close(client) }
        world.write("GET /first HTTP/1.1\r\nHost: x\r\n\r\n", to: client)
        try world.turn(until: { world.requests.count == 1 })
        world.write("GET /second HTTP/1.1\r\nHost: x\r\n\r\n", to: client)
        #expect(try !world.loop.turn(timeout: 0))
        world.server.respond(world.requests[0].client, world.ok("1"))
        try world.turn(until: { world.requests.count == 2 })
        #expect(world.requests.last?.head.path == ["second"])
    }

    @Test func `an answer that comes twice is not the next client's, though that has the descriptor`() throws {
        let first = try world.client()
        world.write("GET /first HTTP/1.1\r\nHost: x\r\n\r\n", to: first)
        try world.turn(until: { world.requests.count == 1 })
        world.server.respond(world.requests[0].client, world.ok("1"))
        close(first)
        try world.turn(until: { world.server.count == 0 })
        let second = try world.client()
        defer { close(second) }
        world.write("GET /second HTTP/1.1\r\nHost: x\r\n\r\n", to: second)
        try world.turn(until: { world.requests.count == 2 })
        world.server.respond(world.requests[0].client, world.ok("wrong"))
        #expect(world.read(second) == "")
        world.server.respond(world.requests[1].client, world.ok("right"))
        #expect(world.read(second)?.hasSuffix("right") == true)
    }

    @Test func `who says that it sends no more still gets its answer`() throws {
        let client = try world.client()
        defer { close(client) }
        world.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n", to: client)
        shutdown(client, Int32(SHUT_WR))
        try world.turn(until: { world.requests.count == 1 })
        try world.turn(most: 3)
        world.server.respond(world.requests[0].client, world.ok("answer"))
        #expect(try world.readToEnd(client).hasSuffix("\r\n\r\nanswer"))
        #expect(world.server.count == 0)
    }

    @Test func `who goes in the midst of a request is let go of`() throws {
        for part in ["", "GET / HT", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe"] {
            let client = try world.client()
            if !part.isEmpty { world.write(part, to: client) }
            try world.turn(until: { world.server.count == 1 })
            try world.turn(most: 2)
            close(client)
            try world.turn(until: { world.server.count == 0 })
            #expect(world.server.count == 0, "\(part)")
        }
        #expect(world.requests.isEmpty)
    }

    @Test func `HTTP 1_0 ends with the answer unless it asks to go on`() throws {
        for (header, goesOn) in [("", false), ("Connection: keep-alive\r\n", true)] {
            let client = try world.client()
            defer { close(client) }
            let count = world.requests.count
            world.write("GET / HTTP/1.0\r\n\(header)\r\n", to: client)
            try world.turn(until: { world.requests.count > count })
            world.server.respond(world.requests[count].client, world.ok("x"))
            #expect(world.read(client)?.contains("Connection: close") == !goesOn)
            #expect((world.read(client) == nil) == !goesOn)
        }
    }

    @Test func `nobody knows who calls by way of TCP`() throws {
        let port = try world.listenOnLoopback()
        let client = try world.client(of: "127.0.0.1:\(port)")
        defer { close(client) }
        try world.turn(until: { world.server.count == 1 })
        world.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n", to: client)
        try world.turn(until: { world.requests.count == 1 })
        #expect(world.requests.first?.peer == .remote)
        world.server.respond(world.requests[0].client, world.ok("hello"))
        var text = ""
        try world.turn(until: {
            text += world.read(client) ?? ""
            return text.hasSuffix("hello")
        })
        #expect(text.hasSuffix("hello"))
    }

    @Test func `while every place waits for an answer of the server's, who comes is turned away`() throws {
        var clients: [Int32] = []
        for number in 1...Server.mostConnections {
            let client = try world.client()
            world.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n", to: client)
            try world.turn(until: { world.requests.count == number })
            clients.append(client)
        }
        let late = try world.client()
        #expect(try world.readToEnd(late) == "")
        #expect(world.server.count == Server.mostConnections)
        world.server.respond(world.requests[7].client, world.ok("seven"))
        #expect(world.read(clients[7])?.hasSuffix("seven") == true)
        for client in clients + [late] { close(client) }
    }

    @Test func `a server that is closed lets everybody go, and takes nobody`() throws {
        let client = try world.client()
        defer { close(client) }
        world.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n", to: client)
        try world.turn(until: { world.requests.count == 1 })
        world.server.close()
        #expect(world.server.count == 0 && world.read(client) == nil)
        world.server.respond(world.requests[0].client, world.ok("late"))
        #expect(access(world.path, F_OK) != 0)
    }
}
