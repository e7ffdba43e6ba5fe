internal import CronCore

/// The human dump: one line an execution or a group of notes.
struct DumpTable {
    static let columns = [
        Table.Column("TIME"), Table.Column("JOB"), Table.Column("STATUS"), Table.Column("HTTP", alignsRight: true),
        Table.Column("ATTEMPT", alignsRight: true), Table.Column("DURATION", alignsRight: true),
        Table.Column("ERROR"),
    ]

    let clock: HumanClock

    func cells(_ row: Row) -> [Cell] {
        switch row {
        case .execution(let execution): cells(execution)
        case .notes(let group): cells(group)
        }
    }

    private func cells(_ execution: Execution) -> [Cell] {
        let failure = execution.response.failure
        let style: Style = failure == nil ? .good : .bad
        return [
            Cell(clock.text(execution.startedAt)),
            Cell(execution.header.job.text),
            Cell(failure == nil ? "success" : "failed", style),
            Cell(execution.response.httpStatus.map(String.init) ?? "-"),
            Cell("\(execution.attempt)/\(execution.maxAttempts)"),
            Cell(execution.duration.words),
            Cell(remark(execution)),
        ]
    }

    /// What went wrong and what comes of it: `HTTP 500, again at 10:05:15`.
    private func remark(_ execution: Execution) -> String {
        var parts: [String] = []
        if let failure = execution.response.failure { parts.append(failureWords(failure)) }
        if let next = execution.nextAttemptAt {
            let isSameDay = clock.isSameDay(next, execution.startedAt)
            parts.append("next attempt at \(isSameDay ? clock.timeOfDay(next) : clock.text(next))")
        }
        return parts.joined(separator: ", ")
    }

    private func cells(_ group: NoteGroup) -> [Cell] {
        [
            Cell(clock.text(group.recordedAt)),
            Cell(group.job.text),
            Cell(group.reason.words, .warning),
            .empty, .empty, .empty,
            Cell(noteWords(group, clock), .faint),
        ]
    }
}

/// `HTTP 500`, `connect_refused`, with what the daemon had to say of it.
func failureWords(_ failure: Failure) -> String {
    let name = failure.code == "http_status" ? failure.error : failure.code
    return failure.detail.isEmpty ? name : "\(name): \(failure.detail)"
}

/// `12 occurrences, 10:05:00 to 10:16:00`; with dates where they are not that of the line.
func noteWords(_ group: NoteGroup, _ clock: HumanClock) -> String {
    let isSameDay = clock.isSameDay(group.first, group.recordedAt) && clock.isSameDay(group.last, group.recordedAt)
    func shown(_ moment: Timestamp) -> String { isSameDay ? clock.timeOfDay(moment) : clock.text(moment) }
    let range = group.first == group.last ? shown(group.first) : "\(shown(group.first)) to \(shown(group.last))"
    let noun = group.reason == .lost ? "record" : "occurrence"
    let text = group.count == 1 ? "occurrence of \(range)" : "\(group.count) \(noun)s, \(range)"
    return group.detail.isEmpty ? text : "\(text): \(group.detail)"
}
