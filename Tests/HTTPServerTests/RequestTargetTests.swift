import Testing

@testable import HTTPServer

@Suite struct RequestTargetTests {
    struct Row: CustomTestStringConvertible {
        let text: String
        let path: [String]
        let query: [RequestHead.Field]
        var testDescription: String { text }

        init(_ text: String, _ path: [String], _ query: [(String, String)] = []) {
            self.text = text
            self.path = path
            self.query = query.map { RequestHead.Field(name: $0.0, value: $0.1) }
        }
    }

    @Test(arguments: [
        Row("/", []),
        Row("/a", ["a"]),
        Row("/a/b", ["a", "b"]),
        Row("/a/", ["a", ""]),
        Row("//", ["", ""]),
        Row("//a", ["", "a"]),
        // Dots are segments like any other: nothing here is a file.
        Row("/./../%2e%2E", [".", "..", ".."]),
        // A slash that was escaped is part of its segment.
        Row("/a%2fb", ["a/b"]),
        Row("/%E2%82%AC%20", ["€ "]),
        Row("/a+b", ["a+b"]),
        Row("/%25%2541", ["%%41"]),
        Row("/;a=b,c:@!$&'()*", [";a=b,c:@!$&'()*"]),
        Row("/?", []),
        Row("/a?b", ["a"], [("b", "")]),
        Row("/a?b=", ["a"], [("b", "")]),
        Row("/a?=c", ["a"], [("", "c")]),
        Row("/a?b=c=d", ["a"], [("b", "c=d")]),
        Row("/a?b=c?d", ["a"], [("b", "c?d")]),
        Row("/a?b=c/d", ["a"], [("b", "c/d")]),
        Row("/a?&&b&", ["a"], [("b", "")]),
        Row("/a?b=1&b=2", ["a"], [("b", "1"), ("b", "2")]),
        Row("/a?b%3Dc=%26+%2B", ["a"], [("b=c", "& +")]),
    ])
    func `a target is taken apart before it is decoded`(row: Row) throws {
        let target = try RequestTarget(Array(row.text.utf8))
        #expect(target.path == row.path)
        #expect(target.query == row.query)
    }

    @Test(arguments: [
        "", "a", "*", "?a", "http://a/", "HTTP://a/b", "a:80", "\\a", "/a b", "/a\tb", "/a#b", "/?a#b", "/%", "/%4",
        "/%4g", "/%g4", "/% 41", "/%+1", "/%00", "/?a=%00", "/%80", "/%c0%af", "/%ed%a0%80", "/?a=%f5%80%80%80",
        "/a\u{7f}",
        "/é", "/?é", "/a\u{0}", "/?a=%", "/?%zz=1",
    ])
    func `what is no path, or decodes to no text, is refused`(text: String) {
        #expect(throws: RequestRefusal.badRequest) { try RequestTarget(Array(text.utf8)) }
    }

    @Test func `a query has 32 fields at the most`() throws {
        let fields = (1...32).map { "f\($0)=\($0)" }.joined(separator: "&")
        #expect(try RequestTarget(Array("/?\(fields)".utf8)).query.count == 32)
        #expect(throws: RequestRefusal.badRequest) { try RequestTarget(Array("/?\(fields)&x".utf8)) }
        #expect(RequestHead.formFields(Array(fields.utf8))?.count == 32)
        #expect(RequestHead.formFields(Array("\(fields)&x".utf8)) == nil)
    }
}
