import CronCore
import Foundation
import Testing

@testable import httpcron

@Suite struct CheckTests {
    private let good = "[Job]\nEvery=5min\n[Request]\nURL=http://127.0.0.1/"

    @Test func `files without a mistake are counted, and that is all`() throws {
        let workshop = try Workshop()
        try workshop.job("a", good)
        try workshop.job("b", good)
        let result = try workshop.run("check")
        #expect(result.output == "2 job files, no mistakes.\n")
        #expect(result.status == 0)
    }

    @Test func `every mistake is told at once, and the exit status is 1`() throws {
        let workshop = try Workshop()
        try workshop.job("a", "[Job]\nEvry=5min\n[Request]\nURL=nowhere\nTimeout=soon")
        try workshop.job("b", good)
        let result = try workshop.run("check")
        #expect(result.status == 1)
        let lines = result.output.split(separator: "\n")
        #expect(lines.contains { $0.hasPrefix("a.job:2: ") && $0.contains("Every=") })
        #expect(lines.contains { $0.hasPrefix("a.job:4: ") })
        #expect(lines.contains { $0.hasPrefix("a.job:5: ") })
        #expect(lines.last?.hasPrefix("2 job files, ") == true)
    }

    @Test func `what will surprise later is warned of`() throws {
        let workshop = try Workshop()
        try workshop.job("late", "[Job]\nAt=2020-01-01T00:00:00Z\n[Request]\nURL=http://127.0.0.1/")
        try workshop.job("never", "[Job]\nCron=0 0 30 2 *\n[Request]\nURL=http://127.0.0.1/")
        try workshop.job("slow", good + "\nTimeout=2min")
        try workshop.job("lonely", "[Job]\nEvery=5min\nOnFailure=nobody\n[Request]\nURL=http://127.0.0.1/")
        try Data("x".utf8).write(to: workshop.jobs.appending(path: "notes.txt"))
        let result = try workshop.run("check")
        #expect(result.status == 0)
        #expect(result.output.contains("late.job: warning: is never due again: At= has passed"))
        #expect(result.output.contains("never.job: warning: is never due again: no such date comes"))
        #expect(result.output.contains("slow.job: warning: Timeout=2min is longer than DrainTimeout=1min 30s"))
        #expect(result.output.contains("lonely.job: warning: OnFailure= names the job nobody"))
        #expect(result.output.contains("notes.txt: warning: is passed over: a job file is called NAME.job"))
        #expect(result.output.hasSuffix("4 job files, 0 errors, 5 warnings.\n"))
    }

    @Test func `a file may be anywhere, and standard input`() throws {
        let workshop = try Workshop()
        try workshop.job("backup", good)
        let file = workshop.root.appending(path: "draft.job")
        try Data("[Job]\nEvery=5min\nOnFailure=bakcup\n[Request]\nURL=http://127.0.0.1/\n".utf8).write(to: file)
        let result = try workshop.run("check", file.path)
        #expect(result.status == 0)
        #expect(result.output.hasPrefix("\(file.path): warning: OnFailure= names the job bakcup"))
        #expect(result.output.contains("; did you mean backup?"))
        #expect(try workshop.run("check", "-", input: good + "\n").output == "1 job file, no mistakes.\n")
        let broken = try workshop.run("check", "-", input: good)
        #expect(broken.status == 1)
        #expect(broken.output.hasPrefix("stdin:4: "))
        // One that is not there keeps nothing from being told of the others.
        let missing = try workshop.run("check", "/nonexistent.job", file.path)
        #expect(missing.status == 1)
        #expect(missing.output.hasPrefix("/nonexistent.job: No such file or directory\n\(file.path): warning: "))
        #expect(missing.output.hasSuffix("2 job files, 1 error, 1 warning.\n"))
    }

    @Test func `a file is read with the settings, whose mistakes count`() throws {
        let workshop = try Workshop()
        try workshop.job("a", good)
        try Data("[Defaults]\nTimeout=soon\n".utf8).write(to: workshop.root.appending(path: "httpcron.conf"))
        let result = try workshop.run("check", workshop.jobs.appending(path: "a.job").path)
        #expect(result.status == 1)
        #expect(result.output.contains("httpcron.conf:2: Timeout="))
    }

    @Test func `drop-ins beside a file count`() throws {
        let workshop = try Workshop()
        let file = workshop.root.appending(path: "x.job")
        try Data((good + "\n").utf8).write(to: file)
        let dropIns = workshop.root.appending(path: "x.job.d")
        try FileManager.default.createDirectory(at: dropIns, withIntermediateDirectories: true)
        try Data("[Request]\nTimeuot=1s\n".utf8).write(to: dropIns.appending(path: "10-slow.conf"))
        let result = try workshop.run("check", file.path)
        #expect(result.status == 1)
        #expect(result.output.contains("10-slow.conf:2: "))
    }

    @Test func `mistakes as JSON`() throws {
        let workshop = try Workshop()
        try workshop.job("a", "[Job]\nEvry=5min")
        let objects = try workshop.run("check", "-o", "json").objects
        #expect(objects.first?["file"] as? String == "a.job")
        #expect(objects.first?["line"] as? Int == 2)
        #expect(objects.first?["severity"] as? String == "error")
    }

    @Test func `coming starts, and what a change of the clocks does to them`() throws {
        let workshop = try Workshop()
        let request = "\n[Request]\nURL=http://127.0.0.1/"
        try workshop.job("a-fixed", "[Job]\nCron=30 2 * * *\nTimeZone=Europe/Berlin" + request)
        try workshop.job("b-elapsed", "[Job]\nCron=*/30 * * * *\nTimeZone=Europe/Berlin" + request)
        try workshop.job("c-utc", "[Job]\nEvery=12h" + request)
        try workshop.job("d-demand", "[Job]\nOnDemand=yes" + request)
        try workshop.job("e-off", "[Job]\nEvery=1h\nEnabled=no" + request)
        let spring = try workshop.run("check", "--next", "3", "--from", "2025-03-30T00:00:00Z")
        try expectGolden(spring.output, "check-next-spring.txt")
        let autumn = try workshop.run("check", "--next=4", "--from=2025-10-26T00:00:00Z")
        try expectGolden(autumn.output, "check-next-autumn.txt")
    }
}
