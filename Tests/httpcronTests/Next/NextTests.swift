import CronCore
import Foundation
import Testing

@testable import httpcron

@Suite struct NextTests {
    private func workshop() throws -> Workshop {
        let workshop = try Workshop()
        let request = "\n[Request]\nURL=http://127.0.0.1/"
        try workshop.job("backup", "[Job]\nCron=0 3 * * *\nTimeZone=Europe/Berlin" + request)
        for number in 1...5 { try workshop.job("poll-\(number)", "[Job]\nEvery=15min" + request) }
        try workshop.job("health", "[Job]\nEvery=5min" + request)
        try workshop.job("off", "[Job]\nEvery=1s\nEnabled=no" + request)
        return workshop
    }

    @Test(arguments: [
        ("next.txt", [String]()), ("next-histogram.txt", ["--histogram"]), ("next.jsonl", ["-o", "json", "-n3"]),
    ])
    func `looks as it should`(file: String, arguments: [String]) throws {
        let result = try workshop().run(["next", "--from", "2025-01-15 02:50:30"] + arguments)
        #expect(result.errors == "")
        #expect(result.status == 0)
        try expectGolden(result.output, file)
    }

    @Test func `jobs may be named, and a broken file is told`() throws {
        let workshop = try workshop()
        try workshop.job("broken", "[Job]\n")
        let result = try workshop.run("next", "health", "-n", "2", "-o", "json", "--from", "@1736935200")
        #expect(result.errors == "httpcron: 1 job file is in error and not shown; \"httpcron check\" tells more\n")
        #expect(try result.objects.map { $0["at"] as? String } == ["2025-01-15T10:05:00Z", "2025-01-15T10:10:00Z"])
        #expect(try result.objects.allSatisfy { Set($0.keys) == ["job", "at"] })
    }

    @Test func `an offset is that of this history`() throws {
        let workshop = try Workshop()
        try workshop.job("a", "[Job]\nEvery=1h\nRandomizedOffset=30min\n[Request]\nURL=http://127.0.0.1/")
        let nominal = try workshop.run("next", "-n1", "-o", "json", "--from", "@1736935200").objects
        #expect(nominal[0]["at"] as? String == "2025-01-15T11:00:00Z")
        try workshop.record([.execution(Sample.execution(1, "a", of: Sample.ten))])
        let shifted = try #require(
            try workshop.run("next", "-n1", "-o", "json", "--from", "@1736935200").objects[0]["at"] as? String)
        #expect(shifted > "2025-01-15T10:00:00Z" && shifted < "2025-01-15T11:30:00Z")
        #expect(shifted != "2025-01-15T11:00:00Z")
    }

    @Test func `what is paused does not come`() throws {
        let workshop = try Workshop()
        let request = "\n[Request]\nURL=http://127.0.0.1/"
        for name in ["a", "b", "c"] { try workshop.job(name, "[Job]\nEvery=1h" + request) }
        let pause = Pause(since: Sample.ten, until: Sample.ten + .hours(2), reason: "", by: "uid 0")
        try workshop.record([
            .state(StateChange(header: Sample.paused(1, "a"), kind: .paused(Pause(since: Sample.ten)))),
            .state(StateChange(header: Sample.paused(2, "b"), kind: .paused(pause))),
            .state(StateChange(header: Sample.header(3, "c", at: Sample.ten), kind: .resumed(by: ""))),
        ])
        let result = try workshop.run("next", "-n", "3", "-o", "json", "--from", "@1736935200")
        #expect(
            result.errors
                == "httpcron: 1 job is paused without an end and not shown; \"httpcron status\" tells more\n")
        #expect(try result.objects.map { $0["job"] as? String } == ["c", "b", "c"])
        #expect(
            try result.objects.map { $0["at"] as? String }
                == ["2025-01-15T11:00:00Z", "2025-01-15T12:00:00Z", "2025-01-15T12:00:00Z"])
        #expect(try workshop.run("next", "a").status == 1)
    }

    @Test func `nothing to come is a no`() throws {
        let workshop = try Workshop()
        let result = try workshop.run("next")
        #expect(result.status == 1)
        #expect(result.output == "")
    }
}
