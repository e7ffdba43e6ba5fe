import CronCore
import History

/// What must be so after a power cut, whatever it left.
struct Survival {
    /// Every record that was ever appended under a number, the last one last.
    let versions: [SequenceNumber: [Record]]
    /// What was acknowledged before the cut.
    let acknowledged: SequenceNumber
    /// What a compaction may have taken away.
    let mayLack: Set<SequenceNumber>
    /// A sync had failed: what it should have made durable may look as if it were, until the power goes, and what is
    /// missing then is told as damage.
    let hasFailedSync: Bool
    /// Power cuts in the middle of a recovery that were tried.
    private(set) var nested = 0

    /// Of a cut before operation `number` of `run`, with so much acknowledged.
    init(_ run: StepwiseRun, before number: Int, acknowledged: SequenceNumber) {
        versions = run.versions
        self.acknowledged = acknowledged
        hasFailedSync = run.recorder.entries.prefix(number).contains {
            if case .failedSync = $0.operation { true } else { false }
        }
        mayLack = run.dropped.reduce(into: []) { if $1.operation <= number { $0.formUnion($1.sequences) } }
    }

    /// Starts on what is left. nil: as it should be. `goingOn`: the power goes again while it recovers, and then it goes
    /// on to write.
    mutating func problem(_ contents: [String: [UInt8]], random: inout RandomSource, goingOn: Bool) -> String? {
        let recorder = Recorder()
        let disk = MemoryDisk(contents, recorder: goingOn ? recorder : nil)
        if let problem = recovery(disk) { return problem }
        guard goingOn else { return nil }
        let entries = recorder.entries
        if !entries.isEmpty {
            nested += 1
            var cut = PowerCut(recorder)
            let count = Int(random.next() % UInt64(entries.count + 1))
            for entry in entries.prefix(count) { cut.take(entry.operation) }
            let choice = Choices.random(cut.ways, names: cut.uncertainNames, random: &random)
            if let problem = recovery(MemoryDisk(cut.contents(choice))) {
                return "a second cut, before operation \(count) of the recovery, choice \(choice): \(problem)"
            }
        }
        return growth(disk)
    }

    private func recovery(_ disk: MemoryDisk) -> String? {
        let before = Self.records(disk)
        if let problem = problem(before.records) { return "as it is found: \(problem)" }
        let restored: RestoredHistory
        do throws(HistoryError) {
            let opened = try HistoryStore.prepare(disk, settings: .fixed(seed: 77))
            restored = opened.restored
            if let finding = opened.findings.first(where: { Self.isWrong($0) }), !hasFailedSync {
                return "a power cut is told of as damage: \(finding)"
            }
        } catch {
            return "the start fails: \(error)"
        }
        let after = Self.records(disk)
        if let problem = problem(after.records) { return "after the start: \(problem)" }
        if let finding = after.damage.first, !hasFailedSync { return "after the start there is damage: \(finding)" }
        if restored.nextSequence <= max(acknowledged, after.records.last?.header.sequence ?? 0) {
            return "after the start record \(restored.nextSequence) would be written again"
        }
        var accounts: [JobID: Account] = [:]
        for record in after.records { accounts[record.header.job] = record.header.account }
        if restored.jobs.mapValues(\.account) != accounts { return "the start restores other accounts" }
        return Aftermath.restart(disk)
    }

    /// Neither lost nor corrupt: what was not acknowledged may be torn.
    private static func isWrong(_ finding: Damage) -> Bool {
        finding.words.contains("corrupt") || finding.words.contains("missing")
    }

    private func problem(_ found: [Record]) -> String? {
        var last: SequenceNumber = 0
        for record in found {
            let number = record.header.sequence
            if number <= last { return "record \(number) after record \(last)" }
            if let lost = lost(between: last, and: number) { return lost }
            let known = versions[number] ?? []
            let isRight = number <= acknowledged ? known.last == record : known.contains(record)
            if !isRight { return "record \(number) is not what was written" }
            last = number
        }
        return lost(between: last, and: acknowledged + 1)
    }

    private func lost(between last: SequenceNumber, and next: SequenceNumber) -> String? {
        let end = min(next, acknowledged + 1)
        guard last + 1 < end, let lost = (last + 1..<end).first(where: { !mayLack.contains($0) }) else { return nil }
        return "record \(lost) was acknowledged, and is lost"
    }

    /// Writes on, and reads all of it.
    private func growth(_ disk: MemoryDisk) -> String? {
        let before = Self.records(disk).records
        do throws(HistoryError) {
            let writer = try StepwiseWriter(disk, settings: .fixed(seed: 76))
            var maker = RecordMaker(seed: 75, after: writer.syncedThrough)
            var records: [Record] = []
            for _ in 0..<3 { records += maker.wholeRun() }
            writer.append(records, needsSync: true)
            writer.settle()
            if Self.records(disk).records != before + records {
                return "what is written after the start is not all there"
            }
            writer.close()
            if Self.records(disk).records != before + records { return "what is written after the start was lost" }
        } catch {
            return "it cannot go on: \(error)"
        }
        return nil
    }

    private static func records(_ disk: MemoryDisk) -> (records: [Record], damage: [Damage]) {
        guard let snapshot = try? HistorySnapshot.open(disk) else { return ([], []) }
        var cursor = snapshot.oldestFirst(jobs: nil)
        var records: [Record] = []
        while let record = cursor.next() { records.append(record) }
        return (records, snapshot.damage)
    }
}
