import CronCore
import Testing

@testable import CurlTransport

@Suite struct RedirectTests {
    private static let secret = HTTPHeader(name: "X-Api-Key", value: "secret")

    /// Redirects every request but those to /end, by what the path says: /302/LOCATION.
    private func redirecting(to location: @escaping @Sendable () -> String = { "/end" }) throws -> LoopbackServer {
        try LoopbackServer { peer, _ in
            while let head = peer.request() {
                let path = head.split(separator: " ")[1]
                if path == "/end" {
                    peer.respond(body: "end")
                } else {
                    peer.respond("\(path.dropFirst()) Moved", headers: "Location: \(location())\r\n", body: "moved")
                }
            }
        }
    }

    @Test func `a redirect is not followed unless asked for`() throws {
        let server = try redirecting()
        let result = try Caller().call(.to(server.url("/302")))
        #expect(result.response.failure?.error == "HTTP 302")
        #expect(result.response.failure?.code == "http_status")
        #expect(result.response.body == Array("moved".utf8))
        #expect(result.location == "/end")
        #expect(server.requests.count == 1)
    }

    struct Followed: Sendable {
        var status: Int
        var method: String
        var becomes: String
        var keepsBody: Bool
    }

    @Test(arguments: [
        Followed(status: 301, method: "POST", becomes: "GET", keepsBody: false),
        Followed(status: 302, method: "POST", becomes: "GET", keepsBody: false),
        Followed(status: 303, method: "POST", becomes: "GET", keepsBody: false),
        Followed(status: 303, method: "PUT", becomes: "GET", keepsBody: false),
        Followed(status: 302, method: "PUT", becomes: "PUT", keepsBody: true),
        Followed(status: 307, method: "POST", becomes: "POST", keepsBody: true),
        Followed(status: 308, method: "PATCH", becomes: "PATCH", keepsBody: true),
    ])
    func `the method goes on as browsers do it`(row: Followed) throws {
        let server = try redirecting()
        let result = try Caller().call(
            .to(
                server.url("/\(row.status)"), method: row.method,
                headers: [HTTPHeader(name: "Content-Type", value: "text/plain"), Self.secret], body: "BODY",
                maxRedirects: 3, reuse: false))
        #expect(result.response.failure == nil)
        #expect(result.response.body == Array("end".utf8))
        let last = try #require(server.requests.last)
        #expect(last.hasPrefix("\(row.becomes) /end "))
        #expect(last.contains("BODY") == row.keepsBody)
        #expect(last.contains("Content-Type") == row.keepsBody)
        // The same origin: the job's headers go along.
        #expect(last.contains("X-Api-Key: secret"))
    }

    @Test func `another origin gets none of the job's headers`() throws {
        let other = try LoopbackServer { peer, _ in
            peer.request()
            peer.respond(body: "other")
        }
        let otherURL = other.url("/end")
        let server = try redirecting(to: { "http://user:pass@" + otherURL.dropFirst(7) })
        let result = try Caller().call(
            .to(
                server.url("/307"), method: "POST",
                headers: [
                    Self.secret, HTTPHeader(name: "Cookie", value: "secret"),
                    HTTPHeader(name: "authorization", value: "secret"),
                    HTTPHeader(name: "User-Agent", value: "httpcron/1"),
                    HTTPHeader(name: "X-Httpcron-Job", value: "job"),
                ], body: "BODY", maxRedirects: 1, reuse: false,
                connection: ConnectionSettings(user: "user", password: "secret")))
        #expect(result.response.body == Array("other".utf8))
        let first = try #require(server.requests.first)
        #expect(first.contains("Authorization: Basic") || first.contains("authorization: secret"))
        let last = try #require(other.requests.last)
        #expect(last.hasPrefix("POST /end "))
        #expect(!last.contains("secret"))
        #expect(!last.lowercased().contains("authorization"))
        #expect(last.contains("User-Agent: httpcron/1"))
        #expect(last.contains("X-Httpcron-Job: job"))
        #expect(last.contains("BODY"))
    }

    @Test func `more redirects than MaxRedirects= fail`() throws {
        let server = try redirecting(to: { "/302" })
        let result = try Caller().call(.to(server.url("/302"), maxRedirects: 3))
        #expect(
            result.response.failure?.error == "%Req.TooManyRedirectsError{max_redirects: 3}")
        #expect(result.response.failure?.code == "too_many_redirects")
        #expect(result.response.httpStatus == nil)
        #expect(server.requests.count == 4)
    }

    @Test(arguments: ["ftp://127.0.0.1/", "file:///etc/passwd", "http://[", "//"])
    func `a redirect to anything else is not followed`(location: String) throws {
        let server = try redirecting(to: { location })
        let result = try Caller().call(.to(server.url("/302"), maxRedirects: 3))
        #expect(result.response.failure?.error == "HTTP 302")
        #expect(result.response.failure?.detail != "")
        #expect(server.requests.count == 1)
    }

    @Test func `the second hop fails for itself but something has left`() throws {
        let gone = try LoopbackServer(accepts: false)
        let goneURL = gone.url()
        gone.stop()
        let server = try redirecting(to: { goneURL })
        let failure = try Caller().call(.to(server.url("/302"), maxRedirects: 3)).response.failure
        #expect(failure?.code == "connect_refused")
        #expect(failure?.requestMayHaveLeft == true)
    }

    @Test func `Timeout= holds for all hops together`() throws {
        let server = try LoopbackServer { peer, _ in
            while peer.request() != nil {
                peer.listen(milliseconds: 60)
                peer.respond("302 Moved", headers: "Location: /\r\n")
            }
        }
        let result = try Caller().call(.to(server.url(), timeout: .milliseconds(300), maxRedirects: 100))
        #expect(result.response.failure?.error == "%Mint.TransportError{reason: :timeout}")
        #expect(server.requests.count < 10)
    }

    @Test func `from https to http nothing is sent`() throws {
        let parser = try URLParser()
        let decision = Redirect(
            status: 302, location: "http://a.test/", request: .to("https://a.test/", maxRedirects: 3),
            from: Target(isTLS: true, host: "a.test", port: 443), done: 0, limit: 3, parser: parser)
        guard case .ends(let detail) = decision else {
            Issue.record("it is followed")
            return
        }
        #expect(detail.contains("from https:// to http://"))
    }
}
