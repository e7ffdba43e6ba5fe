internal import CronCore

/// The jobs for people.
struct ListTable {
    private let clock: HumanClock
    private let screen: Screen
    private static let columns = [
        Table.Column("JOB"), Table.Column("STATE"), Table.Column("LAST"), Table.Column("RESULT"),
        Table.Column("NEXT"), Table.Column("FAILURES", alignsRight: true), Table.Column("SCHEDULE"),
    ]

    init(_ clock: HumanClock, _ screen: Screen) {
        self.clock = clock
        self.screen = screen
    }

    func write(_ standings: [Standing], to output: Output) {
        let rows = standings.map(cells)
        var table = Table(ListTable.columns, maxWidth: screen.width)
        table.measure(rows)
        if !rows.isEmpty { output.write(table.heading(colour: screen.colour)) }
        for row in rows { output.write(table.line(row, colour: screen.colour)) }
        output.write((rows.isEmpty ? "" : "\n") + summary(standings) + "\n")
    }

    private func cells(_ standing: Standing) -> [Cell] {
        let failures = standing.failuresInARow
        return [
            Cell(standing.id.text),
            Cell(standing.state.rawValue, standing.state.style),
            Cell(standing.last.map { clock.text($0.startedAt) } ?? "-"),
            Cell(result(standing.last), standing.last.map { $0.succeeded ? .plain : .bad } ?? .plain),
            Cell(next(standing)),
            Cell(failures == 0 ? "-" : String(failures), failures == 0 ? .plain : .bad),
            Cell(schedule(standing)),
        ]
    }

    private func result(_ last: Execution?) -> String {
        guard let last else { return "-" }
        guard let failure = last.response.failure else {
            return "success" + (last.response.httpStatus.map { " \($0)" } ?? "")
        }
        return failure.code == "http_status" ? failure.error : failure.code
    }

    /// The sooner of the next attempt and the next occurrence.
    private func next(_ standing: Standing) -> String {
        if let retry = standing.retryAt, retry <= standing.nextAt ?? retry { return clock.text(retry) }
        return standing.nextAt.map(clock.text) ?? "-"
    }

    private func schedule(_ standing: Standing) -> String {
        if let mistake = standing.mistake { return mistake }
        guard let schedule = standing.job?.schedule else { return "" }
        if case .at(let moment) = schedule { return "once, at \(clock.text(moment))" }
        return schedule.inWords
    }

    private func summary(_ standings: [Standing]) -> String {
        guard !standings.isEmpty else { return "No jobs." }
        var parts = ["\(standings.count) job\(standings.count == 1 ? "" : "s")"]
        let failing = standings.count { $0.failuresInARow > 0 }
        let inError = standings.count { $0.job == nil }
        if failing > 0 { parts.append("\(failing) failing") }
        if inError > 0 { parts.append("\(inError) in error: \"httpcron check\" tells more") }
        return parts.joined(separator: ", ") + "."
    }
}
