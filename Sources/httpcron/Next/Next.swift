internal import CronCore
internal import History

extension Verb {
    static let next = Verb(
        name: "next",
        operands: "[JOB…]",
        summary: "Show what is due next, of all jobs, by time",
        description: """
            Shows the coming starts of all jobs, or of those named, merged by time, and how they spread over the next
            hour. Where a job has RandomizedOffset=, the start is that of this host if there is a history, else the
            nominal occurrence. A job that is paused starts when its pause ends, if it says when. Waiting retries are not
            shown; "httpcron list" has them.
            """,
        options: [
            .init("lines", short: "n", value: "N", "How many; 10 if not given"),
            .init("from", value: "TIME", "Look ahead from this time instead of now: \(MomentParser.forms)"),
            .init("histogram", "How many start in each minute of the next hour instead: shows the herds"),
            .outputJSON,
        ],
        examples: [
            .init("httpcron next", "the next ten"),
            .init("httpcron next 'backup-*' -n 3", "of some jobs"),
            .init("httpcron next --histogram --from 'tomorrow 00:00'", "the herd at midnight"),
        ],
        run: { try Next.run($0) })
}

/// `httpcron next`.
enum Next {
    static func run(_ arguments: ParsedArguments) throws -> Int32 {
        let isJSON = try wantsJSON(arguments)
        let limit = try count(arguments.value(of: "lines") ?? "10", option: "-n") ?? .max
        let place = Workplace(arguments)
        let from = try arguments.moment("from", place.clock)?.start ?? place.clock.now
        let starts = ComingStarts(of: try jobs(place), after: from)
        guard starts.first(where: { _ in true }) != nil else {
            if !isJSON { complain("nothing is due any more") }
            return 1
        }
        let table = NextTable(clock: HumanClock(zone: place.clock.zone, now: from), screen: place.screen)
        return try place.show { output in
            if isJSON {
                write(starts, limit, to: output)
            } else if arguments.has("histogram") {
                table.writeHistogram(Histogram(starts, from: from, minutes: 60), to: output)
            } else {
                table.write(starts, limit, to: output)
                if limit > 0 { table.writeSparkline(Histogram(starts, from: from, minutes: 60), to: output) }
            }
            return 0
        }
    }

    private static func jobs(_ place: Workplace) throws(ToolError) -> [UpcomingJob] {
        let files = place.jobFiles()
        if let failure = files.failure { throw ToolError("\(failure)") }
        if !files.failed.isEmpty {
            let count = files.failed.count
            complain(
                "\(count) job file\(count == 1 ? " is" : "s are") in error and not shown; \"httpcron check\" tells more"
            )
        }
        let chosen = try JobSelection(recorded: [], configured: files.names).resolve(place.arguments.operands)
        let history = place.history(ahead: files.jobs)
        let pauses = history?.pauses ?? [:]
        let jobs = files.jobs.filter { $0.isEnabled && chosen?.contains($0.id) ?? true }
        let going = jobs.filter { pauses[$0.id].map { $0.until != nil } ?? true }
        if going.count < jobs.count {
            let count = jobs.count - going.count
            complain(
                "\(count) job\(count == 1 ? " is" : "s are") paused without an end and not shown; \"httpcron status\" "
                    + "tells more")
        }
        return going.map {
            UpcomingJob(
                id: $0.id, schedule: $0.schedule, offset: $0.offset(in: history?.historyID),
                pausedUntil: pauses[$0.id]?.until)
        }
    }

    private static func write(_ starts: ComingStarts, _ limit: Int, to output: Output) {
        var starts = starts
        var left = limit
        while left > 0, output.isOpen, let start = starts.next() {
            var line = JSONLine()
            line.add("job", start.job.text)
            line.add("at", start.startsAt)
            line.write(to: output)
            left -= 1
        }
    }
}

/// The coming starts for people. `clock.now` is the moment looked ahead from.
struct NextTable {
    let clock: HumanClock
    let screen: Screen

    /// Rows whose widths are measured together.
    private static let chunk = 1_000

    func write(_ starts: ComingStarts, _ limit: Int, to output: Output) {
        var starts = starts
        var left = limit
        var table = Table([.init("START"), .init("LEFT", alignsRight: true), .init("JOB")], maxWidth: nil)
        var isFirst = true
        while left > 0, output.isOpen {
            var rows: [[Cell]] = []
            while rows.count < min(left, NextTable.chunk), let start = starts.next() {
                let left = (start.startsAt - clock.now).words
                rows.append([Cell(clock.textWithWeekday(start.startsAt)), Cell(left), Cell(start.job.text)])
            }
            guard !rows.isEmpty else { return }
            left -= rows.count
            table.measure(rows)
            if isFirst { output.write(table.heading(colour: screen.colour)) }
            isFirst = false
            for row in rows { output.write(table.line(row, colour: screen.colour)) }
        }
    }

    /// One line on the coming hour: when it is fullest.
    func writeSparkline(_ histogram: Histogram, to output: Output) {
        guard let peak = histogram.peak else { return }
        let minute = clock.timeOfDay(histogram.moment(ofMinute: peak.minute)).dropLast(3)
        let total = histogram.total
        output.write(
            "\n|\(histogram.sparkline)|\n\(total) start\(total == 1 ? "" : "s") in the next hour, "
                + "at most \(peak.count) in one minute, first at \(minute).\n")
    }

    /// A line for each minute in which something starts.
    func writeHistogram(_ histogram: Histogram, to output: Output) {
        guard let peak = histogram.peak else {
            output.write("Nothing starts in the next hour.\n")
            return
        }
        let digits = String(peak.count).count
        let width = max(10, min(60, (screen.width ?? 80) - 30 - digits))
        for (minute, count) in histogram.counts.enumerated() where count > 0 {
            let length = max(1, count * width / peak.count)
            let number = String(repeating: " ", count: digits - String(count).count) + String(count)
            let bar = String(repeating: "█", count: length)
            let time = clock.text(histogram.moment(ofMinute: minute))
            output.write("\(time)  \(number)  \(screen.colour && count == peak.count ? painted(bar, .warning) : bar)\n")
        }
        output.write("\n\(histogram.total) starts in the next hour.\n")
    }
}
