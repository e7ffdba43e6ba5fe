import CronCore
import Glibc
import Sockets
import Testing

@testable import CurlTransport

/// Each row of the table of errors that a connection can end with, against a server that does it.
@Suite struct ConnectionErrorTests {
    private static let timeout = "%Mint.TransportError{reason: :timeout}"
    private static let closed = "%Mint.TransportError{reason: :closed}"

    private func expect(
        _ result: TransferResult, code: String, error: String, mayHaveLeft: Bool,
        _ location: SourceLocation = #_sourceLocation
    ) {
        let failure = result.response.failure
        #expect(failure?.code == code, sourceLocation: location)
        #expect(failure?.error == error, sourceLocation: location)
        #expect(failure?.requestMayHaveLeft == mayHaveLeft, sourceLocation: location)
        #expect(failure?.detail != "", sourceLocation: location)
        #expect(result.response.httpStatus == nil, sourceLocation: location)
        #expect(result.response.body == nil, sourceLocation: location)
    }

    @Test func `nobody listens`() throws {
        let server = try LoopbackServer(accepts: false)
        let url = server.url()
        server.stop()
        let result = try Caller().call(.to(url))
        expect(
            result, code: "connect_refused", error: "%Mint.TransportError{reason: :econnrefused}", mayHaveLeft: false)
        #expect(result.response.remoteAddress == "")
        #expect(result.response.httpVersion == "")
    }

    @Test func `no such Unix socket`() throws {
        let result = try Caller().call(
            .to("http://localhost/", connection: ConnectionSettings(unixSocket: "/nonexistent/socket")))
        expect(result, code: "connect_refused", error: "%Mint.TransportError{reason: :enoent}", mayHaveLeft: false)
    }

    struct BreakOff: Sendable {
        var sends: String
        var resets = false
    }

    @Test(arguments: [
        BreakOff(sends: ""),
        BreakOff(sends: "", resets: true),
        BreakOff(sends: "HTTP/1.1 200 OK\r\nContent-"),
        BreakOff(sends: "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"),
        BreakOff(sends: "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", resets: true),
        BreakOff(sends: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhalf"),
        BreakOff(sends: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n"),
        BreakOff(sends: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"),
        BreakOff(sends: "HTTP/1.1 20"),
        BreakOff(sends: "HTTP/1.1 200 OK\r\n"),
        BreakOff(sends: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"),
        BreakOff(sends: "HTTP/1.1 100 Continue\r\n\r\n"),
    ])
    func `the connection ends before the response is whole`(row: BreakOff) throws {
        let server = try LoopbackServer { peer, _ in
            peer.request()
            peer.send(row.sends)
            if row.resets { peer.reset() }
        }
        let result = try Caller().call(.to(server.url(), method: "POST", body: "x", reuse: false))
        expect(result, code: "connection_closed", error: Self.closed, mayHaveLeft: true)
    }

    struct Stall: Sendable {
        var sends: String
        var code: String
    }

    @Test(arguments: [
        Stall(sends: "", code: "timeout_first_byte"),
        Stall(sends: "HTTP/1.1 200", code: "timeout_body"),
        Stall(sends: "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n", code: "timeout_body"),
        Stall(sends: "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", code: "timeout_body"),
        Stall(sends: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal", code: "timeout_body"),
    ])
    func `the server stalls`(row: Stall) throws {
        let server = try LoopbackServer { peer, _ in
            peer.request()
            peer.send(row.sends)
            peer.stall()
        }
        let result = try Caller().call(.to(server.url(), timeout: .milliseconds(200)))
        expect(result, code: row.code, error: Self.timeout, mayHaveLeft: true)
        let total = try #require(result.response.timings.total)
        #expect(total >= .milliseconds(200))
        #expect(result.response.timings.connect != nil)
    }

    @Test func `a server that stops reading the body`() throws {
        let gate = Gate()
        let server = try LoopbackServer { _, _ in gate.wait() }
        defer { gate.open() }
        let body = String(repeating: "x", count: 50_000_000)
        let result = try Caller().call(
            .to(server.url(), method: "POST", body: body, timeout: .milliseconds(500), reuse: false))
        expect(result, code: "timeout_first_byte", error: Self.timeout, mayHaveLeft: true)
    }

    @Test func `a dripping body ends with Timeout=`() throws {
        let server = try LoopbackServer { peer, _ in
            peer.request()
            peer.send("HTTP/1.1 200 OK\r\n\r\n")
            while peer.send("x") { peer.listen(milliseconds: 20) }
        }
        let result = try Caller().call(.to(server.url(), timeout: .milliseconds(300)))
        expect(result, code: "timeout_body", error: Self.timeout, mayHaveLeft: true)
        #expect(result.response.byteCount > 0)
    }

    @Test func `a connection that is not accepted ends with ConnectTimeout=`() throws {
        // With the queue of a listener full, the kernel drops what else knocks.
        let server = try LoopbackServer(backlog: 0, accepts: false)
        let knocking = server.fillBacklog()
        defer { for descriptor in knocking { close(descriptor) } }
        let result = try Caller().call(.to(server.url(), connectTimeout: .milliseconds(200)))
        expect(result, code: "timeout_connect", error: Self.timeout, mayHaveLeft: false)
        server.stop()
    }

    @Test func `a name that is not answered for ends with ConnectTimeout=`() throws {
        let gate = Gate()
        let caller = try Caller(lookup: { _ in
            gate.wait()
            return .notFound
        })
        defer { gate.open() }
        let result = try caller.call(.to("http://stalled.test/", connectTimeout: .milliseconds(100)))
        expect(result, code: "timeout_dns", error: Self.timeout, mayHaveLeft: false)
        let total = try #require(result.response.timings.total)
        #expect(total >= .milliseconds(100))
    }

    @Test func `no such name`() throws {
        let result = try Caller(lookup: { _ in .notFound }).call(.to("http://nowhere.test/"))
        expect(result, code: "dns_not_found", error: "%Mint.TransportError{reason: :nxdomain}", mayHaveLeft: false)
    }

    @Test func `the system's resolver knows no such name`() throws {
        // RFC 6761: never a name.
        let result = try Caller().call(.to("http://nowhere.invalid/"))
        #expect(["dns_not_found", "dns_failed"].contains(result.response.failure?.code))
        #expect(result.response.failure?.error == "%Mint.TransportError{reason: :nxdomain}")
    }

    @Test func `the resolver fails`() throws {
        let result = try Caller(lookup: { _ in .failed("Temporary failure in name resolution") })
            .call(.to("http://somewhere.test/"))
        expect(result, code: "dns_failed", error: "%Mint.TransportError{reason: :nxdomain}", mayHaveLeft: false)
    }

    struct Broken: Sendable {
        var sends: String
        var reason: String
    }

    @Test(arguments: [
        Broken(sends: "SSH-2.0-OpenSSH_9.2\r\n", reason: ":invalid_status_line"),
        Broken(sends: "<html>hello</html>\r\n\r\n", reason: ":invalid_status_line"),
        Broken(sends: "HTTP/1.1 0 OK\r\n\r\n", reason: ":invalid_status_line"),
        Broken(sends: "HTTP/9.9 200 OK\r\n\r\n", reason: ":invalid_status_line"),
        Broken(sends: "HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n", reason: ":invalid_header"),
        Broken(sends: "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", reason: ":invalid_content_length_header"),
        Broken(
            sends: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nab",
            reason: ":conflicting_content_length_headers"),
        Broken(
            sends: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nab\r\n",
            reason: ":invalid_chunk_size"),
        Broken(
            sends: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff1\r\nab\r\n",
            reason: ":invalid_chunk_size"),
    ])
    func `what arrives is not HTTP`(row: Broken) throws {
        let server = try LoopbackServer { peer, _ in
            peer.request()
            peer.send(row.sends)
            peer.stall()
        }
        let result = try Caller().call(.to(server.url(), timeout: .seconds(20)))
        expect(
            result, code: "http_protocol",
            error: "%Mint.HTTPError{reason: \(row.reason), module: Mint.HTTP1}", mayHaveLeft: true)
    }

    struct Endless: Sendable {
        var begins: String
        var repeats: String
    }

    @Test(arguments: [
        Endless(begins: "HTTP/1.1 200 OK\r\nX: ", repeats: String(repeating: "x", count: 10_000)),
        Endless(begins: "HTTP/1.1 200 OK\r\n", repeats: "X: " + String(repeating: "x", count: 1_000) + "\r\n"),
        Endless(
            begins: "", repeats: "HTTP/1.1 103 Early Hints\r\nLink: " + String(repeating: "x", count: 999) + "\r\n\r\n"),
        Endless(
            begins: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n",
            repeats: "X: " + String(repeating: "x", count: 1_000) + "\r\n"),
    ])
    func `headers without end`(row: Endless) throws {
        let server = try LoopbackServer { peer, _ in
            peer.request()
            peer.send(row.begins)
            while peer.send(row.repeats) {}
        }
        let result = try Caller().call(.to(server.url()))
        expect(
            result, code: "http_protocol", error: "%Mint.HTTPError{reason: :headers_too_large, module: Mint.HTTP1}",
            mayHaveLeft: true)
    }

    struct Unsendable: Sendable {
        var request: HTTPRequest
        var reason: String
    }

    @Test(arguments: [
        Unsendable(request: .to("ftp://127.0.0.1/"), reason: ":invalid_url"),
        Unsendable(request: .to("file:///etc/passwd"), reason: ":invalid_url"),
        Unsendable(request: .to("nonsense"), reason: ":invalid_url"),
        Unsendable(request: .to("http://127.0.0.1/\r\nX: y"), reason: ":invalid_url"),
        Unsendable(request: .to("http://127.0.0.1:99999/"), reason: ":invalid_url"),
        Unsendable(request: .to("http://127.0.0.1/", method: "GET / HTTP/1.0\r\n"), reason: ":invalid_method"),
        Unsendable(
            request: .to("http://127.0.0.1/", headers: [HTTPHeader(name: "X", value: "a\r\nY: b")]),
            reason: ":invalid_header"),
        Unsendable(
            request: .to("http://127.0.0.1/", headers: [HTTPHeader(name: "X\0", value: "a")]),
            reason: ":invalid_header"),
        Unsendable(
            request: .to("http://127.0.0.1/", connection: ConnectionSettings(proxy: "http://[")),
            reason: ":invalid_proxy"),
        Unsendable(
            request: .to("https://127.0.0.1:1/", connection: ConnectionSettings(clientCertificate: "/nonexistent")),
            reason: ":econnrefused"),
    ])
    func `a request that cannot be sent`(row: Unsendable) throws {
        let result = try Caller().call(row.request)
        let isRefused = row.reason == ":econnrefused"
        expect(
            result, code: isRefused ? "connect_refused" : "request_invalid",
            error: "%\(isRefused ? "Mint.Transport" : "Httpcron.Request")Error{reason: \(row.reason)}",
            mayHaveLeft: false)
    }

    @Test func `an attempt is late before it begins`() throws {
        let caller = try Caller()
        caller.transport.start(
            .to("http://127.0.0.1:1/", timeout: .seconds(1)), key: AttemptKey(77),
            startedAt: BootClock.now + .seconds(-5))
        try caller.waitFor(AttemptKey(77))
        #expect(caller.results[AttemptKey(77)]?.response.failure?.error == Self.timeout)
        #expect(caller.results[AttemptKey(77)]?.response.failure?.requestMayHaveLeft == false)
    }
}
