import CronCore
import History

/// A compaction that ends, by a kill or a power cut, at each of its operations: the old history or the new one, never
/// both, never neither.
struct CompactionCrash {
    let options: Options

    func run() throws -> Int32 {
        var report = Report()
        let histories = options.isLong ? 200 : 8
        let workers = options.workers
        let seed = options.seed
        for compactions in 1...2 {
            let tallies = try Workers.run(workers) { worker in
                var tally = Tally()
                for number in stride(from: worker, to: histories, by: workers) {
                    let name = seed &* 1_000 &+ UInt64(number)
                    do {
                        let crashing = try Crashing(seed: name, compactions: compactions)
                        crashing.run(name: "history \(name)", random: RandomSource(seed: name), &tally)
                    } catch {
                        tally.add("history \(name)", "\(error)")
                    }
                }
                return tally
            }
            report.add(compactions == 1 ? "compactions" : "compactions of what was compacted", Tally.sum(tallies))
        }
        return report.end()
    }
}

/// One history and its compaction.
private struct Crashing {
    private let recorder = Recorder()
    private let old: [Record]
    private let new: [Record]
    private let names: Set<String>
    private let cover: String

    init(seed: UInt64, compactions: Int) throws {
        var maker = RecordMaker(seed: seed)
        var contents: [String: [UInt8]] = [:]
        for number in 0..<compactions {
            let disk = MemoryDisk(contents)
            if number > 0 { try Self.compact(disk, recordBy: nil) }
            let writer = try StepwiseWriter(disk, settings: .fixed(seed: seed &+ UInt64(number)))
            for _ in 0..<maker.number(20...40) {
                // One of the histories is long enough to be written in many pieces.
                let records = seed % 1_000 == 0 ? maker.wholeRun(bodyLength: 200_000) : (0..<3).map { _ in maker.any() }
                writer.append(records, needsSync: true)
                writer.settle(makingSpares: maker.chance(50))
                if maker.chance(10) { writer.seal() }
            }
            writer.close()
            contents = disk.contents
        }
        let disk = MemoryDisk(contents, recorder: recorder)
        old = try disk.records()
        names = Set(contents.keys)
        cover = try Self.compact(disk, recordBy: recorder)
        new = try disk.records()
    }

    @discardableResult
    private static func compact(_ disk: MemoryDisk, recordBy recorder: Recorder?) throws(HistoryError) -> String {
        let rules = RetentionRules(
            jobs: Dictionary(uniqueKeysWithValues: RecordMaker.odd.map { ($0, Retention(keep: 2)) }),
            keepRemoved: .seconds(1 << 30))
        let report = try Compaction.run(
            disk, settings: .fixed(seed: 3), order: CompactionOrder(rules: rules, through: .max)
        ) { _ in true }
        return report?.name ?? ""
    }

    func run(name: String, random: RandomSource, _ tally: inout Tally) {
        var random = random
        var cut = PowerCut(recorder)
        var kill: [String: [UInt8]] = [:]
        for number in 0...recorder.entries.count {
            let ways = cut.ways
            kill = cut.contents(ways.map { $0 - 1 })
            tally.add("\(name), killed before operation \(number)", problem(kill, &tally))
            var choices = Choices.extremes(ways, names: cut.uncertainNames)
            let product = ways.reduce(1) { min($0 * $1, 257) }
            if product <= 256 {
                choices = Choices.all(ways)
            } else {
                for _ in 0..<40 { choices.append(Choices.random(ways, names: cut.uncertainNames, random: &random)) }
                for _ in 0..<10 { choices.append(cut.byPages(random: &random)) }
            }
            for choice in choices {
                tally.add(
                    "\(name), before operation \(number), choice \(choice)", problem(cut.contents(choice), &tally))
            }
            guard number < recorder.entries.count else { break }
            // A write that a kill stops half-way.
            let operation = recorder.entries[number].operation
            if case .write(let file, let offset, let bytes) = operation {
                var half = cut
                half.take(.write(file, offset: offset, bytes: Array(bytes[..<(bytes.count / 2)])))
                let left = half.contents(half.ways.map { $0 - 1 })
                tally.add("\(name), killed in the middle of operation \(number)", problem(left, &tally))
            }
            cut.take(operation)
        }
        tally.count("operations", by: recorder.entries.count)
    }

    private func problem(_ contents: [String: [UInt8]], _ tally: inout Tally) -> String? {
        let disk = MemoryDisk(contents)
        do throws(HistoryError) {
            let before = try disk.records()
            guard before == old || before == new else { return "as it is found: neither the old nor the new history" }
            let findings = try HistoryStore.prepare(disk, settings: .fixed(seed: 97)).findings
            if let finding = findings.first { return "told as damage: \(finding)" }
            let after = try disk.records()
            if after != before { return "the start changes what is read" }
            let isNew = disk.contents.keys.contains(cover)
            tally.count(isNew ? "new" : "old")
            if after != (isNew ? new : old) {
                return "the files are the \(isNew ? "new" : "old") ones, the records not"
            }
            if Set(disk.contents.keys) != (isNew ? [cover] : names) { return "files are left: \(disk.contents.keys)" }
        } catch {
            return "\(error)"
        }
        return Aftermath.restart(disk)
    }
}
