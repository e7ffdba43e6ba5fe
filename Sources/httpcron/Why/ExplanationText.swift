internal import CronCore

/// An explanation in sentences.
struct ExplanationText {
    let job: Job?
    let clock: HumanClock

    /// The word of `-o json`.
    static func word(_ verdict: Explanation.Verdict) -> String {
        switch verdict {
        case .succeeded: "success"
        case .failed: "failed"
        case .retrying: "retrying"
        case .running: "running"
        case .pending: "pending"
        case .noted(_, let note): note.reason.words
        case .future: "future"
        case .unaccounted: "unaccounted"
        case .forgotten: "forgotten"
        case .beforeAccounting: "before accounting"
        case .notDue: "not due"
        case .disabled: "disabled"
        case .onDemand: "on demand"
        case .paused: "paused"
        case .unknown: "unknown"
        }
    }

    static func style(_ verdict: Explanation.Verdict) -> Style {
        switch verdict {
        case .succeeded: .good
        case .failed, .unaccounted: .bad
        case .retrying, .noted, .running, .pending, .paused: .warning
        default: .plain
        }
    }

    /// What happened, in one or two sentences.
    func sentence(_ explanation: Explanation) -> String {
        switch explanation.verdict {
        case .succeeded(let record): succeeded(record)
        case .failed(let record): failed(record)
        case .retrying(let record, let at): retrying(record, at)
        case .running(_, let since):
            "An attempt began at \(clock.text(since)) and is not recorded as ended: it is still in flight, or the "
                + "daemon stopped under it; then its next start records it and goes on."
        case .pending(_, let dueAt): pending(dueAt)
        case .noted(let record, let note): noted(record, note)
        case .future(let startsAt): future(explanation.moment, startsAt)
        case .unaccounted(let isKnown):
            "It was due, and the record says nothing of "
                + (isKnown ? "it. Is the daemon running (systemctl status httpcron)?" : "this job at all. ")
                + (isKnown
                    ? "" : "Has a daemon been running, and has it read the job file (systemctl status httpcron)?")
        case .forgotten(let oldest): forgotten(oldest)
        case .beforeAccounting(let began):
            "The job was first seen, changed its schedule or came back at \(clock.text(began)): nothing before that "
                + "moment was due."
        case .notDue(let before, let after): notDue(before, after)
        case .disabled: "The job says Enabled=no: it is never due."
        case .onDemand:
            "The job says OnDemand=yes: it has no schedule and runs only when it is triggered. Nothing triggered it "
                + "at that time."
        case .paused(let pause, let hasCome): paused(pause, hasCome)
        case .unknown:
            "The record says nothing of that time, and no job file that loads says whether the job was due then."
        }
    }

    private func succeeded(_ record: OccurrenceRecord) -> String {
        let count = record.attempts.count
        return count > 1
            ? "It ran and succeeded at attempt \(record.attempts[count - 1].attempt)." : "It ran and succeeded."
    }

    private func failed(_ record: OccurrenceRecord) -> String {
        guard let last = record.attempts.last else { return "It ran and failed." }
        let all = last.attempt >= last.maxAttempts
        let why =
            all ? "" : " It was not tried again: RetryOn= or Delivery= of the job does not allow it for this failure."
        return "It ran and failed for good at attempt \(last.attempt) of \(last.maxAttempts)." + why
    }

    private func retrying(_ record: OccurrenceRecord, _ moment: Timestamp) -> String {
        let next = (record.attempts.last?.attempt ?? 0) + 1
        guard moment > clock.now else {
            return "It ran and failed; attempt \(next) was due at \(clock.text(moment)) and is not recorded as begun. "
                + "Is the daemon running (systemctl status httpcron)?"
        }
        return "It ran and failed; attempt \(next) is due at \(clock.text(moment)), \(clock.distance(to: moment))."
    }

    private func pending(_ dueAt: Timestamp) -> String {
        dueAt > clock.now
            ? "It waits in the record, to start at \(clock.text(dueAt))."
            : "It waits in the record since \(clock.text(dueAt)): it starts first when the daemon starts, or when the "
                + "run before it has ended."
    }

    private func paused(_ pause: Pause, _ hasCome: Bool) -> String {
        let end = pause.until.map { "until \(clock.text($0))" } ?? "until somebody resumes it"
        let by = pause.by.isEmpty ? "" : " by \(pause.by)"
        let reason = pause.reason.isEmpty ? "" : " (\(pause.reason))"
        return "The job is paused since \(clock.text(pause.since))\(by)\(reason), \(end). "
            + (hasCome ? "It did not start; when the pause ends, the record gets a note of it." : "It will not start.")
    }

    private func noted(_ record: OccurrenceRecord, _ note: Note) -> String {
        let began = !record.attempts.isEmpty
        let detail = note.detail.isEmpty ? "" : " (\(note.detail))"
        return reason(note, runBegan: began) + detail + "." + range(note)
    }

    private func reason(_ note: Note, runBegan: Bool) -> String {
        switch note.reason {
        case .missed:
            "It was missed: the daemon was not running, the machine was suspended, or the clock jumped past it"
        case .skippedOverlap:
            "It was skipped: a request of the run before was still in flight, and the job says Overlap=skip"
        case .superseded:
            "It ran and failed, and while it waited for its next attempt the next occurrence came due and took its place"
        case .paused: "The job was paused"
        case .dropped:
            runBegan
                ? "It ran and failed, and its next attempt was dropped"
                : "It was due, and it was dropped before it began"
        case .disk: "It could not be recorded beforehand, as Delivery=at-most-once demands: the disk refused"
        case .lost: "Records were lost while the disk refused them"
        case .clock: "The clock was corrected: it had been ahead by hours, and the accounting went back with it"
        case .overflow: "It was skipped: too many triggered runs of the job were queued already"
        }
    }

    private func range(_ note: Note) -> String {
        guard note.count > 1 else { return "" }
        return " The same goes for \(note.count) occurrences in all, from \(clock.text(note.first)) to "
            + "\(clock.text(note.last))."
    }

    private func future(_ moment: Timestamp, _ startsAt: Timestamp) -> String {
        let offset = startsAt - moment
        let moved = offset == .zero ? "" : ", \(offset.words) after its nominal time by RandomizedOffset="
        return "It is still to come: it starts at \(clock.text(startsAt))\(moved), \(clock.distance(to: startsAt))."
    }

    private func forgotten(_ oldest: Timestamp?) -> String {
        let since = oldest.map { " The oldest record of the job is of \(clock.text($0))." } ?? ""
        return "It was accounted for, and its record is gone: compaction keeps the newest Keep= executions.\(since)"
    }

    private func notDue(_ before: Timestamp?, _ after: Timestamp?) -> String {
        let nearest = [
            before.map { "the last one before it was \(clock.text($0))" },
            after.map { "the first one after it is \(clock.text($0))" } ?? "none follows: it is never due again",
        ].compactMap(\.self)
        return "The job was not due then: " + nearest.joined(separator: ", ") + "."
    }
}
