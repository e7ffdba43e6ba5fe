internal import CronCore
internal import History

extension Verb {
    static let why = Verb(
        name: "why",
        operands: "JOB",
        summary: "Tell what became of an occurrence, and why",
        description: """
            Explains one moment of a job from its record and its schedule: whether it ran, was retried, skipped, missed,
            superseded or dropped, is still to come, or was not due at all, and for what reason. A time to the minute
            or the day means every occurrence in it.
            """,
        options: [
            .init("at", value: "TIME", "The moment: \(MomentParser.forms);\nthe latest occurrence if not given"),
            .outputJSON,
        ],
        examples: [
            .init("httpcron why report", "what became of the latest occurrence"),
            .init("httpcron why report --at '2027-03-28 02:30'", "of one at a certain time"),
            .init("httpcron why report --at yesterday", "of all of yesterday's"),
        ],
        run: { try Why.run($0) })
}

/// `httpcron why`.
enum Why {
    /// More explanations than this at once explain nothing.
    private static let most = 10
    /// Records looked at: some weeks of a busy job.
    private static let limit = 50_000

    static func run(_ arguments: ParsedArguments) throws -> Int32 {
        let isJSON = try wantsJSON(arguments)
        guard arguments.operands.count == 1 else { throw UsageError("why takes one JOB; see httpcron why --help") }
        let place = Workplace(arguments)
        let asked = try arguments.moment("at", place.clock)
        let files = place.jobFiles()
        if let failure = files.failure { complain("\(failure)") }
        let history = place.historyIfAny(tellsMissing: true)
        let chosen = try place.jobs(named: arguments.operands, in: history, files)
        guard let id = chosen?.first, chosen?.count == 1 else {
            throw UsageError("why takes one job, and \"\(arguments.operands[0])\" matches several")
        }
        let job = files.byID[id]
        let evidence = Evidence(
            job: job, offset: job?.offset(in: history?.historyID) ?? .zero, records: records(of: id, in: history),
            now: place.clock.now)
        let (moments, isCut) = evidence.moments(in: asked, most: most)
        let text = ExplanationText(job: job, clock: place.clock)
        return try place.show { output in
            let page = WhyPage(id: id, evidence: evidence, text: text, screen: place.screen)
            if !isJSON { page.writeHeading(to: output, files) }
            for moment in moments {
                let explanation = Explanation(of: moment, from: evidence)
                if isJSON { page.writeJSON(explanation, to: output) } else { page.write(explanation, to: output) }
            }
            if isCut, !isJSON { output.write("\nThere are more; name a shorter time.\n") }
            return 0
        }
    }

    /// Oldest first, without the bodies, which explain nothing and are most of the bytes.
    private static func records(of id: JobID, in history: HistorySnapshot?) -> [Record] {
        guard var cursor = history?.newestFirst(jobs: [id]) else { return [] }
        var records: [Record] = []
        while records.count < limit, let record = cursor.next() {
            if case .execution(var execution) = record {
                execution.response.body = nil
                records.append(.execution(execution))
            } else {
                records.append(record)
            }
        }
        return records.reversed()
    }
}

extension Evidence {
    /// The moments to explain: the occurrences of the time asked for, else that time itself; the latest occurrence when
    /// none was asked for. Whether there were more than `most`.
    func moments(in asked: HumanMoment?, most: Int) -> (moments: [Timestamp], isCut: Bool) {
        guard let asked else { return ([latest], false) }
        let end = asked.start + asked.precision
        var found = Set(records.compactMap(\.occurrence).filter { $0 >= asked.start && $0 < end })
        if let job {
            var cursor = asked.start - TimeSpan(microseconds: 1)
            while found.count <= most, let next = job.schedule.next(after: cursor), next < end {
                found.insert(next)
                cursor = next
            }
        }
        guard !found.isEmpty else { return ([asked.start], false) }
        return (Array(found.sorted().prefix(most)), found.count > most)
    }

    /// The newest occurrence that has come, by the record or the schedule.
    private var latest: Timestamp {
        let recorded = records.compactMap(\.occurrence).max()
        let scheduled = job?.schedule.last(before: now - offset + TimeSpan(microseconds: 1))
        let began = records.first { if case .state = $0 { true } else { false } }?.header.account.cursor
        // Before the job was there, its schedule names moments that concern nobody.
        let relevant = scheduled.flatMap { $0 > began ?? $0 - .seconds(1) || recorded != nil ? $0 : nil }
        if let latest = [recorded, relevant].compactMap(\.self).max() { return latest }
        return job?.schedule.next(after: now) ?? now
    }
}
