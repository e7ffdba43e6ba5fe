import CronCore
import Testing

@Suite struct APITokensTests {
    private let tokens = APITokens(
        Array(
            """
            # a comment
            reader-token-0123456789 cron:read

            writer-token-0123456789\tcron:read,cron:write\r
            short cron:read
            typo-token-01234567890 cron:raed
            lonely-token-0123456789
            three-token-0123456789 cron:read cron:write
            """.utf8))

    @Test func `a token has the scopes of its line, whole`() {
        #expect(tokens.scopes(of: Array("reader-token-0123456789".utf8)) == [.read])
        #expect(tokens.scopes(of: Array("writer-token-0123456789".utf8)) == [.read, .write])
        #expect(tokens.scopes(of: Array("typo-token-01234567890".utf8)) == [])
        for wrong in ["", "reader-token-012345678", "reader-token-01234567890", "Reader-token-0123456789", "short"] {
            #expect(tokens.scopes(of: Array(wrong.utf8)) == nil, "\(wrong)")
        }
        #expect(tokens.scopes(of: Array("lonely-token-0123456789".utf8)) == nil)
        #expect(tokens.scopes(of: Array("three-token-0123456789".utf8)) == nil)
    }

    @Test func `mistakes name their line, and never a token`() {
        #expect(
            tokens.mistakes.map { $0.prefix { $0 != " " } } == [
                "api-tokens:5:", "api-tokens:6:", "api-tokens:7:", "api-tokens:8:",
            ])
        #expect(!tokens.mistakes.joined().contains("0123456789") && !tokens.mistakes.joined().contains("raed"))
        #expect(APITokens([]).isEmpty && APITokens([]).mistakes.isEmpty)
    }

    struct Line: CustomTestStringConvertible {
        let text: String
        /// nil: it is no token.
        let scopes: Set<APIScope>?
        let mistakes: Int
        var testDescription: String { text.debugDescription }

        init(_ text: String, _ scopes: Set<APIScope>?, mistakes: Int = 0) {
            self.text = text
            self.scopes = scopes
            self.mistakes = mistakes
        }
    }

    @Test(arguments: [
        Line("0123456789abcdef cron:read", [.read]),
        Line("\t 0123456789abcdef \t metrics \t", [.metrics]),
        Line("0123456789abcdef cron:read,cron:write,metrics\r", [.read, .write, .metrics]),
        Line("0123456789abcdef cron:read,,metrics,", [.read, .metrics]),
        Line("0123456789abcdef cron:read,cron:read", [.read]),
        Line("0123456789abcdef CRON:READ", [], mistakes: 1),
        Line("0123456789abcdef cron:read,admin,x", [.read], mistakes: 2),
        Line("0123456789abcdef", nil, mistakes: 1),
        Line("0123456789abcdef cron:read cron:write", nil, mistakes: 1),
        Line("0123456789abcdef cron:read # a comment", nil, mistakes: 1),
        Line("# 0123456789abcdef cron:read", nil),
        Line("  #0123456789abcdef cron:read", nil),
        Line("", nil), Line(" \t\r", nil),
    ])
    func `a line is a token with its scopes, a comment, or a mistake`(line: Line) {
        for text in [line.text, "\n\n" + line.text + "\n"] {
            let tokens = APITokens(Array(text.utf8))
            #expect(tokens.scopes(of: Array("0123456789abcdef".utf8)) == line.scopes)
            #expect(tokens.mistakes.count == line.mistakes)
            #expect(tokens.isEmpty == (line.scopes == nil))
            let number = text == line.text ? 1 : 3
            #expect(tokens.mistakes.allSatisfy { $0.hasPrefix("api-tokens:\(number): ") })
        }
    }

    @Test func `a token is as long as one can be that nobody guesses`() {
        for length in 1...APITokens.shortest + 1 {
            let token = String(repeating: "k", count: length)
            let tokens = APITokens(Array("\(token) cron:read".utf8))
            #expect((tokens.scopes(of: Array(token.utf8)) == [.read]) == (length >= APITokens.shortest))
            #expect(tokens.mistakes.isEmpty == (length >= APITokens.shortest))
        }
    }

    @Test(arguments: 0..<30)
    func `whatever a file holds, its mistakes have no part of a token`(seed: UInt64) {
        var random = RandomSource(seed: seed)
        let words = ["cron:read", "cron:wriite", "#", ",", "\u{0}", "é"]
        var secrets: [String] = []
        var text = ""
        for _ in 0..<20 {
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                if Bool.random(using: &random) {
                    let length = Int.random(in: 6...40, using: &random)
                    let secret = String((0..<length).map { _ in "QWXZVJ".randomElement(using: &random) ?? "Q" })
                    secrets.append(secret)
                    text += secret + " "
                } else {
                    text += (words.randomElement(using: &random) ?? "") + " "
                }
            }
            text += "\n"
        }
        let told = APITokens(Array(text.utf8)).mistakes.joined()
        #expect(secrets.allSatisfy { !told.contains($0) })
        #expect(!told.contains("wriite"))
    }

    @Test func `who is given twice has what the last line says`() {
        let tokens = APITokens(Array("0123456789abcdef cron:write\n0123456789abcdef cron:read\n".utf8))
        #expect(tokens.scopes(of: Array("0123456789abcdef".utf8)) == [.read])
    }
}
