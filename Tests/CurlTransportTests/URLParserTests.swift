import Testing

@testable import CurlTransport

@Suite struct URLParserTests {
    struct Row: Sendable {
        var url: String
        /// nil: none that can be called.
        var host: String?
        var port: UInt16 = 80
    }

    /// In one order and in the other: what is remembered of one URL must not become the answer for the next.
    @Test(arguments: [false, true])
    func `the origin is what libcurl will connect to`(reversed: Bool) throws {
        let rows = [
            Row(url: "http://a.test/1", host: "a.test"), Row(url: "http://a.test/2?http://b.test/", host: "a.test"),
            Row(url: "http://a.test", host: "a.test"), Row(url: "http://a.test?q", host: "a.test"),
            Row(url: "https://a.test/1", host: "a.test", port: 443),
            Row(url: "http://a.test:8080/1", host: "a.test", port: 8_080),
            Row(url: "http://A.test/1", host: "a.test"), Row(url: "http://u@b.test/1", host: "b.test"),
            Row(url: "http://a.test@b.test/1", host: "b.test"), Row(url: "http://[::1]:81/1", host: "::1", port: 81),
            Row(url: "http:///c.test/1", host: "c.test"), Row(url: "http:///d.test/1", host: "d.test"),
            Row(url: "http://a.test:99999/1"), Row(url: "http://a.test:/1", host: "a.test"),
            Row(url: "http://a.test/with space"), Row(url: "http://a.test/\u{7}"), Row(url: "ftp://a.test/1"),
            Row(url: "http://"), Row(url: ""),
        ]
        let parser = try URLParser()
        for row in reversed ? rows.reversed() : rows {
            let target = parser.target(of: row.url)
            #expect(target?.host == row.host, "\(row.url)")
            if row.host != nil { #expect(target?.port == row.port, "\(row.url)") }
        }
    }
}
