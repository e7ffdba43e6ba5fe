import CronCore
import Testing

@testable import CurlTransport

@Suite struct ResponseTests {
    @Test func `a whole response is recorded with everything known of it`() throws {
        let server = try LoopbackServer { peer, _ in
            peer.request()
            peer.respond(headers: "Retry-After: 7\r\nlocation:  /elsewhere \r\n", body: "hello")
        }
        let result = try Caller().call(.to(server.url("/path?a=b")))
        #expect(result.response.failure == nil)
        #expect(result.response.httpStatus == 200)
        #expect(result.response.body == Array("hello".utf8))
        #expect(!result.response.bodyTruncated)
        #expect(result.response.byteCount == 5)
        #expect(result.response.remoteAddress == "127.0.0.1")
        #expect(result.response.httpVersion == "1.1")
        #expect(result.retryAfter == "7")
        #expect(result.location == "/elsewhere")
        let timings = result.response.timings
        #expect(timings.dns == nil)
        #expect(timings.connect != nil)
        #expect(timings.tls == nil)
        let firstByte = try #require(timings.firstByte)
        let total = try #require(timings.total)
        #expect(firstByte <= total)
        #expect(server.requests.first?.hasPrefix("GET /path?a=b HTTP/1.1\r\n") == true)
    }

    @Test func `a status outside SuccessStatus is a failure with its body`() throws {
        let server = try LoopbackServer { peer, _ in
            peer.request()
            peer.respond("500 Oh", body: "why")
        }
        let response = try Caller().call(.to(server.url())).response
        #expect(
            response.failure
                == Failure(code: "http_status", error: "HTTP 500", detail: "", requestMayHaveLeft: true))
        #expect(response.httpStatus == 500)
        #expect(response.body == Array("why".utf8))
    }

    @Test(arguments: ["304 Not Modified", "404 Not Found", "999 What"])
    func `what is not a success is none`(status: String) throws {
        let server = try LoopbackServer { peer, _ in
            peer.request()
            peer.send("HTTP/1.1 \(status)\r\nContent-Length: 0\r\n\r\n")
        }
        let response = try Caller().call(.to(server.url())).response
        #expect(response.failure?.code == "http_status")
        #expect(response.failure?.error == "HTTP \(status.prefix(3))")
    }

    struct Bodyless: Sendable {
        var method: String
        var head: String
    }

    @Test(arguments: [
        Bodyless(method: "GET", head: "204 No Content\r\n"),
        Bodyless(method: "HEAD", head: "200 OK\r\nContent-Length: 1000000\r\n"),
    ])
    func `a response without a body does not wait for one`(row: Bodyless) throws {
        let server = try LoopbackServer { peer, _ in
            peer.request()
            peer.send("HTTP/1.1 \(row.head)\r\n")
            peer.stall()
        }
        let response = try Caller().call(.to(server.url(), method: row.method)).response
        #expect(response.failure == nil)
        #expect(response.body == [])
        #expect(response.byteCount == 0)
    }

    @Test func `interim responses leave nothing behind`() throws {
        let server = try LoopbackServer { peer, _ in
            peer.request()
            peer.send("HTTP/1.1 103 Early Hints\r\nLocation: /interim\r\nRetry-After: 1\r\nContent-Length: 9\r\n\r\n")
            peer.send("HTTP/1.1 102 Processing\r\n\r\n")
            peer.respond("201 Created", headers: "Retry-After: 2\r\n", body: "x")
        }
        let result = try Caller().call(.to(server.url()))
        #expect(result.response.httpStatus == 201)
        #expect(result.response.failure == nil)
        #expect(result.location == nil)
        #expect(result.retryAfter == "2")
    }

    @Test func `trailers change nothing`() throws {
        let server = try LoopbackServer { peer, _ in
            peer.request()
            peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n")
            peer.send("Location: /evil\r\nRetry-After: 9999\r\nContent-Length: 7\r\n\r\n")
        }
        let result = try Caller().call(.to(server.url()))
        #expect(result.response.failure == nil)
        #expect(result.response.body == Array("ok".utf8))
        #expect(result.location == nil)
        #expect(result.retryAfter == nil)
    }

    @Test func `a long body is cut at a UTF-8 boundary and counted whole`() throws {
        // Three bytes a character, so that byte 2,048 is the second of one.
        let body = String(repeating: "€", count: 1_000)
        let server = try LoopbackServer { peer, _ in
            peer.request()
            peer.respond(body: body)
        }
        let response = try Caller().call(.to(server.url())).response
        #expect(response.failure == nil)
        #expect(response.bodyTruncated)
        #expect(response.byteCount == 3_000)
        #expect(response.body == Array(String(repeating: "€", count: 682).utf8))
    }

    @Test func `bytes that are no text arrive as they are`() throws {
        let bytes: [UInt8] = [0, 0xff, 0xfe, 0x1b, 0x5b, 0x32, 0x4a, 0]
        let server = try LoopbackServer { peer, _ in
            peer.request()
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n")
            peer.send(bytes)
        }
        #expect(try Caller().call(.to(server.url())).response.body == bytes)
    }

    @Test func `an endless body is read up to the limit and the status decides`() throws {
        let server = try LoopbackServer { peer, _ in
            peer.request()
            peer.send("HTTP/1.1 200 OK\r\n\r\n")
            let block = Array(repeating: UInt8(ascii: "x"), count: 65_536)
            while peer.send(block) {}
        }
        let response = try Caller(limits: TransportLimits(maxResponseBytes: 100_000)).call(.to(server.url())).response
        #expect(response.failure == nil)
        #expect(response.httpStatus == 200)
        #expect(response.bodyTruncated)
        #expect(response.byteCount > 100_000 && response.byteCount < 300_000)
        #expect(response.body?.count == 2_048)
    }

    @Test func `a body of exactly the limit is whole`() throws {
        let server = try LoopbackServer { peer, _ in
            peer.request()
            peer.respond(body: String(repeating: "x", count: 1_000))
        }
        let response = try Caller(limits: TransportLimits(maxResponseBytes: 1_000)).call(.to(server.url())).response
        #expect(response.failure == nil)
        #expect(!response.bodyTruncated)
        #expect(response.byteCount == 1_000)
    }

    @Test func `an early answer to a large body counts`() throws {
        let server = try LoopbackServer { peer, _ in
            peer.send("HTTP/1.1 413 Too Much\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")
            peer.stall()
        }
        let body = String(repeating: "x", count: 20_000_000)
        let response = try Caller().call(.to(server.url(), method: "POST", body: body, reuse: false)).response
        #expect(response.failure?.error == "HTTP 413")
        #expect(response.body == Array("no".utf8))
    }
}
