import CronCore
import Testing

@testable import History

@Suite struct StepwiseWriterTests {
    @Test func `writes and syncs only when it is stepped, and leaves a whole history`() throws {
        let disk = FakeDisk()
        let writer = try StepwiseWriter(disk, settings: SteppedWriter.settings)
        var samples = Samples()
        var records: [Record] = []
        for round in 0..<40 {
            let run = samples.wholeRun(JobID("a"), bodyLength: 900)
            writer.append(run, needsSync: true)
            #expect(writer.writtenThrough == SequenceNumber(records.count))
            writer.write()
            records += run
            #expect(writer.writtenThrough == SequenceNumber(records.count))
            #expect(writer.syncedThrough < writer.writtenThrough)
            writer.settle(makingSpares: round % 2 == 0)
            #expect(writer.syncedThrough == writer.writtenThrough)
        }
        #expect(!writer.sync() && !writer.write())
        writer.close()
        #expect(!writer.isOpen && writer.takeFindings().isEmpty)
        #expect(try disk.names().allSatisfy { $0.hasSuffix(".seg") })
        let recovered = try disk.recoveredRecords()
        #expect(recovered.records == records && recovered.findings.isEmpty)
    }
}
