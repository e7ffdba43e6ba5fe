import CronCore
import Sockets
import Testing

@testable import CurlTransport

/// What goes over the wire, and how often.
@Suite struct RequestTests {
    private func echoing() throws -> LoopbackServer {
        try LoopbackServer { peer, _ in
            while peer.request() != nil { peer.respond() }
        }
    }

    private func sent(_ request: (LoopbackServer) -> HTTPRequest) throws -> String {
        let server = try echoing()
        let result = try Caller().call(request(server))
        try #require(result.response.failure == nil)
        return try #require(server.requests.first)
    }

    @Test func `headers are sent as given and none is added`() throws {
        let text = try sent { server in
            var request = HTTPRequest.to(
                server.url(),
                headers: [
                    HTTPHeader(name: "User-Agent", value: "httpcron/1"), HTTPHeader(name: "X-Empty", value: ""),
                    HTTPHeader(name: "X-Ümlaut".replacing("Ü", with: "U"), value: "Grüße"),
                    HTTPHeader(name: "Expect", value: "100-continue"), HTTPHeader(name: "Content-Length", value: "9"),
                ])
            request.removedHeaders = ["Accept"]
            return request
        }
        let lines = text.split(separator: "\r\n").map(String.init)
        #expect(lines[0] == "GET / HTTP/1.1")
        #expect(lines[1].hasPrefix("Host: 127.0.0.1:"))
        #expect(Array(lines[2...]) == ["User-Agent: httpcron/1", "X-Empty:", "X-Umlaut: Grüße"])
    }

    struct Form: Sendable {
        var method: String
        var body: String?
        var has: [String]
        var lacks: [String]
    }

    @Test(arguments: [
        Form(method: "GET", body: nil, has: ["GET / "], lacks: ["Content-", "Expect", "Accept-Encoding"]),
        Form(method: "HEAD", body: nil, has: ["HEAD / "], lacks: ["Content-"]),
        Form(method: "DELETE", body: nil, has: ["DELETE / "], lacks: ["Content-"]),
        Form(method: "POST", body: nil, has: ["POST / ", "Content-Length: 0\r\n"], lacks: ["Content-Type", "Expect"]),
        Form(method: "PUT", body: nil, has: ["PUT / ", "Content-Length: 0\r\n"], lacks: ["Content-Type"]),
        Form(method: "POST", body: "", has: ["POST / ", "Content-Length: 0\r\n"], lacks: ["Content-Type"]),
        Form(method: "POST", body: "a\0b", has: ["Content-Length: 3\r\n", "\r\n\r\na\0b"], lacks: ["Content-Type"]),
        Form(method: "GET", body: "q", has: ["GET / ", "Content-Length: 1\r\n", "\r\n\r\nq"], lacks: ["Content-Type"]),
        Form(method: "REPORT", body: "q", has: ["REPORT / ", "\r\n\r\nq"], lacks: ["Content-Type"]),
    ])
    func `each method has its form`(row: Form) throws {
        let text = try sent { .to($0.url(), method: row.method, body: row.body) }
        for piece in row.has { #expect(text.contains(piece)) }
        for piece in row.lacks { #expect(!text.contains(piece)) }
    }

    @Test func `a body of a megabyte is sent without a question`() throws {
        let body = String(repeating: "x", count: 1 << 20)
        let text = try sent { .to($0.url(), method: "POST", body: body, reuse: false) }
        #expect(!text.contains("Expect"))
        #expect(text.hasSuffix("\r\n\r\n" + body))
    }

    @Test func `user and password are Basic authentication`() throws {
        let text = try sent {
            .to($0.url(), connection: ConnectionSettings(user: "Aladdin", password: "open sesame"))
        }
        // RFC 7617, section 2.
        #expect(text.contains("Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"))
    }

    @Test func `nothing of one request is in the next on the same handle`() throws {
        let server = try echoing()
        let caller = try Caller()
        _ = try caller.call(
            .to(
                server.url(), method: "POST", headers: [HTTPHeader(name: "X-Secret", value: "1")], body: "BODY",
                connection: ConnectionSettings(user: "u", password: "p")))
        _ = try caller.call(.to(server.url()))
        let last = try #require(server.requests.last)
        #expect(last.hasPrefix("GET / HTTP/1.1"))
        for secret in ["X-Secret", "BODY", "Authorization", "Content-"] { #expect(!last.contains(secret)) }
    }

    /// What a request's shape holds is left in the handle for the next; here each differs from the one before in it.
    @Test func `requests of several shapes take turns on one handle`() throws {
        let server = try echoing()
        let caller = try Caller(lookup: { _ in .addresses(["127.0.0.1"]) })
        let plain = HTTPRequest.to(server.url())
        let signed = HTTPRequest.to(
            server.url(), headers: [HTTPHeader(name: "X-Secret", value: "1")],
            connection: ConnectionSettings(user: "u", password: "p"))
        let named = HTTPRequest.to("http://target.test:\(server.port)/named")
        let posted = HTTPRequest.to(server.url(), method: "POST", body: "BODY", reuse: false)
        let single = HTTPRequest.to(server.url(), reuse: false)
        let asked = [plain, plain, single, plain, signed, plain, posted, plain, named, plain, named]
        for request in asked { #expect(try caller.call(request).response.failure == nil) }
        for (request, text) in zip(asked, server.requests) {
            #expect(text.hasPrefix("\(request.method) "))
            #expect(text.contains("Authorization: ") == (request.connection.user != nil))
            #expect(text.contains("X-Secret: ") == !request.headers.isEmpty)
            #expect(text.contains("BODY") == (request.body != nil))
            #expect(text.contains("Host: target.test") == request.url.hasSuffix("/named"))
        }
        // One for each that may not be used again, one for each origin.
        #expect(server.connectionCount == 4)
    }

    @Test func `a GET uses its connection again and a POST never does`() throws {
        let server = try echoing()
        let caller = try Caller()
        for _ in 0..<3 { #expect(try caller.call(.to(server.url())).response.failure == nil) }
        #expect(server.connectionCount == 1)
        #expect(try caller.call(.to(server.url())).response.timings.connect == nil)
        for _ in 0..<3 { _ = try caller.call(.to(server.url(), method: "POST", body: "x", reuse: false)) }
        #expect(server.connectionCount == 4)
    }

    @Test func `a POST on a connection that dies is seen exactly once`() throws {
        // Every connection serves one request well and dies under the second; libcurl would then send it again.
        let server = try LoopbackServer { peer, _ in
            peer.request()
            peer.respond()
            peer.request()
            peer.reset()
        }
        let caller = try Caller()
        #expect(try caller.call(.to(server.url())).response.failure == nil)
        _ = try caller.call(.to(server.url("/post"), method: "POST", body: "x", reuse: false))
        // And one whose very own connection dies.
        let deaf = try LoopbackServer { peer, _ in
            peer.request()
            peer.reset()
        }
        let failure = try caller.call(.to(deaf.url("/post"), method: "POST", body: "x", reuse: false)).response.failure
        #expect(failure?.code == "connection_closed")
        #expect(failure?.requestMayHaveLeft == true)
        #expect(server.requests.filter { $0.hasPrefix("POST") }.count == 1)
        #expect(deaf.requests.count == 1)
        // The same with reuse allowed shows that the server above does provoke it.
        let control = try caller.call(.to(server.url("/control")))
        #expect(control.response.failure == nil)
        #expect(server.requests.filter { $0.hasPrefix("GET /control") }.count == 2)
    }

    @Test func `cancelling closes the connection and says nothing`() throws {
        let closed = Gate()
        let server = try LoopbackServer { peer, _ in
            peer.request()
            peer.stall()
            closed.open()
        }
        let caller = try Caller()
        let key = caller.start(.to(server.url()))
        try caller.turn { server.requests.count == 1 }
        #expect(caller.transport.inFlight == 1)
        caller.transport.cancel(key)
        #expect(caller.transport.inFlight == 0)
        closed.wait()
        #expect(caller.results.isEmpty)
        // Twice, or never started: nothing happens.
        caller.transport.cancel(key)
        caller.transport.cancel(AttemptKey(12_345))
        _ = try caller.call(.to("nonsense"))
        #expect(caller.results[key] == nil)
    }

    @Test func `a herd is served whole`() throws {
        let server = try echoing()
        let caller = try Caller()
        let keys = (0..<500).map { _ in caller.start(.to(server.url(), timeout: .seconds(40))) }
        try caller.turn { caller.results.count == keys.count }
        #expect(caller.results.values.allSatisfy { $0.response.failure == nil })
        #expect(caller.transport.inFlight == 0)
    }

    @Test func `whoever is told may start and cancel`() throws {
        let server = try echoing()
        let caller = try Caller()
        var ended: [AttemptKey] = []
        caller.transport.finished = { key, _ in
            ended.append(key)
            // The other one ended in the same turn, or is still under way: either way it is not told of any more.
            caller.transport.cancel(key == AttemptKey(1) ? AttemptKey(2) : AttemptKey(1))
            if ended.count == 1 {
                caller.transport.start(.to(server.url()), key: AttemptKey(3), startedAt: BootClock.now)
            }
        }
        caller.transport.start(.to("nonsense"), key: AttemptKey(1), startedAt: BootClock.now)
        caller.transport.start(.to("nonsense"), key: AttemptKey(2), startedAt: BootClock.now)
        try caller.turn { ended.contains(AttemptKey(3)) }
        #expect(ended == [AttemptKey(1), AttemptKey(3)])
    }

    @Test func `the transport may be dropped with requests under way`() throws {
        let server = try LoopbackServer { peer, _ in
            peer.request()
            peer.stall()
        }
        let caller = try Caller()
        for _ in 0..<10 { caller.start(.to(server.url())) }
        try caller.turn { server.requests.count == 10 }
    }

    @Test func `a proxy gets the request and NoProxy= goes past it`() throws {
        let proxy = try echoing()
        let server = try echoing()
        let settings = ConnectionSettings(proxy: "http://127.0.0.1:\(proxy.port)", noProxy: "127.0.0.1")
        let caller = try Caller(lookup: { _ in .notFound })
        // Not looked up: the proxy does that.
        #expect(try caller.call(.to("http://target.test/", connection: settings)).response.failure == nil)
        #expect(proxy.requests.first?.hasPrefix("GET http://target.test/ HTTP/1.1") == true)
        #expect(try caller.call(.to(server.url("/direct"), connection: settings)).response.failure == nil)
        #expect(server.requests.count == 1)
        #expect(proxy.requests.count == 1)
    }

    @Test func `a proxy that refuses the tunnel`() throws {
        let proxy = try LoopbackServer { peer, _ in
            peer.request()
            peer.respond("407 Who Are You", headers: "Location: /x\r\n")
        }
        let result = try Caller().call(
            .to("https://target.test/", connection: ConnectionSettings(proxy: "127.0.0.1:\(proxy.port)")))
        #expect(result.response.failure?.code == "connect_refused")
        #expect(
            result.response.failure?.error
                == "%Mint.HTTPError{reason: {:proxy, {:unexpected_status, 407}}, module: Mint.TunnelProxy}")
        #expect(result.response.failure?.requestMayHaveLeft == false)
        #expect(result.response.httpStatus == nil)
    }
}
