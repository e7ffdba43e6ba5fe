import CronCore
import Foundation
import Testing

@testable import httpcron

@Suite struct WhyTests {
    private func workshop() throws -> Workshop {
        let workshop = try Workshop()
        let request = "\n[Request]\nURL=http://127.0.0.1/"
        try workshop.job("health", "[Job]\nEvery=5min" + request)
        try workshop.job("nightly", "[Job]\nCron=30 2 * * *\nTimeZone=Europe/Berlin" + request)
        let ten = Sample.ten
        try workshop.record([
            .execution(Sample.failed(1, "health", of: ten, next: ten + .seconds(15))),
            .execution(Sample.execution(2, "health", of: ten, attempt: 2, delay: .seconds(15))),
            .note(Sample.note(3, "health", .missed, count: 4, from: ten + .minutes(5), to: ten + .minutes(20))),
        ])
        return workshop
    }

    struct Golden: CustomTestStringConvertible {
        let file: String
        let arguments: [String]

        var testDescription: String { file }
    }

    @Test(arguments: [
        Golden(file: "why-ran.txt", arguments: ["health", "--at", "2025-01-15 11:00"]),
        Golden(file: "why-missed.txt", arguments: ["health", "--at", "2025-01-15T10:10:00Z"]),
        Golden(file: "why-not-due.txt", arguments: ["health", "--at", "2025-01-15 11:02"]),
        Golden(file: "why-gap.txt", arguments: ["nightly", "--at", "2025-03-30 02:45"]),
        Golden(file: "why.jsonl", arguments: ["health", "--at", "2025-01-15 11:00", "-o", "json"]),
    ])
    func `looks as it should`(row: Golden) throws {
        let result = try workshop().run(["why"] + row.arguments)
        #expect(result.errors == "")
        #expect(result.status == 0)
        try expectGolden(result.output, row.file)
    }

    @Test func `a whole hour gives each of its occurrences, up to ten`() throws {
        let workshop = try workshop()
        let objects = try workshop.run("why", "health", "--at", "2025-01-15", "-o", "json").objects
        #expect(objects.count == 10)
        #expect(
            try workshop.run("why", "health", "--at", "2025-01-15").output.hasSuffix(
                "There are more; name a shorter time.\n"))
    }

    @Test func `one job it must be`() throws {
        let workshop = try workshop()
        #expect(try workshop.run("why").status == 2)
        #expect(try workshop.run("why", "*").status == 2)
        #expect(
            try workshop.run("why", "nighty").errors == "httpcron: there is no job \"nighty\"; did you mean nightly?\n")
        #expect(try workshop.run("why", "health", "--at", "soon").status == 2)
    }
}
