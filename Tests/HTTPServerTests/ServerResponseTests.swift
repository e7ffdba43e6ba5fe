import Foundation
import Testing

@testable import HTTPServer

@Suite struct ServerResponseTests {
    private func text(_ response: ServerResponse, keepsAlive: Bool = true, withBody: Bool = true) -> String {
        var bytes: [UInt8] = []
        response.write(to: &bytes, keepsAlive: keepsAlive, withBody: withBody)
        return String(decoding: bytes, as: UTF8.self)
    }

    private let response = ServerResponse(
        status: 202, contentType: "text/plain", body: Array("fine".utf8), headers: ["Allow: GET", "X-A: b"])

    @Test func `an answer is a status, its headers, and the body that they announce`() {
        let head = """
            HTTP/1.1 202 Accepted\r
            Content-Type: text/plain\r
            Content-Length: 4\r
            Cache-Control: no-store\r
            X-Content-Type-Options: nosniff\r
            Allow: GET\r
            X-A: b\r

            """
        #expect(text(response) == head + "\r\nfine")
        #expect(text(response, keepsAlive: false) == head + "Connection: close\r\n\r\nfine")
        #expect(text(response, withBody: false) == head + "\r\n")
        #expect(text(response, keepsAlive: false, withBody: false) == head + "Connection: close\r\n\r\n")
    }

    @Test func `what is there already stays before it`() {
        var bytes = Array("before".utf8)
        ServerResponse(status: 200).write(to: &bytes, keepsAlive: true)
        #expect(bytes.starts(with: "beforeHTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n".utf8))
        #expect(bytes.suffix(4).elementsEqual("\r\n\r\n".utf8))
    }

    @Test(arguments: RequestRefusal.allCases.map(\.rawValue) + [408])
    func `each refusal has a reason, and a document that a reader of JSON takes`(status: Int) throws {
        let refusal = ServerResponse.refusal(status)
        let lines = text(refusal, keepsAlive: false).split(separator: "\r\n")
        let first = try #require(lines.first)
        #expect(first.hasPrefix("HTTP/1.1 \(status) ") && !first.hasSuffix("Other"))
        let document = try JSONSerialization.jsonObject(with: Data(refusal.body)) as? [String: String]
        #expect(document?.keys.sorted() == ["error"])
        #expect((document?["error"] ?? "") == "Bad request" || status != 400)
        #expect(document?["error"] != "Bad request" || status == 400)
    }
}
