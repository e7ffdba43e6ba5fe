import CronCore
import Foundation
import Testing

@Suite struct JSONTests {
    private func written(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        JSONWriter.string(bytes, to: &output)
        return output
    }

    private func decoded(_ json: [UInt8]) throws -> String {
        try #require(
            JSONSerialization.jsonObject(with: Data(json), options: [.fragmentsAllowed]) as? String)
    }

    @Test func `any bytes are a string that Foundation reads as Swift does`() throws {
        var random = RandomSource(seed: 3)
        let edges: [UInt8] = [
            0, 0x1f, 0x20, 0x22, 0x5c, 0x7f, 0x80, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0,
            0xf4, 0xf5, 0xff,
        ]
        for round in 0..<2_000 {
            let bytes = (0..<Int.random(in: 0..<40, using: &random)).map { _ in
                round % 2 == 0 ? edges.randomElement(using: &random) ?? 0 : UInt8.random(in: 0...255, using: &random)
            }
            let json = written(bytes)
            // Compared by scalars: equality of strings would call different normal forms equal.
            #expect(
                Array(try decoded(json).unicodeScalars) == Array(String(decoding: bytes, as: UTF8.self).unicodeScalars),
                "\(bytes)")
            #expect(JSONValidator.isValid(json))
        }
    }

    @Test func `nothing that a terminal obeys is written as it is`() {
        let all = (0...0x10ffff as ClosedRange<UInt32>).prefix(0x300).compactMap { Unicode.Scalar($0) }
        let text = String(String.UnicodeScalarView(all))
        let json = String(decoding: written(Array(text.utf8)), as: UTF8.self)
        #expect(!json.unicodeScalars.contains { $0.value < 0x20 || (0x7f..<0xa0).contains($0.value) })
    }

    @Test func `escapes are the short ones where there are any`() {
        #expect(
            String(decoding: written(Array("a\"\\/\u{8}\t\n\u{c}\r\u{1b}\u{7f}\u{9b}".utf8)), as: UTF8.self)
                == #""a\"\\/\b\t\n\f\r\u001b\u007f\u009b""#)
    }

    @Test func `long runs and what lies around word boundaries are kept`() throws {
        for length in 0..<40 {
            for place in 0..<length {
                var bytes = [UInt8](repeating: 0x61, count: length)
                for special in [0x22, 0x5c, 0x0a, 0x7f, 0xc3, 0xff] as [UInt8] {
                    bytes[place] = special
                    #expect(try decoded(written(bytes)) == String(decoding: bytes, as: UTF8.self))
                }
            }
        }
    }

    @Test func `integers are written to their ends`() {
        var output: [UInt8] = []
        for value in [0, 7, -1, Int.min, Int.max] {
            JSONWriter.integer(value, to: &output)
            output.append(0x20)
        }
        JSONWriter.integer(UInt64.max, to: &output)
        #expect(
            String(decoding: output, as: UTF8.self)
                == "0 7 -1 -9223372036854775808 9223372036854775807 18446744073709551615")
    }

    @Test(arguments: [
        "null", " true\n", "false", "0", "-0.5e+10", "1E9", "\"\"", #""\u00e9\"\/""#, "[]", "{}", "[[],{}]",
        #"{"a":1,"b":[1,2,{"c":null}]}"#,
        "[ 1 , 2 ]", #"{ "a" : "ü" }"#, #""\ud800""#,
    ])
    func `JSON is JSON`(text: String) {
        #expect(JSONValidator.isValid(Array(text.utf8)))
    }

    @Test(arguments: [
        "", " ", "nul", "nulll", "True", "01", "-", "+1", "1.", ".5", "1e", "0x1", "'a'", "\"a", "\"\n\"", #""\x""#,
        #""\u12g4""#, "[", "]", "[1", "[1,]",
        "[,1]", "[1 2]", "{", "}", "{1:2}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{"a":1 "b":2}"#, "[}", "{]", "1 2",
        "[]]", "NaN", "/**/1", "\u{feff}1",
    ])
    func `what is none is none`(text: String) {
        #expect(!JSONValidator.isValid(Array(text.utf8)))
    }

    @Test func `depth is bounded, and what is not UTF-8 is no JSON`() {
        let limit = JSONValidator.depthLimit
        func nested(_ depth: Int) -> [UInt8] {
            [UInt8](repeating: 0x5b, count: depth) + [UInt8](repeating: 0x5d, count: depth)
        }
        #expect(JSONValidator.isValid(nested(limit)))
        #expect(!JSONValidator.isValid(nested(limit + 1)))
        #expect(!JSONValidator.isValid([UInt8](repeating: 0x5b, count: 1_000_000)))
        #expect(!JSONValidator.isValid([0x22, 0xff, 0x22]))
        #expect(!JSONValidator.isValid([0x22, 0xed, 0xa0, 0x80, 0x22]))
    }

    @Test func `random pieces of JSON are judged as Foundation judges them`() {
        var random = RandomSource(seed: 5)
        let parts = ["[", "]", "{", "}", ",", ":", "\"a\"", "1", "-2.5", "null", " ", "true"]
        for _ in 0..<4_000 {
            let text = (0..<Int.random(in: 1...7, using: &random)).map { _ in parts.randomElement(using: &random) ?? ""
            }.joined()
            // Foundation lets a comma stand before a bracket.
            guard !text.filter({ $0 != " " }).contains(",]") else { continue }
            let expected =
                (try? JSONSerialization.jsonObject(with: Data(text.utf8), options: [.fragmentsAllowed])) != nil
            #expect(JSONValidator.isValid(Array(text.utf8)) == expected, "\(text)")
        }
    }
}
