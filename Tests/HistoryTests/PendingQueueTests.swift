import CronCore
import Testing

@testable import History

@Suite struct PendingQueueTests {
    private func queue(_ count: Int, bodyLength: Int = 1_000) -> (PendingQueue, [Record]) {
        var queue = PendingQueue()
        var samples = Samples()
        var records: [Record] = []
        for number in 0..<count {
            let record = samples.execution(
                JobID(number % 2 == 0 ? "even" : "odd"), run: Samples.run(UInt64(number) << 32),
                body: [UInt8](repeating: 1, count: bodyLength))
            records.append(record)
            queue.append(record, sequence: record.header.sequence, needsSync: true)
        }
        return (queue, records)
    }

    private func rest(_ queue: inout PendingQueue) -> [Record] {
        var records: [Record] = []
        while let pending = queue.takeUnwritten() { records.append(pending.record) }
        return records
    }

    @Test func `what is on the disk is forgotten, and the rest is written again when asked`() {
        var (queue, records) = queue(10)
        #expect(rest(&queue) == records)
        #expect(!queue.hasUnwritten)
        queue.drop(through: 4)
        queue.rewind(after: 6)
        #expect(rest(&queue) == Array(records[6...]))
        queue.rewind(after: 4)
        #expect(rest(&queue) == Array(records[4...]))
        queue.drop(through: 10)
        #expect(queue.isEmpty)
        #expect(queue.bytes == 0)
    }

    @Test func `bodies go first, the oldest before the others`() {
        var (queue, records) = queue(10)
        queue.shed(to: queue.bytes - 2_500)
        let kept = rest(&queue)
        #expect(kept.count == 10)
        for (number, record) in kept.enumerated() {
            guard case .execution(let execution) = record, case .execution(var before) = records[number] else {
                Issue.record("\(record) is no execution any more")
                return
            }
            if number < 3 {
                before.response.body = []
                before.response.bodyTruncated = true
            }
            #expect(execution == before)
        }
    }

    @Test func `then the oldest records, which leave one note a job`() {
        var (queue, records) = queue(100, bodyLength: 0)
        queue.shed(to: queue.bytes * 3 / 4)
        queue.gatherLost()
        let kept = rest(&queue)
        let notes = kept.compactMap { record -> Note? in if case .note(let note) = record { note } else { nil } }
        #expect(notes.count == 2)
        #expect(notes.allSatisfy { $0.reason == .lost && $0.count > 10 })
        #expect(Int(notes[0].count + notes[1].count) + kept.count - 2 == 100)
        let first = notes.first { $0.header.job == JobID("even") }
        #expect(first?.first == Samples.run(0).scheduledAt)
        #expect(first?.header.account == records[Int(first?.header.sequence ?? 1) - 1].header.account)
        #expect(kept.map(\.header.sequence) == kept.map(\.header.sequence).sorted())
    }

    @Test func `a job's lost note never outlives the bytes it is allowed`() {
        var (queue, _) = queue(5_000, bodyLength: 0)
        queue.shed(to: 2_000)
        #expect(queue.bytes <= 2_000)
        #expect(rest(&queue).count == 2)
    }
}
