import CronCore
import Foundation
import Testing

/// What the API says when it does not do what it was asked, with Foundation's reader as the judge.
@Suite struct APIProblemTests {
    struct Row: CustomTestStringConvertible {
        let problem: APIProblem
        let status: Int
        let text: String
        var testDescription: String { text }
    }

    @Test(arguments: [
        Row(problem: .notFound, status: 404, text: #"{"error":"Not found"}"#),
        Row(problem: .unauthorized, status: 401, text: #"{"error":"Invalid or missing API key"}"#),
        Row(problem: .insufficientScope, status: 403, text: #"{"error":"Insufficient scope"}"#),
        Row(
            problem: .invalid("limit", "must be greater than 0"), status: 422,
            text: #"{"error":"Validation failed","details":{"limit":["must be greater than 0"]}}"#),
        Row(
            problem: APIProblem(status: 409, message: ControlRefusal.paused.words), status: 409,
            text: #"{"error":"The job is paused: resume it first"}"#),
    ])
    func `each problem is a document to the byte, and a reader of JSON takes it`(row: Row) throws {
        #expect(row.problem.status == row.status)
        #expect(String(decoding: row.problem.document, as: UTF8.self) == row.text)
        #expect(try JSONSerialization.jsonObject(with: Data(row.problem.document)) is [String: Any])
    }

    @Test(arguments: 0..<20)
    func `whatever a message, a field and its detail hold, they are read back as they were`(seed: UInt64) throws {
        var random = RandomSource(seed: seed)
        let alphabet: [Unicode.Scalar] = [
            "\"", "\\", "\n", "\r", "\t", "\u{0}", "\u{1f}", "\u{7f}", "/", "é", "\u{2028}", "😀", "a",
        ]
        func text() -> String {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...40, using: &random) {
                text.append(alphabet.randomElement(using: &random) ?? "a")
            }
            return String(text)
        }
        let (message, field, detail) = (text(), text(), text())
        let plain = APIProblem(status: 409, message: message).document
        #expect(try JSONSerialization.jsonObject(with: Data(plain)) as? [String: String] == ["error": message])
        let invalid = try JSONSerialization.jsonObject(with: Data(APIProblem.invalid(field, detail).document))
        let object = try #require(invalid as? [String: Any])
        #expect(object["details"] as? [String: [String]] == [field: [detail]])
        #expect(object["error"] as? String == "Validation failed" && object.count == 2)
    }

    @Test func `each refusal of the daemon has words of its own`() {
        let refusals: [ControlRefusal] = [
            .unknownJob, .disabled, .paused, .notPaused, .overlap(.queue), .overlap(.skip), .tooMany, .notReady,
        ]
        #expect(Set(refusals.map(\.words)).count == refusals.count)
        #expect(ControlRefusal.unknownJob.words == APIProblem.notFound.message)
    }

    @Test func `a refusal of the engine has its status`() {
        #expect(APIProblem(.unknownJob) == .notFound)
        #expect(APIProblem(.notReady) == APIProblem(status: 503, message: ControlRefusal.notReady.words))
        for refusal in [ControlRefusal.disabled, .paused, .notPaused, .overlap(.skip), .overlap(.queue), .tooMany] {
            #expect(APIProblem(refusal) == APIProblem(status: 409, message: refusal.words))
        }
    }
}
