internal import CronCore

/// What became of a moment, and why: the answer of `httpcron why`. A decision and nothing else; it reads no clock and
/// no file.
struct Explanation: Equatable {
    let moment: Timestamp
    let verdict: Verdict

    /// The answers there are. Their names are those of `-o json`.
    enum Verdict: Equatable {
        case succeeded(OccurrenceRecord)
        case failed(OccurrenceRecord)
        /// Failed, and its next attempt is due at the moment given.
        case retrying(OccurrenceRecord, at: Timestamp)
        case running(OccurrenceRecord, since: Timestamp)
        /// Has still to begin, or to go on: queued, triggered, or cut short by a stop.
        case pending(OccurrenceRecord, dueAt: Timestamp)
        /// Gave no run, or its run ended early, for the reason of the last note.
        case noted(OccurrenceRecord, Note)
        /// Still to come; it starts at `startsAt`, later than its nominal time by the job's offset.
        case future(startsAt: Timestamp)
        /// Its time has come and nothing accounts for it yet; whether the record knows the job at all.
        case unaccounted(isKnown: Bool)
        /// It was accounted for, and the record of it is gone.
        case forgotten(oldest: Timestamp?)
        /// Before the job was first seen, or its schedule changed to the present one.
        case beforeAccounting(began: Timestamp)
        /// The schedule names no such moment.
        case notDue(before: Timestamp?, after: Timestamp?)
        case disabled
        case onDemand
        /// The job is paused, and was or will be then; whether its time has come.
        case paused(Pause, hasCome: Bool)
        /// Neither the record nor a job file says anything.
        case unknown
    }
}

/// What an explanation is drawn from.
struct Evidence {
    /// The job as its file has it now; nil: there is none that loads.
    var job: Job?
    /// The job's offset on this host.
    var offset: TimeSpan = .zero
    /// The records of the job, oldest first.
    var records: [Record]
    var now: Timestamp

    /// The pause that the job is in by its newest record.
    var pause: Pause? {
        var newestFirst = records.reversed().makeIterator()
        return Record.pause { newestFirst.next() }
    }
}

extension Explanation {
    /// Explains the moment `occurrence`, which may or may not be one.
    init(of occurrence: Timestamp, from evidence: Evidence) {
        moment = occurrence
        let record = OccurrenceRecord(occurrence, in: evidence.records)
        verdict = Explanation.recorded(record) ?? Explanation.unrecorded(occurrence, evidence)
    }

    /// The verdict of the record; nil: it says nothing.
    private static func recorded(_ record: OccurrenceRecord) -> Verdict? {
        if let start = record.begun.last { return .running(record, since: start.startedAt) }
        if let pending = record.pending { return .pending(record, dueAt: pending.dueAt) }
        if let last = record.attempts.last {
            if last.succeeded { return .succeeded(record) }
            let ending = record.notes.last { $0.run == last.run.id && $0.header.sequence > last.header.sequence }
            if let ending { return .noted(record, ending) }
            if let next = last.nextAttemptAt { return .retrying(record, at: next) }
            return .failed(record)
        }
        return record.notes.last.map { .noted(record, $0) }
    }

    private static func unrecorded(_ moment: Timestamp, _ evidence: Evidence) -> Verdict {
        guard let job = evidence.job else { return .unknown }
        guard job.isEnabled else { return .disabled }
        if job.schedule == .onDemand { return .onDemand }
        guard job.schedule.names(moment) else {
            return .notDue(before: job.schedule.last(before: moment), after: job.schedule.next(after: moment))
        }
        let startsAt = moment + evidence.offset
        if let pause = evidence.pause, startsAt >= pause.since, pause.until.map({ startsAt < $0 }) ?? true {
            return .paused(pause, hasCome: startsAt <= evidence.now)
        }
        if startsAt > evidence.now { return .future(startsAt: startsAt) }
        if let began = accountingBegan(evidence), moment <= began { return .beforeAccounting(began: began) }
        guard let account = evidence.records.last?.header.account, moment <= account.cursor else {
            return .unaccounted(isKnown: !evidence.records.isEmpty)
        }
        return .forgotten(oldest: evidence.records.first?.header.recordedAt)
    }

    /// Where the present accounting starts, if the record still knows.
    private static func accountingBegan(_ evidence: Evidence) -> Timestamp? {
        for case .state(let state) in evidence.records.reversed() where state.kind == .accountingBegan {
            return state.header.account.cursor
        }
        return nil
    }
}

extension Schedule {
    /// Whether `moment` is one of its occurrences.
    func names(_ moment: Timestamp) -> Bool {
        next(after: moment - TimeSpan(microseconds: 1)) == moment
    }

    /// The last occurrence before `moment`; nil: there is none within ten years.
    func last(before moment: Timestamp) -> Timestamp? {
        latest(atOrBefore: moment - TimeSpan(microseconds: 1), after: moment - .days(3_653))
    }
}
