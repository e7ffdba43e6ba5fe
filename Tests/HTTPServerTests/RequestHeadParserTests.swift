import Testing

@testable import HTTPServer

@Suite struct RequestHeadParserTests {
    struct Good: CustomTestStringConvertible {
        let name: String
        let text: String
        let head: RequestHead
        var testDescription: String { name }
    }

    struct Refused: CustomTestStringConvertible {
        let name: String
        let text: String
        let refusal: RequestRefusal
        var testDescription: String { name }
    }

    private static let host = "Host: a\r\n"

    static let good = [
        Good(name: "the least", text: "GET / HTTP/1.1\r\n\(host)\r\n", head: RequestHead(method: "GET", path: [])),
        Good(
            name: "a query", text: "GET /a/b%20c?limit=5&x=%26+y&&z HTTP/1.1\r\n\(host)\r\n",
            head: RequestHead(
                method: "GET", path: ["a", "b c"],
                query: [.init(name: "limit", value: "5"), .init(name: "x", value: "& y"), .init(name: "z", value: "")])),
        Good(
            name: "what matters, in any case",
            text:
                "POST /x HTTP/1.1\r\nHOST: a\r\ncontent-LENGTH:  12 \r\nConnection: x, Close\r\n"
                + "Authorization: bearer  abc def \r\nContent-Type: Application/JSON; charset=utf-8\r\n\r\n",
            head: RequestHead(
                method: "POST", path: ["x"], contentLength: 12, keepsAlive: false, bearer: Array("abc def".utf8),
                contentType: "application/json")),
        Good(
            name: "a length with zeros, blanks and tabs",
            text: "POST / HTTP/1.1\r\n\(host)Content-Length:\t 007\t \r\n\r\n",
            head: RequestHead(method: "POST", path: [], contentLength: 7)),
        Good(
            name: "an empty Host, and what nobody knows",
            text: "M-SEARCH / HTTP/1.1\r\nHost:\r\nX-Y!#$%&'*+.^_`|~: \u{a0}é\t:\r\nEmpty:\r\n\r\n",
            head: RequestHead(method: "M-SEARCH", path: [])),
        Good(
            name: "an address as Host",
            text: "get / HTTP/1.1\r\nHost: [::1%25lo]:80\r\nConnection: close, keep-alive\r\n\r\n",
            head: RequestHead(method: "get", path: [], keepsAlive: false)),
        Good(
            name: "another scheme", text: "GET / HTTP/1.1\r\n\(host)Authorization: Basic abc\r\n\r\n",
            head: RequestHead(method: "GET", path: [])),
        Good(
            name: "HTTP/1.0", text: "GET /a/ HTTP/1.0\r\n\r\n",
            head: RequestHead(method: "GET", path: ["a", ""], keepsAlive: false)),
        Good(
            name: "HTTP/1.0 kept alive", text: "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
            head: RequestHead(method: "GET", path: [])),
        Good(
            name: "a body of 64 KiB", text: "POST / HTTP/1.1\r\n\(host)Content-Length: 65536\r\n\r\n",
            head: RequestHead(method: "POST", path: [], contentLength: 65_536)),
        Good(
            name: "64 headers",
            text:
                "GET / HTTP/1.1\r\n\(host)" + (1...63).map { "X-\($0): y\r\n" }.joined() + "\r\n",
            head: RequestHead(method: "GET", path: [])),
    ]

    static let refused = [
        Refused(name: "bare LF", text: "GET / HTTP/1.1\nHost: a\n\n", refusal: .badRequest),
        Refused(name: "a lone CR", text: "GET / HTTP/1.1\rHost: a\r\n\r\n", refusal: .badRequest),
        Refused(name: "an empty line first", text: "\r\nGET / HTTP/1.1\r\n\(host)\r\n", refusal: .badRequest),
        Refused(name: "no version", text: "GET /\r\n\r\n", refusal: .badRequest),
        Refused(name: "four words", text: "GET / x HTTP/1.1\r\n\(host)\r\n", refusal: .badRequest),
        Refused(name: "no method", text: " / HTTP/1.1\r\n\(host)\r\n", refusal: .badRequest),
        Refused(name: "a method that is none", text: "GE(T / HTTP/1.1\r\n\(host)\r\n", refusal: .badRequest),
        Refused(name: "http/1.1", text: "GET / http/1.1\r\n\(host)\r\n", refusal: .badRequest),
        Refused(name: "HTTP/1.2", text: "GET / HTTP/1.2\r\n\(host)\r\n", refusal: .versionNotSupported),
        Refused(name: "HTTP/2.0", text: "PRI * HTTP/2.0\r\n\r\n", refusal: .versionNotSupported),
        Refused(name: "HTTP/1.11", text: "GET / HTTP/1.11\r\n\(host)\r\n", refusal: .badRequest),
        Refused(name: "no Host", text: "GET / HTTP/1.1\r\n\r\n", refusal: .badRequest),
        Refused(name: "two Hosts", text: "GET / HTTP/1.1\r\n\(host)\(host)\r\n", refusal: .badRequest),
        Refused(name: "a Host that is none", text: "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", refusal: .badRequest),
        Refused(name: "a relative path", text: "GET a HTTP/1.1\r\n\(host)\r\n", refusal: .badRequest),
        Refused(name: "the form for proxies", text: "GET http://a/ HTTP/1.1\r\n\(host)\r\n", refusal: .badRequest),
        Refused(name: "a fragment", text: "GET /#a HTTP/1.1\r\n\(host)\r\n", refusal: .badRequest),
        Refused(name: "half an escape", text: "GET /%4 HTTP/1.1\r\n\(host)\r\n", refusal: .badRequest),
        Refused(name: "no escape", text: "GET /%zz HTTP/1.1\r\n\(host)\r\n", refusal: .badRequest),
        Refused(name: "%00", text: "GET /%00 HTTP/1.1\r\n\(host)\r\n", refusal: .badRequest),
        Refused(name: "no UTF-8", text: "GET /%ff HTTP/1.1\r\n\(host)\r\n", refusal: .badRequest),
        Refused(name: "a raw byte above 0x7e", text: "GET /é HTTP/1.1\r\n\(host)\r\n", refusal: .badRequest),
        Refused(name: "a blank before the colon", text: "GET / HTTP/1.1\r\n\(host)X : y\r\n\r\n", refusal: .badRequest),
        Refused(name: "a folded header", text: "GET / HTTP/1.1\r\n\(host)X: y\r\n z\r\n\r\n", refusal: .badRequest),
        Refused(name: "no colon", text: "GET / HTTP/1.1\r\n\(host)X\r\n\r\n", refusal: .badRequest),
        Refused(name: "no name", text: "GET / HTTP/1.1\r\n\(host): y\r\n\r\n", refusal: .badRequest),
        Refused(name: "NUL", text: "GET / HTTP/1.1\r\n\(host)X: \0\r\n\r\n", refusal: .badRequest),
        Refused(name: "DEL", text: "GET / HTTP/1.1\r\n\(host)X: \u{7f}\r\n\r\n", refusal: .badRequest),
        Refused(
            name: "two lengths", text: "POST / HTTP/1.1\r\n\(host)Content-Length: 1\r\nContent-Length: 1\r\n\r\n",
            refusal: .badRequest),
        Refused(name: "+1", text: "POST / HTTP/1.1\r\n\(host)Content-Length: +1\r\n\r\n", refusal: .badRequest),
        Refused(name: "no length", text: "POST / HTTP/1.1\r\n\(host)Content-Length:\r\n\r\n", refusal: .badRequest),
        Refused(
            name: "65,537", text: "POST / HTTP/1.1\r\n\(host)Content-Length: 65537\r\n\r\n", refusal: .contentTooLarge),
        Refused(
            name: "a length beyond all numbers",
            text: "POST / HTTP/1.1\r\n\(host)Content-Length: \(String(repeating: "9", count: 300))\r\n\r\n",
            refusal: .contentTooLarge),
        Refused(
            name: "chunks", text: "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n",
            refusal: .notImplemented),
        Refused(
            name: "a length and chunks",
            text: "POST / HTTP/1.1\r\n\(host)Content-Length: 1\r\ntransfer-encoding: x\r\n\r\n", refusal: .badRequest),
        Refused(
            name: "Expect", text: "POST / HTTP/1.1\r\n\(host)Expect: 100-continue\r\n\r\n", refusal: .expectationFailed),
        Refused(
            name: "two authorizations", text: "GET / HTTP/1.1\r\n\(host)Authorization: a\r\nAuthorization: b\r\n\r\n",
            refusal: .badRequest),
        Refused(
            name: "65 headers",
            text: "GET / HTTP/1.1\r\n\(host)" + (1...64).map { "X-\($0): y\r\n" }.joined() + "\r\n",
            refusal: .headTooLarge),
        Refused(
            name: "8 KiB without an end", text: "GET /" + String(repeating: "a", count: 8_192), refusal: .headTooLarge),
        Refused(
            name: "chunks, and a length behind them",
            text: "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
            refusal: .notImplemented),
        Refused(
            name: "identity", text: "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: identity\r\n\r\n",
            refusal: .notImplemented),
        Refused(
            name: "chunks behind a vertical tab",
            text: "POST / HTTP/1.1\r\n\(host)Transfer-Encoding:\u{b}chunked\r\n\r\n", refusal: .badRequest),
        Refused(
            name: "chunks behind a blank", text: "POST / HTTP/1.1\r\n\(host)Transfer-Encoding : chunked\r\n\r\n",
            refusal: .badRequest),
        Refused(
            name: "a list of lengths", text: "POST / HTTP/1.1\r\n\(host)Content-Length: 1, 1\r\n\r\n",
            refusal: .badRequest),
        Refused(
            name: "two lengths that differ in case and number",
            text: "POST / HTTP/1.1\r\n\(host)Content-Length: 0\r\ncontent-length: 44\r\n\r\n", refusal: .badRequest),
        Refused(name: "0x10", text: "POST / HTTP/1.1\r\n\(host)Content-Length: 0x10\r\n\r\n", refusal: .badRequest),
        Refused(name: "-1", text: "POST / HTTP/1.1\r\n\(host)Content-Length: -1\r\n\r\n", refusal: .badRequest),
        Refused(name: "1 0", text: "POST / HTTP/1.1\r\n\(host)Content-Length: 1 0\r\n\r\n", refusal: .badRequest),
        Refused(name: "٣", text: "POST / HTTP/1.1\r\n\(host)Content-Length: ٣\r\n\r\n", refusal: .badRequest),
        Refused(
            name: "a length that is folded", text: "POST / HTTP/1.1\r\n\(host)Content-Length:\r\n 44\r\n\r\n",
            refusal: .badRequest),
        Refused(
            name: "a header folded with a tab", text: "GET / HTTP/1.1\r\n\(host)X: y\r\n\tz\r\n\r\n",
            refusal: .badRequest),
        Refused(name: "a blank first header", text: "GET / HTTP/1.1\r\n Host: a\r\n\r\n", refusal: .badRequest),
        Refused(name: "LF in a header", text: "GET / HTTP/1.1\r\n\(host)X: y\nZ: a\r\n\r\n", refusal: .badRequest),
        Refused(name: "CR in a header", text: "GET / HTTP/1.1\r\n\(host)X: y\rZ: a\r\n\r\n", refusal: .badRequest),
        Refused(name: "CR CR LF", text: "GET / HTTP/1.1\r\r\n\(host)\r\n", refusal: .badRequest),
        Refused(name: "a name with é", text: "GET / HTTP/1.1\r\n\(host)é: y\r\n\r\n", refusal: .badRequest),
        Refused(name: "two blanks", text: "GET  / HTTP/1.1\r\n\(host)\r\n", refusal: .badRequest),
        Refused(name: "a tab between words", text: "GET\t/ HTTP/1.1\r\n\(host)\r\n", refusal: .badRequest),
        Refused(name: "a blank at the end", text: "GET / HTTP/1.1 \r\n\(host)\r\n", refusal: .badRequest),
        Refused(name: "HTTP/1.10", text: "GET / HTTP/1.10\r\n\(host)\r\n", refusal: .badRequest),
        Refused(name: "HTTP/1.x", text: "GET / HTTP/1.x\r\n\(host)\r\n", refusal: .badRequest),
        Refused(name: "HTTP/2.0", text: "PRI * HTTP/2.0\r\n\r\n", refusal: .versionNotSupported),
        Refused(name: "HTTP/0.9", text: "GET / HTTP/0.9\r\n\(host)\r\n", refusal: .versionNotSupported),
        Refused(name: "two hosts in one", text: "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", refusal: .badRequest),
        Refused(name: "a Host with a name", text: "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", refusal: .badRequest),
        Refused(name: "a tunnel", text: "CONNECT a:80 HTTP/1.1\r\n\(host)\r\n", refusal: .badRequest),
        Refused(name: "the form for servers", text: "OPTIONS * HTTP/1.1\r\n\(host)\r\n", refusal: .badRequest),
        Refused(
            name: "two content types",
            text: "POST / HTTP/1.1\r\n\(host)Content-Type: a/b\r\nContent-Type: a/b\r\n\r\n", refusal: .badRequest),
        Refused(
            name: "TLS", text: "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}", refusal: .badRequest),
    ]

    @Test(arguments: good) func `a good head is read, from its first byte to its last`(row: Good) {
        let bytes = Array(row.text.utf8)
        #expect(RequestHeadParser.parse(bytes) == .head(row.head, length: bytes.count))
        #expect(RequestHeadParser.parse(bytes + Array("GET".utf8)) == .head(row.head, length: bytes.count))
        for length in 0..<bytes.count {
            #expect(RequestHeadParser.parse(Array(bytes[..<length])) == .incomplete, "\(length)")
        }
    }

    @Test(arguments: refused) func `what two programs could read differently is refused`(row: Refused) {
        #expect(RequestHeadParser.parse(Array(row.text.utf8)) == .refused(row.refusal))
    }

    @Test func `a head is 8 KiB long at the most`() {
        let frame = "GET / HTTP/1.1\r\n\(Self.host)X: \r\n\r\n".utf8.count
        for (length, fits) in [(8_192, true), (8_193, false)] {
            let filler = String(repeating: "a", count: length - frame)
            let bytes = Array("GET / HTTP/1.1\r\n\(Self.host)X: \(filler)\r\n\r\n".utf8)
            #expect(bytes.count == length)
            let expected: RequestHeadParser.Outcome =
                fits ? .head(RequestHead(method: "GET", path: []), length: length) : .refused(.headTooLarge)
            #expect(RequestHeadParser.parse(bytes) == expected)
        }
    }

    @Test func `whatever comes, a head grows into one outcome and stays there`() {
        var random = SystemRandomNumberGenerator()
        let alphabet = Array("GET /a?b=%41 HTTP/1.1\r\n\r\nHost: x\r\nContent-Length: 5\r\n:\0\t\u{7f}".utf8)
        for _ in 0..<3_000 {
            let start = Bool.random() ? Array("GET / HTTP/1.1\r\nHost: a\r\n".utf8) : []
            let bytes = start + (0..<Int.random(in: 0...80)).map { _ in alphabet.randomElement(using: &random) ?? 0 }
            var settled: RequestHeadParser.Outcome?
            for length in 0...bytes.count {
                let outcome = RequestHeadParser.parse(Array(bytes[..<length]))
                if let settled {
                    #expect(outcome == settled, "\(bytes)")
                } else if outcome != .incomplete {
                    settled = outcome
                }
            }
        }
    }

    @Test func `random bytes are refused or incomplete, or a head, and none of them is too much`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<5_000 {
            let isHead = Bool.random(using: &random)
            var bytes = isHead ? Array((Self.good.randomElement(using: &random) ?? Self.good[0]).text.utf8) : []
            if isHead {
                for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
                }
            } else {
                bytes = (0..<Int.random(in: 0...9_000, using: &random)).map { _ in .random(in: 0...255, using: &random)
                }
            }
            guard case .head(let head, let length) = RequestHeadParser.parse(bytes) else { continue }
            #expect(length <= bytes.count && bytes[..<length].suffix(4).elementsEqual("\r\n\r\n".utf8))
            #expect(!head.method.isEmpty && 0...RequestHeadParser.mostBodyBytes ~= head.contentLength)
        }
    }

    @Test func `a form is read as a query is`() {
        #expect(RequestHead.formFields(Array("until=2026&reason=a+b%21".utf8))?.map(\.value) == ["2026", "a b!"])
        #expect(RequestHead.formFields(Array("a=%".utf8)) == nil)
        #expect(RequestHead.formFields([])?.isEmpty == true)
    }
}

@Suite struct ListenAddressTests {
    @Test func `an address is a path or a numeric host with a port, and reads back as it was`() {
        for text in ["unix:/run/a.sock", "unix:a", "127.0.0.1:9642", "0.0.0.0:0", "[::1]:65535"] {
            #expect(ListenAddress(text)?.text == text)
        }
        for text in [
            "", "unix:", "unix:" + String(repeating: "a", count: 108), "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
            "localhost:80", ":80", "::1:80", "[::1]", "[127.0.0.1]:80", "127.0.0.1:-1", "127.0.0.1:80x",
        ] {
            #expect(ListenAddress(text) == nil, "\(text)")
        }
    }
}
