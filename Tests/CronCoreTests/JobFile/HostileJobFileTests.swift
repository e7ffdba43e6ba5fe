import CronCore
import Testing

/// Input that nobody meant well: whatever comes, there is an answer, and the process lives to give it.
@Suite struct HostileJobFileTests {
    private static let words =
        DirectiveTable.jobFile.directives.map { $0.key + "=" }
        + [
            "[Job]\n", "[Request]\n", "[Retry]\n", "[History]\n", "[X-a]\n", "[", "]", "=", "\n", "\\\n", "#",
            "\u{feff}",
        ]
        + [
            "${", "}", "$", "${job}", "${credential:", "http://", "https://[", "]:", "@", ":99999", "every_", "L",
            "5#3",
        ]
        + [
            "99999999999999999999", "-1", "1.5", "min", "d", "%", "200-", "-599", "2026-02-30T", "+99:99", "\"", "{",
            "\u{0}",
        ]
        + ["\r\n", "\u{1b}[2J", "\u{202e}", "ü", "😀", "*/", "* * * * *", " ", "\t", "credential:", "/", "../"]

    @Test(arguments: 0..<4)
    func `random bytes and random words are answered`(seed: Int) {
        var random = RandomSource(seed: UInt64(seed))
        for round in 0..<400 {
            var bytes: [UInt8] = []
            if round % 4 == 0 {
                bytes = (0..<Int.random(in: 0..<300, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
            } else {
                for _ in 0..<Int.random(in: 0..<60, using: &random) {
                    bytes += Array((Self.words.randomElement(using: &random) ?? "").utf8)
                }
            }
            let outcome = JobFile.parse(name: "health", bytes) { _ in .unknown(suggestion: nil) }
            #expect(outcome.job != nil || outcome.diagnostics.contains { $0.severity == .error })
            check(outcome.diagnostics)
            check(DaemonSettings.parse(bytes).diagnostics)
        }
    }

    @Test(arguments: 0..<2)
    func `a good file with a byte changed is answered`(seed: Int) {
        var random = RandomSource(seed: UInt64(seed))
        let good = JobFileKeyTests.rows.reduce(into: "") { text, row in
            text += "[\(row.section)]\n\(row.key)=\(row.good)\n"
        }
        for _ in 0..<300 {
            var bytes = Array(good.utf8)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: place)
                default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
                }
            }
            check(JobFile.parse(name: "health", bytes) { _ in .found(.utc) }.diagnostics)
        }
    }

    @Test func `a file cut off anywhere never loads by accident`() throws {
        let text = Array((onDemandJob + "Timeout=30\n").utf8)
        for length in 0..<text.count where text[..<length].last != UInt8(ascii: "\n") {
            #expect(JobFile.parse(name: "health", Array(text[..<length])) { _ in .noDatabase }.job == nil, "\(length)")
        }
    }

    @Test func `64 KiB of near misses are told within their bound`() {
        let keys = (0..<5_000).map { "Timeot\($0 % 10)=1\n" }.joined()
        #expect(parse("[Request]\n" + keys).diagnostics.count == DiagnosticLimit.value)
        let long = "[Request]\n" + String(repeating: "T", count: 60_000) + "=1\n"
        #expect(parse(long).diagnostics.allSatisfy { $0.message.utf8.count < 2_000 })
    }

    /// Diagnostics are short, few, and fit for a terminal.
    private func check(_ diagnostics: [Diagnostic]) {
        #expect(diagnostics.count <= DiagnosticLimit.value)
        let unfit = diagnostics.map(\.description).first {
            $0.utf8.count >= 3_000 || $0.unicodeScalars.contains(where: isControl)
        }
        #expect(unfit == nil)
    }
}

private enum DiagnosticLimit {
    /// A hundred, and the line that counts the rest.
    static let value = 101
}
