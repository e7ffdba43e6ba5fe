import CronCore
import Testing

@Suite struct TemplateTests {
    /// The template of a body, which takes any text.
    private func template(_ text: String) -> Template? {
        guard case .text(let template, _) = parse(onDemandJob + "Body=\(text)\n").job?.request.body else { return nil }
        return template
    }

    @Test func `dollars that begin no placeholder stay`() {
        for (text, meaning) in [
            ("a$$b", "a$b"), ("$", "$"), ("$x", "$x"), ("5$", "5$"), ("$$$", "$$"), ("$${job}", "${job}"),
        ] {
            #expect(template(text) == Template(pieces: [.literal(meaning)]), "\(text)")
        }
    }

    @Test func `every placeholder is known by its name`() {
        let all: [(String, Placeholder)] = [
            ("job", .job), ("run_id", .runID), ("attempt", .attempt), ("scheduled_at", .scheduledAt),
            ("credential:a.b-c_d", .credential("a.b-c_d")), ("failed.job", .failedJob), ("failed.error", .failedError),
            ("failed.error_code", .failedErrorCode), ("failed.http_status", .failedHTTPStatus),
            ("failed.execution", .failedExecution),
        ]
        for (name, placeholder) in all {
            #expect(
                template("a${\(name)}b") == Template(pieces: [.literal("a"), .placeholder(placeholder), .literal("b")]))
        }
        #expect(Placeholder.names.count == all.count)
    }

    @Test(arguments: [
        "${", "${}", "${job", "${ job}", "${Job}", "${failed}", "${credential:}", "${credential:a/b}", "${env:HOME}",
    ])
    func `what is none is refused`(text: String) {
        #expect(template(text) == nil)
    }

    @Test func `a template prints as the text that makes it`() throws {
        var random = RandomSource(seed: 11)
        let parts = ["$", "$$", "{", "}", "a", "${job}", "${credential:x}", "\"", "ü", " "]
        var count = 0
        for _ in 0..<2_000 {
            let text = (0..<Int.random(in: 1...8, using: &random)).map { _ in parts.randomElement(using: &random) ?? ""
            }.joined()
            // The ends of a value are trimmed.
            guard let first = template("<\(text)>") else { continue }
            count += 1
            #expect(template(first.source) == first, "\(text)")
        }
        #expect(count > 500)
    }
}
