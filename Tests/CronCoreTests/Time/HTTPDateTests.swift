import CronCore
import Testing

/// RFC 9110, section 5.6.7.
@Suite struct HTTPDateTests {
    struct Row: CustomTestStringConvertible {
        let text: String
        let moment: String?
        var testDescription: String { text }
    }

    static let rows = [
        Row(text: "Sun, 06 Nov 1994 08:49:37 GMT", moment: "1994-11-06T08:49:37Z"),
        Row(text: "Sunday, 06-Nov-94 08:49:37 GMT", moment: "1994-11-06T08:49:37Z"),
        Row(text: "Sun Nov  6 08:49:37 1994", moment: "1994-11-06T08:49:37Z"),
        Row(text: "Wed Nov 16 08:49:37 1994", moment: "1994-11-16T08:49:37Z"),
        // Two digits: not more than 50 years ahead of 2025.
        Row(text: "Tuesday, 01-Jan-75 00:00:00 GMT", moment: "2075-01-01T00:00:00Z"),
        Row(text: "Thursday, 01-Jan-76 00:00:00 GMT", moment: "1976-01-01T00:00:00Z"),
        // A leap second.
        Row(text: "Sat, 31 Dec 2016 23:59:60 GMT", moment: "2017-01-01T00:00:00Z"),
        Row(text: "Thu, 29 Feb 2024 00:00:00 GMT", moment: "2024-02-29T00:00:00Z"),
        Row(text: "Sat, 29 Feb 2025 00:00:00 GMT", moment: nil),
        Row(text: "Sun, 06 Nov 1994 24:00:00 GMT", moment: nil),
        Row(text: "Sun, 06 Nov 1994 08:60:00 GMT", moment: nil),
        Row(text: "Sun, 6 Nov 1994 08:49:37 GMT", moment: nil),
        Row(text: "Sun, 06 Nov 1994 08:49:37 UTC", moment: nil),
        Row(text: "Sun, 06 Nov 1994 08:49:37 +0100", moment: nil),
        Row(text: "Sun, 06 nov 1994 08:49:37 GMT", moment: nil),
        Row(text: "Son, 06 Nov 1994 08:49:37 GMT", moment: nil),
        Row(text: "Sun, 06 Nov 99999999999999999999 08:49:37 GMT", moment: nil),
        Row(text: "Sun, 06 Nov 0000 08:49:37 GMT", moment: nil),
        Row(text: "Sunday, 06-Nov-1994 08:49:37 GMT", moment: nil),
        Row(text: "Sunday, 06--94 08:49:37 GMT", moment: nil),
        Row(text: "120", moment: nil),
        Row(text: "", moment: nil),
        Row(text: "Sun,  06 Nov 1994 8:49:37 GMT", moment: nil),
    ]

    @Test(arguments: rows)
    func `the three forms and nothing else`(row: Row) throws {
        let now = try Timestamp(iso8601: "2025-06-01T00:00:00Z")
        #expect(HTTPDate.parse(row.text, now: now)?.iso8601 == row.moment)
    }

    @Test func `a damaged date never traps`() throws {
        var random = RandomSource(seed: 3)
        let forms = Self.rows.prefix(3).map { Array($0.text.utf8) }
        for _ in 0..<20_000 {
            var bytes = forms[Int.random(in: 0..<3, using: &random)]
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...127, using: &random)
            }
            let now = Timestamp(microseconds: Int64.random(in: .min ... .max, using: &random))
            _ = HTTPDate.parse(String(decoding: bytes, as: UTF8.self), now: now)
        }
    }
}
