internal import CronCore
internal import Glibc
internal import History
internal import Threads

/// Holds a history against what its writers said: every acknowledged record is there to the byte, once, in order; and
/// none that nobody wrote. First as a reader beside finds it, then as a start of the daemon does.
struct DriverCheck {
    private let options: DriverOptions
    private let log: DriverLog
    private let maker: RecordMaker
    private var problems: [String] = []
    private var found: [SequenceNumber] = []
    private var damage: [String] = []

    init(_ options: DriverOptions) throws {
        guard let file = options.words.first else { throw DriverError("check wants the log of what was said") }
        self.options = options
        log = try DriverLog(file: file)
        maker = options.maker
    }

    consuming func run() throws -> Int32 {
        // What died before it had made its first segment has nothing that a reader could read.
        if access(options.directory, F_OK) == 0 { try read("before") }
        let before = found
        let bell = Bell()
        let opened = try HistoryStore.open(directory: options.directory, settings: options.settings, bell: bell)
        damage += opened.findings.map { "recovery: \($0)" }
        opened.writer.close()
        try read("after")
        // What an abandoned segment holds behind its end is shown until another one says where that is.
        let bound = options.has("abandons") ? log.acknowledged : .max
        if let lost = Set(before).subtracting(found).min(), lost <= bound { tell("recovery took \(lost) away") }
        let next = opened.restored.nextSequence
        if let last = found.last, next <= last { tell("the next seq is \(next), and \(last) is there") }
        report()
        return problems.isEmpty ? 0 : 1
    }

    private mutating func tell(_ words: String) {
        if problems.count < 20 { problems.append(words) }
    }

    private mutating func read(_ when: String) throws {
        let snapshot = try HistorySnapshot.open(directory: options.directory)
        var cursor = snapshot.oldestFirst(jobs: nil)
        found.removeAll(keepingCapacity: true)
        var kept: [SequenceNumber: Record] = [:]
        while let record = cursor.next() {
            let sequence = record.header.sequence
            if let last = found.last, sequence <= last {
                tell("\(when): \(sequence) follows on \(last)")
            }
            if sequence > log.appended { tell("\(when): \(sequence) was never written") }
            let run = log.run(of: sequence)
            if record != maker.record(sequence, run: run) {
                tell("\(when): \(sequence) is not what run \(run) wrote: \(record)".prefix(600).description)
            }
            found.append(sequence)
            kept[sequence] = record
        }
        damage += snapshot.damage.map { "\(when): \($0)" }
        checkMissing(kept, when)
    }

    /// What was acknowledged and is not there must have had `Keep=` newer ones of its job, or be a start that the record
    /// of its end has made needless; and a compaction.
    private mutating func checkMissing(_ kept: [SequenceNumber: Record], _ when: String) {
        guard log.acknowledged > 0 else { return }
        var newer: [JobID: (executions: Int, notes: Int, any: Int)] = [:]
        var last: SequenceNumber = log.acknowledged
        if let newest = found.last { last = max(last, newest) }
        for sequence in (1...last).reversed() {
            let job = maker.job(sequence)
            let count = newer[job] ?? (0, 0, 0)
            if let record = kept[sequence] {
                newer[job] = (
                    count.executions + (record.isExecution ? 1 : 0), count.notes + (record.isNote ? 1 : 0),
                    count.any + 1
                )
                continue
            }
            if !log.isAcknowledged(sequence), options.has("abandons") { continue }
            // Behind what was acknowledged there may be more, but no holes.
            if sequence > log.compacted {
                tell("\(when): \(sequence) is missing, acknowledged up to \(log.acknowledged)")
                continue
            }
            let lost = maker.record(sequence, run: log.run(of: sequence))
            let excused =
                switch lost {
                case .note: count.notes >= options.keep
                case .state: count.any > 0
                case .execution: count.executions >= options.keep
                case .start: sequence < log.compacted && maker.ends(sequence) || count.executions >= options.keep
                }
            if !excused { tell("\(when): \(sequence) is missing, and Keep= does not say so: \(lost.kind)") }
        }
    }

    private func report() {
        var text = "{\"ok\":\(problems.isEmpty),\"acknowledged\":\(log.acknowledged),\"found\":\(found.count),"
        text += "\"last\":\(found.last ?? 0),\"problems\":\(json(problems)),\"damage\":\(json(damage))"
        if options.has("keeps") { text += ",\"seqs\":[\(found.map(String.init).joined(separator: ","))]" }
        writeLine(text + "}")
    }

    private func json(_ texts: [String]) -> String {
        var output: [UInt8] = []
        output.append(UInt8(ascii: "["))
        for (place, text) in texts.enumerated() {
            if place > 0 { output.append(UInt8(ascii: ",")) }
            JSONWriter.string(text, to: &output)
        }
        output.append(UInt8(ascii: "]"))
        return String(decoding: output, as: UTF8.self)
    }
}

extension Record {
    fileprivate var isExecution: Bool { if case .execution = self { true } else { false } }
    fileprivate var isNote: Bool { if case .note = self { true } else { false } }

    fileprivate var kind: String {
        switch self {
        case .start: "start"
        case .execution: "execution"
        case .note: "note"
        case .state: "state"
        }
    }
}
