import CronCore
import Foundation
import Testing

@testable import httpcron

@Suite struct VerifyTests {
    private func workshop() throws -> Workshop {
        let workshop = try Workshop()
        let ten = Sample.ten
        try workshop.record([
            .execution(Sample.failed(1, "health", of: ten, next: ten + .seconds(15))),
            .execution(Sample.execution(2, "health", of: ten, attempt: 2, delay: .seconds(15))),
            .note(Sample.note(3, "health", .missed, count: 4, from: ten + .minutes(5), to: ten + .minutes(20))),
        ])
        return workshop
    }

    private let segment = "0000000000000002.seg"

    /// Turns one bit of the second segment.
    private func flip(_ workshop: Workshop, at place: Int) throws {
        let file = workshop.history.appending(path: segment)
        var bytes = try Data(contentsOf: file)
        bytes[place] ^= 1
        try bytes.write(to: file)
    }

    /// With what depends on the machine taken out.
    private func plain(_ text: String, _ workshop: Workshop) -> String {
        text.replacingOccurrences(of: workshop.history.path, with: "HISTORY")
            .replacingOccurrences(of: " read in [0-9.]+[a-z]*:", with: " read in TIME:", options: .regularExpression)
            .replacingOccurrences(of: "\"duration_ms\":[0-9]+", with: "\"duration_ms\":0", options: .regularExpression)
    }

    @Test func `a whole history`() throws {
        let workshop = try workshop()
        let result = try workshop.run("verify")
        #expect(result.errors == "")
        #expect(result.status == 0)
        try expectGolden(plain(result.output, workshop), "verify.txt")
        let json = try workshop.run("verify", "-o", "json")
        #expect(json.status == 0)
        try expectGolden(plain(json.output, workshop), "verify.jsonl")
    }

    @Test func `what is damaged, by file and offset`() throws {
        let workshop = try workshop()
        try flip(workshop, at: 4_100)
        try flip(workshop, at: 8_300)
        try Data([1]).write(to: workshop.history.appending(path: "0000000000000009.seg.bad"))
        let result = try workshop.run("verify")
        #expect(result.errors == "")
        #expect(result.status == 1)
        try expectGolden(plain(result.output, workshop), "verify-damaged.txt")
        let json = try workshop.run("verify", "-o", "json")
        #expect(json.status == 1)
        try expectGolden(plain(json.output, workshop), "verify-damaged.jsonl")
        #expect(try json.objects.last?["damaged"] as? Bool == true)
        // The dump says it in the same words.
        let dump = try workshop.run("dump", "-n", "all")
        let told = try #require(result.output.split(separator: "\n").first { $0.contains("is lost") })
        #expect(dump.errors.contains("passed over: \(told)"))
    }

    @Test func `nothing is changed`() throws {
        let workshop = try workshop()
        let file = workshop.history.appending(path: segment)
        let before = try Data(contentsOf: file)
        let names = try FileManager.default.contentsOfDirectory(atPath: workshop.history.path)
        _ = try workshop.run("verify")
        #expect(try Data(contentsOf: file) == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: workshop.history.path) == names)
    }

    @Test func `what makes no sense, and where there is nothing`() throws {
        #expect(try workshop().run("verify", "health").status == 2)
        #expect(try workshop().run("verify", "-o", "yaml").status == 2)
        let result = try Workshop().run("verify")
        #expect(result.status == 1)
        #expect(result.errors.contains("there is no history in"))
    }
}
