import CronCore
import Glibc
import History

/// A run of the daemon's writing, in random steps, on a disk that records them: with and without spares, with a disk
/// that fails now and then, and with kills after which it starts again.
struct StepwiseRun {
    let recorder = Recorder()
    /// Every record that was appended under a number, oldest first. One that never reached the disk leaves its number
    /// to another.
    private(set) var versions: [SequenceNumber: [Record]] = [:]
    /// What compactions took away, and what a failing disk and a kill lost before it was acknowledged; and before which
    /// operation that began: it may be gone from there on.
    private(set) var dropped: [(operation: Int, sequences: Set<SequenceNumber>)] = []
    private let disk: MemoryDisk
    private let settings: HistorySettings
    private var maker: RecordMaker
    private let character: Character

    var contents: [String: [UInt8]] { disk.contents }

    /// What was written at the end, when the disk was well again.
    private var end: SequenceNumber = 0

    /// What must be in the history at the end: all that was written, and neither dropped nor lost before it was
    /// acknowledged.
    var truth: [Record] {
        let gone = dropped.reduce(into: Set()) { $0.formUnion($1.sequences) }
        return versions.filter { $0.key <= end && !gone.contains($0.key) }.sorted { $0.key < $1.key }
            .compactMap { $0.value.last }
    }

    /// What a run is like.
    struct Character: Sendable {
        var makesSpares = true
        /// Percent of the operations that fail.
        var faults = 0
        /// Percent of the steps that are kills.
        var kills = 0
        /// Percent of the steps that are compactions, with the writer going on meanwhile.
        var compactions = 0
        var steps = 120
        var longestBody = 300
    }

    init(seed: UInt64, _ character: Character) throws(HistoryError) {
        self.character = character
        maker = RecordMaker(seed: seed)
        disk = MemoryDisk(recorder: recorder)
        settings = .fixed(seed: seed)
        if character.faults > 0 {
            let random = SharedRandom(seed: seed ^ 0xfa)
            let percent = UInt64(character.faults)
            disk.fail { _, operation in Self.fault(operation, random, percent: percent) }
        }
        try go()
    }

    private static func fault(_ operation: Operation, _ random: SharedRandom, percent: UInt64) -> MemoryDisk.Fault? {
        guard random.next() % 100 < percent else { return nil }
        if case .write = operation, random.next() % 2 == 0 { return .short }
        return .error(random.next() % 2 == 0 ? EIO : ENOSPC)
    }

    private mutating func go() throws(HistoryError) {
        var writer = try start()
        for _ in 0..<character.steps {
            if maker.chance(character.compactions) { try compact(beside: writer) }
            if maker.chance(2), maker.chance(character.kills) { writer = try start() }
            step(writer)
        }
        disk.fail { _, _ in nil }
        writer.second()
        writer.settle()
        if maker.chance(50) { writer.close() }
        end = writer.writtenThrough
    }

    private mutating func step(_ writer: StepwiseWriter) {
        switch maker.number(0...97) {
        case 0..<30: append(to: writer)
        case 30..<55: writer.write()
        case 55..<85: writer.sync()
        case 85..<92: if character.makesSpares { writer.makeSpare() }
        case 92..<95: writer.seal()
        default: writer.second()
        }
    }

    /// Compacts what is final, to a few records a job.
    private mutating func compact(beside writer: StepwiseWriter) throws(HistoryError) {
        let operation = recorder.entries.count
        let before = try Set(disk.records().map(\.header.sequence))
        let rules = RetentionRules(
            jobs: Dictionary(uniqueKeysWithValues: maker.jobs.map { ($0, Retention(keep: 3)) }),
            keepRemoved: .seconds(1 << 30))
        let order = CompactionOrder(rules: rules, through: writer.sealedThrough)
        do throws(HistoryError) {
            _ = try Compaction.run(disk, settings: settings, order: order) { _ in
                step(writer)
                return true
            }
        } catch {
            guard case .system = error else {
                guard case .noRoom = error else { throw error }
                return
            }
        }
        let after = try Set(disk.records().map(\.header.sequence))
        if !after.isSuperset(of: before) { dropped.append((operation, before.subtracting(after))) }
    }

    /// Opens what there is, as a start does. A disk that refuses even that is tried again until it does not.
    private mutating func start() throws(HistoryError) -> StepwiseWriter {
        var last: HistoryError?
        let acknowledged = recorder.acknowledged
        for _ in 0..<1_000 {
            do throws(HistoryError) {
                let writer = try StepwiseWriter(disk, settings: settings)
                try noteLost(after: acknowledged, before: writer.syncedThrough + 1)
                recorder.follow(writer.acknowledgement)
                maker.goOn(after: writer.syncedThrough)
                return writer
            } catch {
                last = error
                if case .system = error { continue }
                throw error
            }
        }
        throw last ?? .unsteady(path: disk.path)
    }

    /// The numbers of records that were torn are not given again where the next segment's header says so.
    private mutating func noteLost(
        after acknowledged: SequenceNumber, before next: SequenceNumber
    ) throws(HistoryError) {
        guard acknowledged + 1 < next else { return }
        let lost = try Set(acknowledged + 1..<next).subtracting(disk.records().map(\.header.sequence))
        if !lost.isEmpty { dropped.append((recorder.entries.count, lost)) }
    }

    private mutating func append(to writer: StepwiseWriter) {
        let records = maker.chance(30) ? maker.wholeRun(bodyLength: character.longestBody) : [maker.any()]
        for record in records { versions[record.header.sequence, default: []].append(record) }
        writer.append(records, needsSync: maker.chance(80))
    }
}

extension MemoryDisk {
    /// All that a reader finds.
    func records() throws(HistoryError) -> [Record] {
        var cursor = try HistorySnapshot.open(self).oldestFirst(jobs: nil)
        var records: [Record] = []
        while let record = cursor.next() { records.append(record) }
        return records
    }
}
