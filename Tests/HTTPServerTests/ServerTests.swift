import Glibc
import Sockets
import Systemd
import Testing

@testable import HTTPServer

/// A server on a loop of its own, and clients that are plain sockets.
@Suite final class ServerTests {
    private let loop: EventLoop
    private let server: Server
    private let path: String
    private var requests: [ClientRequest] = []

    init() throws {
        loop = try EventLoop()
        server = try Server(loop: loop, poller: SocketPoller(loop: loop))
        path = "/tmp/httpcron-server-\(getpid())-\(UInt64.random(in: 0 ... .max)).sock"
        server.listen(on: try Listener(try #require(ListenAddress("unix:\(path)"))))
        server.received = { [unowned self] request in requests.append(request) }
    }

    private func client() throws -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(O_NONBLOCK), 0)
        let connected = try #require(ListenAddress("unix:\(path)")).withSocketAddress { connect(descriptor, $0, $1) }
        try #require(connected == 0)
        return descriptor
    }

    /// Turns the loop until `isDone`; at most so often that a test which hangs ends.
    private func turn(until isDone: () -> Bool = { false }, most: Int = 200) throws {
        for _ in 0..<most where !isDone() { try loop.turn(timeout: 2_000) }
    }

    private func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { #expect(send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) == $0.count) }
    }

    /// What has come; nil: the server has ended the connection, and nothing more comes.
    private func read(_ descriptor: Int32) -> String? {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count == 0 || (count < 0 && errno != EAGAIN) { return nil }
        return String(decoding: buffer[..<max(0, count)], as: UTF8.self)
    }

    private func ok(_ text: String) -> ServerResponse {
        ServerResponse(status: 200, contentType: "text/plain", body: Array(text.utf8))
    }

    @Test func `a request is handed out once, and its answer goes back`() throws {
        let client = try client()
        defer { close(client) }
        write("POST /a?b=c HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe", to: client)
        try turn(most: 5)
        #expect(requests.isEmpty)
        write("llo", to: client)
        try turn(until: { !requests.isEmpty })
        let request = try #require(requests.first)
        #expect(request.head.method == "POST" && request.body == Array("hello".utf8))
        #expect(request.peer == .local(user: getuid(), process: getpid()))
        server.respond(request.client, ok("fine"))
        let reply = try #require(read(client))
        #expect(reply.hasPrefix("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n"))
        #expect(reply.hasSuffix("\r\n\r\nfine") && !reply.contains("Connection: close"))
        // A second answer to it is nobody's.
        server.respond(request.client, ok("again"))
        #expect(read(client) == "")
    }

    @Test func `requests in a row are answered one after the other, whenever their answers come`() throws {
        let client = try client()
        defer { close(client) }
        write(String(repeating: "GET /x HTTP/1.1\r\nHost: x\r\n\r\n", count: 50), to: client)
        var replies = ""
        for number in 0..<50 {
            try turn(until: { requests.count > number })
            #expect(requests.count == number + 1)
            server.respond(requests[number].client, ok("<\(number)>"))
            replies += read(client) ?? ""
        }
        let order = (0..<50).map { "<\($0)>" }
        #expect(order.allSatisfy { replies.contains($0) })
        #expect(replies.components(of: "HTTP/1.1 200") == 50)
    }

    @Test func `HEAD gets no body, and Connection close ends with the answer`() throws {
        let client = try client()
        defer { close(client) }
        write("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", to: client)
        try turn(until: { !requests.isEmpty })
        server.respond(requests[0].client, ok("body"))
        let reply = try #require(read(client))
        #expect(reply.contains("Content-Length: 4\r\n") && reply.contains("Connection: close\r\n"))
        #expect(reply.hasSuffix("\r\n\r\n"))
        #expect(read(client) == nil)
    }

    @Test func `what is no request is refused, and the connection ends`() throws {
        let client = try client()
        defer { close(client) }
        write("nonsense\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", to: client)
        var reply = ""
        try turn(until: {
            reply += read(client) ?? ""
            return reply.contains("}")
        })
        #expect(reply.hasPrefix("HTTP/1.1 400 ") && reply.components(of: "HTTP/1.1") == 1)
        #expect(requests.isEmpty)
        shutdown(client, Int32(SHUT_WR))
        try turn(until: { server.count == 0 })
        #expect(server.count == 0)
    }

    @Test func `a client that goes away is let go of, and its answer is nobody's`() throws {
        let client = try client()
        write("GET / HTTP/1.1\r\nHost: x\r\n\r\n", to: client)
        try turn(until: { !requests.isEmpty })
        close(client)
        server.respond(requests[0].client, ok("late"))
        try turn(until: { server.count == 0 })
        #expect(server.count == 0)
        let other = try self.client()
        defer { close(other) }
        try turn(until: { server.count == 1 })
        server.respond(requests[0].client, ok("later still"))
        #expect(read(other) == "")
    }

    @Test func `when all places are taken, the one that has kept the server waiting for the longest goes`() throws {
        let first = try client()
        write("GET / HT", to: first)
        try turn(until: { server.count == 1 })
        let answering = try client()
        write("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n", to: answering)
        try turn(until: { !requests.isEmpty })
        var others: [Int32] = []
        for _ in 2..<Server.mostConnections { others.append(try client()) }
        try turn(until: { server.count == Server.mostConnections })
        #expect(server.count == Server.mostConnections)
        #expect(read(first) == "")
        let newest = try client()
        try turn(until: { read(first) == nil })
        #expect(read(first) == nil)
        #expect(server.count == Server.mostConnections)
        write("GET /new HTTP/1.1\r\nHost: x\r\n\r\n", to: newest)
        try turn(until: { requests.count == 2 })
        #expect(requests.last?.head.path == ["new"])
        // Who is being answered is not who kept it waiting.
        server.respond(requests[0].client, ok("slow"))
        #expect(read(answering)?.hasSuffix("slow") == true)
        for descriptor in others + [first, answering, newest] { close(descriptor) }
    }

    @Test func `an answer larger than the socket takes goes out piece by piece`() throws {
        let client = try client()
        defer { close(client) }
        write("GET / HTTP/1.1\r\nHost: x\r\n\r\n", to: client)
        try turn(until: { !requests.isEmpty })
        server.respond(requests[0].client, ok(String(repeating: "0123456789", count: 400_000)))
        var count = 0
        try turn(
            until: {
                count += read(client)?.utf8.count ?? 0
                return count > 4_000_000
            }, most: 2_000)
        #expect(count > 4_000_000)
    }

    @Test func `a socket file that is in use is not taken, and one that is not is replaced`() throws {
        let address = try #require(ListenAddress("unix:\(path)"))
        #expect(throws: ListenError.self) { try Listener(address) }
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o660)
        server.close()
        #expect(access(path, F_OK) != 0)
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
