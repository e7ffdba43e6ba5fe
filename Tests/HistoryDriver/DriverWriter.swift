internal import CronCore
internal import Glibc
internal import History
internal import Threads

/// Opens the history as a start of the daemon does, carries out its steps, and says of every record that it is
/// acknowledged once it is. Each line is out before the next thing is done:
///
///     open RUN NEXT          the history is open, and the first record will have this seq
///     append RUN LAST        records up to this seq may be on the disk from now on
///     ack LAST               … and are
///     compact RUN THROUGH    from now on what was acknowledged up to this seq may be as Keep= says
///     compacted NAME         or: not compacted: WHY
///     close, closed
struct DriverWriter {
    private let options: DriverOptions
    private let number: Int
    private let maker: RecordMaker
    private let bell = Bell()
    private let opened: OpenedHistory
    private var next: SequenceNumber
    private var acknowledged: SequenceNumber

    /// How long a disk may refuse before this gives up: the writer tries again each second.
    private static let patience: Int64 = 20

    init(_ options: DriverOptions) throws {
        self.options = options
        number = options.number("run", 1)
        maker = options.maker
        opened = try HistoryStore.open(directory: options.directory, settings: options.settings, bell: bell)
        next = opened.restored.nextSequence
        acknowledged = next - 1
    }

    consuming func run() throws -> Int32 {
        writeLine("open \(number) \(next)")
        var code: Int32 = 0
        do {
            for _ in 0..<options.number("rounds", 1) {
                for step in options.words { try carryOut(step) }
            }
        } catch let error as DriverError {
            complain("\(error)")
            code = 75
        }
        writeLine("close")
        opened.writer.close()
        acknowledge()
        for finding in opened.findings + opened.writer.takeFindings() { writeLine("found \(finding)") }
        writeLine(acknowledged == next - 1 ? "closed" : "closed \(next - 1 - acknowledged) short")
        return code
    }

    private mutating func carryOut(_ step: String) throws {
        let parts = step.split(separator: "=")
        let count = parts.count == 2 ? Int(parts[1]) ?? 0 : 0
        switch parts.first {
        case "append": try append(count)
        case "seal": try seal()
        case "compact": try compactor(through: try seal())()
        case "beside":
            let compact = try compactor(through: try seal() + UInt64(count))
            let thread = try OSThread(name: "compactor", body: compact)
            defer { thread.join() }
            try append(count)
        case "rest": bell.wait(milliseconds: Int32(clamping: count))
        default: throw DriverError("there is no step \(step)")
        }
    }

    /// A few records at a time, and so many of them under way as `--window` says.
    private mutating func append(_ count: Int) throws {
        let window = UInt64(options.number("window", 12))
        let end = next + UInt64(count)
        while next < end {
            let group = min(1 + next % 5, end - next)
            writeLine("append \(number) \(next + group - 1)")
            let records = (next..<next + group).map { maker.record($0, run: number) }
            opened.writer.append(records, needsSync: true)
            next += group
            try waitForSync(of: next - 1, within: window)
        }
        try waitForSync(of: next - 1, within: 0)
    }

    /// Everything so far is in sealed segments. Gives the last `seq` of it.
    @discardableResult
    private func seal() throws -> SequenceNumber {
        let deadline = systemTime() + .seconds(Self.patience)
        while true {
            opened.writer.seal()
            if let newest = newestSegment(), opened.writer.sealedThrough >= newest { return acknowledged }
            guard systemTime() < deadline else { throw DriverError("nothing is sealed: \(opened.writer.diskState)") }
            bell.wait(milliseconds: 20)
        }
    }

    /// nil: the directory cannot be read just now.
    private func newestSegment() -> UInt64? {
        guard let storage = try? PosixStorage(path: options.directory), let names = try? storage.names() else {
            return nil
        }
        return names.compactMap { $0.hasSuffix(".seg") ? UInt64($0.prefix(16), radix: 16) : nil }.max()
    }

    /// A compaction of what is sealed, for whatever thread.
    private func compactor(through last: SequenceNumber) throws -> @Sendable () -> Void {
        let retention = Retention(keep: options.keep)
        let jobs = maker.names.map { ($0, retention) }
        let rules = RetentionRules(
            jobs: Dictionary(jobs, uniquingKeysWith: { first, _ in first }), keepRemoved: .days(90))
        let (writer, number) = (opened.writer, number)
        return {
            writeLine("compact \(number) \(last)")
            do throws(HistoryError) {
                let report = try writer.compact(rules, pace: { _ in true })
                writeLine("compacted \(report?.name ?? "nothing")")
            } catch {
                writeLine("not compacted: \(error)")
            }
        }
    }

    private mutating func waitForSync(of sequence: SequenceNumber, within window: UInt64) throws {
        let deadline = systemTime() + .seconds(Self.patience)
        while true {
            acknowledge()
            if acknowledged + window >= sequence { return }
            guard systemTime() < deadline else {
                throw DriverError("the disk refuses: \(opened.writer.diskState)")
            }
            bell.wait(milliseconds: 500)
        }
    }

    private mutating func acknowledge() {
        let synced = opened.writer.syncedThrough
        guard synced > acknowledged else { return }
        acknowledged = synced
        writeLine("ack \(synced)")
    }
}
