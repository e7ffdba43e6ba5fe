internal import Configuration
internal import CronCore

/// Explanations of one job, written.
struct WhyPage {
    let id: JobID
    let evidence: Evidence
    let text: ExplanationText
    let screen: Screen

    func writeHeading(to output: Output, _ files: JobFiles) {
        var line = id.text
        if let job = evidence.job {
            line += ": \(job.schedule.inWords)"
            if !job.isEnabled { line += ", disabled" }
        } else if let failed = files.failed.first(where: { $0.name == id.text }) {
            line += ": its file is in error; a running daemon keeps its last good version\n"
            line += failed.diagnostics.map { "  \($0)" }.joined(separator: "\n")
        } else {
            line += ": there is no job file any more"
        }
        output.write(line.split(separator: "\n").map { escapedForTerminal(String($0)) + "\n" }.joined())
    }

    func write(_ explanation: Explanation, to output: Output) {
        let moment = explanation.moment
        var heading = text.clock.textWithWeekday(moment)
        if text.clock.zone.offset(at: moment) != 0 {
            heading += " (\(HumanClock(zone: .utc, now: moment).text(moment)))"
        }
        output.write("\n\(heading)\n")
        let sentence = escapedForTerminal(text.sentence(explanation))
        let style = ExplanationText.style(explanation.verdict)
        output.write((screen.colour ? painted(sentence, style) : sentence) + "\n")
        if let remark = clockRemark(explanation) { output.write(escapedForTerminal(remark) + "\n") }
        writeRecords(of: explanation.verdict, to: output)
    }

    /// What a change of the clocks has to do with it; nil: nothing.
    private func clockRemark(_ explanation: Explanation) -> String? {
        guard let job = evidence.job, case .cron(_, let zone) = job.schedule else { return nil }
        if case .notDue = explanation.verdict { return clockChange(near: explanation.moment, in: zone, text.clock) }
        guard job.schedule.names(explanation.moment) else { return nil }
        return daylightRemark(explanation.moment, of: job.schedule, after: nil).map {
            "By the clocks of \(zone.name), \($0)."
        }
    }

    /// The attempts and notes that say so.
    private func writeRecords(of verdict: Explanation.Verdict, to output: Output) {
        guard let record = verdict.record else { return }
        let run = record.attempts.first?.run ?? record.begun.first?.run
        if let run {
            var line = "Run \(run.id), triggered by \(run.trigger.word)"
            if let cause = run.cause { line += " of \(cause.job) (execution \(cause.execution))" }
            output.write(escapedForTerminal(line) + "\n")
        }
        let shown = DumpTable(clock: text.clock)
        let rows =
            record.attempts.map { shown.cells(.execution($0)) }
            + record.notes.map { shown.cells(.notes(NoteGroup($0))) }
        guard !rows.isEmpty else { return }
        var table = Table(DumpTable.columns, maxWidth: nil)
        table.measure(rows)
        output.write("\n" + table.heading(colour: screen.colour))
        for row in rows { output.write(table.line(row, colour: screen.colour)) }
    }

    func writeJSON(_ explanation: Explanation, to output: Output) {
        var line = JSONLine()
        line.add("job", id.text)
        line.add("at", explanation.moment)
        line.add("verdict", ExplanationText.word(explanation.verdict))
        line.add("explanation", ExplanationText(job: text.job, clock: text.clock.inUTC).sentence(explanation))
        let record = explanation.verdict.record
        let run = record?.attempts.first?.run ?? record?.begun.first?.run
        line.add("run_id", run?.id.description)
        line.add("trigger", run?.trigger.word)
        line.add("executions", record?.attempts.map(\.id.description) ?? [])
        line.write(to: output)
    }
}

extension Explanation.Verdict {
    /// What the record holds of the moment; nil: nothing.
    var record: OccurrenceRecord? {
        switch self {
        case .succeeded(let record), .failed(let record), .retrying(let record, _), .running(let record, _),
            .pending(let record, _), .noted(let record, _):
            record
        case .future, .unaccounted, .forgotten, .beforeAccounting, .notDue, .disabled, .onDemand, .paused, .unknown: nil
        }
    }
}

extension HumanClock {
    var inUTC: HumanClock { HumanClock(zone: .utc, now: now) }
}
