internal import CronCore

/// What a check found, told.
struct CheckReport {
    private let found: CheckFindings
    private let clock: HumanClock
    private let screen: Screen

    init(_ found: CheckFindings, clock: HumanClock, screen: Screen) {
        self.found = found
        self.clock = clock
        self.screen = screen
    }

    func write(to output: Output) {
        for diagnostic in found.diagnostics {
            let text = escapedForTerminal("\(diagnostic)")
            let style: Style = diagnostic.severity == .error ? .bad : .warning
            output.write((screen.colour ? painted(text, style) : text) + "\n")
        }
        output.write(summary + "\n")
    }

    func writeJSON(to output: Output) {
        for diagnostic in found.diagnostics {
            var line = JSONLine()
            line.add("file", diagnostic.file)
            line.add("line", diagnostic.line)
            line.add("severity", diagnostic.severity == .error ? "error" : "warning")
            line.add("message", diagnostic.message)
            line.write(to: output)
        }
    }

    var summary: String {
        let errors = found.diagnostics.count { $0.severity == .error }
        let warnings = found.diagnostics.count - errors
        let files = counted(found.fileCount, "job file")
        guard errors + warnings > 0 else { return "\(files), no mistakes." }
        return "\(files), \(counted(errors, "error")), \(counted(warnings, "warning"))."
    }
}

/// `1 error`, `2 errors`.
func counted(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
}

/// The coming starts of one job, in UTC and by the clocks of its own zone.
struct Preview {
    let job: Job
    let offset: TimeSpan
    let from: Timestamp
    let count: Int

    /// The coming occurrences, and what a change of the clocks does to them.
    var occurrences: [(moment: Timestamp, remark: String?)] {
        var found: [(Timestamp, String?)] = []
        var before = job.schedule.last(before: from + TimeSpan(microseconds: 1))
        var cursor = from - offset
        while found.count < count, let next = job.schedule.next(after: cursor) {
            found.append((next, daylightRemark(next, of: job.schedule, after: before)))
            (before, cursor) = (next, next)
        }
        return found
    }

    func write(to output: Output, _ screen: Screen) {
        let zone: TimeZoneRules = if case .cron(_, let zone) = job.schedule { zone } else { .utc }
        let utc = HumanClock(zone: .utc, now: from)
        let local = HumanClock(zone: zone, now: from)
        output.write("\n\(escapedForTerminal(job.name)): \(escapedForTerminal(job.schedule.inWords))")
        output.write(offset == .zero ? "\n" : ", \(offset.words) late by RandomizedOffset=\n")
        guard job.isEnabled else {
            output.write("  Enabled=no: never due\n")
            return
        }
        let occurrences = occurrences
        guard !occurrences.isEmpty else {
            output.write(job.schedule == .onDemand ? "  only when triggered\n" : "  never again\n")
            return
        }
        let rows = occurrences.map { occurrence in
            let start = occurrence.moment + offset
            return [
                Cell("  " + utc.textWithWeekday(start)), Cell(zone.name == "UTC" ? "" : local.textWithWeekday(start)),
                Cell(occurrence.remark ?? "", .warning),
            ]
        }
        var table = Table([.init(""), .init(""), .init("")], maxWidth: nil)
        table.measure(rows)
        for row in rows { output.write(table.line(row, colour: screen.colour)) }
    }

    func writeJSON(to output: Output) {
        for occurrence in occurrences where job.isEnabled {
            var line = JSONLine()
            line.add("job", job.id.text)
            line.add("at", occurrence.moment + offset)
            line.add("remark", occurrence.remark)
            line.write(to: output)
        }
    }
}
