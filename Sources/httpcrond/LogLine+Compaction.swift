internal import CronCore
internal import History

extension LogLine {
    /// What there is to say of a compaction that ended. `next`: when the next one comes.
    static func lines(_ outcome: CompactionOutcome, next: String) -> [LogLine] {
        var lines: [LogLine] = []
        switch outcome.result {
        case .done(let report):
            lines += findings(report.damage)
            lines.append(line(report, took: outcome.took))
        case .nothingToDo:
            lines.append(LogLine(priority: .debug, message: "there is nothing to compact", kind: .compacted))
        case .gaveUp:
            lines.append(
                LogLine(
                    priority: .info,
                    message:
                        "the compaction is given up for the stop; ten minutes after the next start it is made up for",
                    kind: .compacted))
        case .failed(let error):
            lines.append(
                LogLine(
                    priority: .error,
                    message: "the history is not compacted: \(error); nothing is lost by that, but it goes on growing; "
                        + "free space or mend the disk; it is tried again at \(next)",
                    kind: .compactionFailed))
        }
        if let excess = outcome.excess, !outcome.hasFailed {
            lines.append(
                LogLine(
                    priority: .warning,
                    message:
                        "a compaction does not get the history below its bound: it takes \(excess); raise that, or "
                        + "lower SegmentSize=: two such files are in use, and the newest record of each job always stays",
                    kind: .historyTooLarge))
        }
        return lines
    }

    private static func line(_ report: CompactionReport, took: TimeSpan) -> LogLine {
        LogLine(
            priority: .info,
            message: "compacted the history in \(took.shortForm): \(report.segments) "
                + "\(report.segments == 1 ? "segment" : "segments"), \(report.recordsRead) records to "
                + "\(report.recordsKept), \(report.bytesBefore.inBytes) to \(report.bytesAfter.inBytes)",
            kind: .compacted,
            fields: [
                LogField(name: "SEGMENTS", value: "\(report.segments)"),
                LogField(name: "RECORDS_BEFORE", value: "\(report.recordsRead)"),
                LogField(name: "RECORDS_AFTER", value: "\(report.recordsKept)"),
                LogField(name: "BYTES_BEFORE", value: "\(report.bytesBefore)"),
                LogField(name: "BYTES_AFTER", value: "\(report.bytesAfter)"),
                LogField(name: "DURATION_USEC", value: "\(took.microseconds)"),
                LogField(name: "FILE", value: report.name),
            ])
    }

    /// A file that is full of holes has thousands; the log gets to know of some.
    private static func findings(_ damage: [Damage]) -> [LogLine] {
        var lines = damage.prefix(mostFindings).map {
            LogLine(priority: .warning, message: $0.description, kind: .historyDamaged)
        }
        if damage.count > mostFindings {
            lines.append(
                LogLine(
                    priority: .warning,
                    message: "and \(damage.count - mostFindings) more places like these", kind: .historyDamaged))
        }
        return lines
    }

    private static var mostFindings: Int { 50 }
}
