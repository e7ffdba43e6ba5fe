import CronCore
import Glibc
import Synchronization
import Testing

@testable import History

/// Each way in which a disk refuses, at each operation, for once and for a while: acknowledged is on the disk, nothing is
/// there twice, all is there once the disk is back, and a verification of the whole finds nothing.
@Suite struct DiskRefusesTests {
    static let codes = [EIO, ENOSPC, EDQUOT, EROFS, EMFILE]

    /// Runs a writer whose operations fail from the `first` for `length` of them. What is left is what `check` sees,
    /// before and after a start.
    private func refuse(
        _ fault: FakeDisk.Fault, from first: Int, for length: Int, makesSpares: Bool, _ comment: Comment
    ) throws {
        let disk = FakeDisk()
        disk.fail { (first..<first + length).contains($0) ? fault : nil }
        let (appended, writer) = try WriterFaultTests().scenario(disk, makesSpares: makesSpares, seed: 6)
        disk.fail { _ in nil }
        let acknowledged = writer.status.syncedThrough
        let isBack = writer.status.diskState == .ok
        if case .late = fault { #expect(isBack && !writer.isOpen, comment) }
        for image in [disk.copy(), disk.afterPowerCut(keepingPages: true), disk.afterPowerCut(keepingPages: false)] {
            let torn = try HistoryVerifier.run(image, pause: {}).findings
            #expect(torn.allSatisfy { $0.kind == .torn }, "\(comment) before the start: \(torn)")
            let (records, findings, _) = try image.recoveredRecords()
            #expect(findings.allSatisfy { $0.kind == .torn || $0.kind == .notice }, "\(comment) \(findings)")
            #expect(SequenceNumber(records.count) >= acknowledged, comment)
            if isBack { #expect(records.count == appended.count, comment) }
            let isPrefix = records == Array(appended.prefix(records.count))
            #expect(isPrefix, comment)
            let found = try HistoryVerifier.run(image, pause: {}).findings
            #expect(found == [], "\(comment) after the start: \(found)")
        }
    }

    @Test(arguments: [true, false])
    func `at each operation, in every way, once and for a while`(makesSpares: Bool) throws {
        let clean = FakeDisk()
        _ = try WriterFaultTests().scenario(clean, makesSpares: makesSpares, seed: 6)
        let log = clean.state.withLock { $0.log }
        for first in 8...log.count {
            let length = [1, 2, 5, 60][first / 5 % 4]
            let code = Self.codes[first % Self.codes.count]
            let fault = first % 7 == 3 && log[first - 1].hasPrefix("write") ? FakeDisk.Fault.short : .error(code)
            let comment: Comment = "\(fault), \(length) from operation \(first): \(log[first - 1])"
            try refuse(fault, from: first, for: length, makesSpares: makesSpares, comment)
        }
    }

    @Test(arguments: [true, false])
    func `a rename that failed and happened all the same does not stop the history`(makesSpares: Bool) throws {
        let clean = FakeDisk()
        _ = try WriterFaultTests().scenario(clean, makesSpares: makesSpares, seed: 6)
        let renames = clean.state.withLock { $0.log }.enumerated().filter { $0.element.hasPrefix("rename") }
        #expect(renames.count > 3)
        for (place, _) in renames.dropFirst() {
            try refuse(.late(EIO), from: place + 1, for: 1, makesSpares: makesSpares, "rename \(place)")
        }
    }

    /// A compaction has the active segment sealed before it is seen that the disk is well, so that then there is none.
    @Test func `a disk that is back is back for all that comes then, without another second's wait`() throws {
        let disk = FakeDisk()
        let writer = try SteppedWriter(disk, makesSpares: false)
        var samples = Samples()
        writer.append(samples.wholeRun(JobID("a")))
        writer.settle()
        disk.fail { _ in .error(ENOSPC) }
        writer.append(samples.wholeRun(JobID("a")))
        writer.settle()
        disk.fail { _ in nil }
        writer.inbox.post(.seal)
        writer.second()
        #expect(writer.status.syncedThrough == samples.sequence)
        for _ in 0..<4 {
            writer.append(samples.wholeRun(JobID("a")))
            writer.settle()
            #expect(writer.status.syncedThrough == samples.sequence)
        }
    }

    @Test func `notes of what was lost account for every seq that is missing`() throws {
        let disk = FakeDisk()
        let writer = try SteppedWriter(disk, makesSpares: false)
        var samples = Samples()
        disk.fail { _ in .error(ENOSPC) }
        for number in 0..<2_000 {
            writer.append(samples.wholeRun(JobID("job-\(number % 3)"), bodyLength: 1_000))
            if number % 50 == 0 { writer.settle() }
        }
        disk.fail { _ in nil }
        writer.second()
        writer.settle()
        writer.close()
        let found = try HistoryVerifier.run(disk, pause: {})
        #expect(found.findings == [])
        #expect(found.records < 4_000)
    }
}
