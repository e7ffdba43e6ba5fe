import CronCore
import Foundation
import History
import Testing
import Threads

@testable import httpcron

@Suite struct CompactTests {
    private let request = "\n[Request]\nURL=http://127.0.0.1/\n"

    /// Ten executions each of four jobs: one that keeps three, one in error that says it keeps none, one in error under
    /// another name, and one whose file is gone.
    private func workshop() throws -> Workshop {
        let workshop = try Workshop()
        try workshop.job("alpha", "[Job]\nEvery=5min" + request + "[History]\nKeep=3")
        try workshop.job("broken", "[Job]\nEvery=soon" + request + "[History]\nKeep=0")
        try workshop.job("alias", "[Job]\nId=renamed\nEvry=5min" + request + "[History]\nKeep=0")
        var records: [Record] = []
        for minute in 0..<10 {
            for job in ["alpha", "broken", "renamed", "gone"] {
                let sequence = UInt64(records.count + 1)
                records.append(
                    .execution(Sample.execution(sequence, job, of: Sample.ten + .minutes(Int64(minute)))))
            }
        }
        var absent = Sample.header(UInt64(records.count + 1), "gone", at: Sample.ten + .minutes(10))
        absent.account.schedule = 0
        records.append(.state(StateChange(header: absent, kind: .absent)))
        try workshop.record(records)
        return workshop
    }

    private func dump(_ workshop: Workshop) throws -> [String: [String]] {
        let rows = try workshop.run("dump", "-n", "all", "-o", "jsonl").objects
        return Dictionary(grouping: rows) { $0["job"] as? String ?? "" }.mapValues { rows in
            rows.compactMap { $0["id"] as? String }
        }
    }

    private func files(_ workshop: Workshop) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: workshop.history.path).sorted()
    }

    @Test func `what the job files keep is kept, of one in error everything`() throws {
        let workshop = try workshop()
        let before = try dump(workshop)
        let result = try workshop.run("compact")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.hasPrefix("Compacted the history in "), "\(result.output)")
        #expect(result.output.contains(" 41 records to 23, "), "\(result.output)")
        #expect(result.output.hasSuffix(".\n"))
        #expect(result.errors.contains("broken.job is in error: all that is recorded of it is kept"))
        let after = try dump(workshop)
        #expect(after["alpha"] == before["alpha"].map { Array($0.prefix(3)) })
        #expect(after["broken"] == before["broken"])
        #expect(after["renamed"] == before["renamed"])
        // That it is gone was recorded longer than KeepRemoved= ago.
        #expect(after["gone"] == nil)
        #expect(try files(workshop).count == 1)
    }

    @Test func `what was damaged is told before it is gone`() throws {
        let workshop = try workshop()
        let segment = try #require(try files(workshop).last { $0.hasSuffix(".seg") })
        let path = workshop.history.appending(path: segment)
        var bytes = try Data(contentsOf: path)
        // A record of the job of which everything is kept.
        let place = try #require(bytes.firstRange(of: Data("broken".utf8)))
        bytes[place.lowerBound] ^= 1
        try bytes.write(to: path)
        let result = try workshop.run("compact")
        #expect(result.status == 0)
        #expect(result.errors.contains("\(segment): bytes "), "\(result.errors)")
        #expect(try files(workshop).contains(segment + ".bad"))
    }

    @Test func `a removed job keeps its history for KeepRemoved=`() throws {
        let workshop = try workshop()
        try Data("[Daemon]\nKeepRemoved=36500d\n".utf8).write(to: workshop.root.appending(path: "httpcron.conf"))
        let result = try workshop.run("compact", "-o", "json")
        #expect(try result.objects.first?["records_after"] as? Int == 34)
        #expect(try dump(workshop)["gone"]?.count == 10)
    }

    @Test func `the result is an object, also where there was nothing to do`() throws {
        let workshop = try workshop()
        let first = try #require(try workshop.run("compact", "-o", "json").objects.first)
        #expect(first["compacted"] as? Bool == true)
        #expect(first["records_before"] as? Int == 41 && first["records_after"] as? Int == 23)
        #expect(try files(workshop) == [try #require(first["file"] as? String)])
        #expect((first["bytes_before"] as? Int ?? 0) > (first["bytes_after"] as? Int ?? 0))
        let second = try workshop.run("compact", "-o", "json")
        #expect(second.status == 0)
        #expect(try second.objects.first?["compacted"] as? Bool == false)
        #expect(try second.objects.first?["file"] is NSNull)
        #expect(try workshop.run("compact").output == "There is nothing to compact.\n")
    }

    @Test func `a history that a daemon has is left alone`() throws {
        let workshop = try workshop()
        let opened = try HistoryStore.open(directory: workshop.history.path, bell: Bell())
        let before = try files(workshop)
        let result = try workshop.run("compact")
        #expect(result.status == 1 && result.output.isEmpty)
        #expect(result.errors.contains("a daemon has it, and compacts it each day at 04:00 UTC (CompactAt=)"))
        #expect(result.errors.contains("systemctl stop 'httpcron*'"))
        #expect(try files(workshop).filter { $0 != "spare" } == before.filter { $0 != "spare" })
        opened.writer.close()
    }

    @Test func `without job files, settings or a history nothing happens`() throws {
        let workshop = try workshop()
        let before = try files(workshop)
        try FileManager.default.moveItem(at: workshop.jobs, to: workshop.root.appending(path: "elsewhere"))
        let jobless = try workshop.run("compact")
        #expect(jobless.status == 1)
        #expect(jobless.errors.contains("nothing was compacted; --jobs DIR names their directory"))
        try FileManager.default.moveItem(at: workshop.root.appending(path: "elsewhere"), to: workshop.jobs)
        try Data("[Daemon]\nKeepRemovd=1d\n".utf8).write(to: workshop.root.appending(path: "httpcron.conf"))
        let unset = try workshop.run("compact")
        #expect(unset.status == 1)
        #expect(unset.errors.contains("did you mean KeepRemoved=?") && unset.errors.contains("nothing was compacted"))
        #expect(try files(workshop) == before)
        let empty = try Workshop()
        let nothing = try empty.run("compact")
        #expect(nothing.status == 1 && nothing.errors.contains("there is no history in"))
        #expect(!FileManager.default.fileExists(atPath: empty.history.path))
        #expect(try empty.run("compact", "alpha").status == 2)
    }
}
