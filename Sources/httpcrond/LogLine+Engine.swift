internal import CronCore

extension LogLine {
    /// The words, the level and the fields of what the engine has to say. One line an attempt.
    init(_ entry: LogEntry) {
        switch entry {
        case .succeeded(let execution, let lateness, let recorded):
            let late = lateness > .seconds(1) ? ", \(lateness.shortForm) late" : ""
            self.init(.info, .succeeded, execution, recorded, "\(execution.resultWords)\(late)")
        case .willRetry(let execution, let recorded):
            let next = execution.nextAttemptAt.map { "; next at \($0.iso8601)" } ?? ""
            self.init(.notice, .willRetry, execution, recorded, "\(execution.resultWords)\(next)")
        case .runFailed(let execution, let recorded):
            self.init(.warning, .runFailed, execution, recorded, "run failed: \(execution.resultWords)")
        case .failing(let execution, let failures, let recorded):
            let runs = failures == 1 ? "" : " (\(failures) runs in a row)"
            self.init(.error, .failing, execution, recorded, "now failing\(runs): \(execution.resultWords)")
        case .recovered(let execution, let recorded):
            self.init(.notice, .recovered, execution, recorded, "works again: \(execution.resultWords)")
        case .redirectNotFollowed(let job, let location):
            self.init(
                .warning, .redirectNotFollowed, job,
                "redirected to \(location.printable), which is not followed; set MaxRedirects= or correct URL=")
        case .noted(let note):
            self.init(.notice, .noted, note.header.job, note.words)
            fields.append(LogField(name: "REASON", value: note.reason.words))
        case .clockStepped(let by):
            self.init(
                priority: .notice, message: "the system's clock was set \(by.signedWords)", kind: .clockStepped)
        case .clockCorrected(let job, let cursor):
            self.init(
                .warning, .clockCorrected, job,
                "its last occurrence, \(cursor.iso8601), lies ahead of the clock; its schedule goes on from now")
        case .triggerTargetMissing(let job, let target):
            self.init(
                .warning, .triggerTargetMissing, job,
                "triggers the job \(target), which is not loaded; add \(target).job or correct OnFailure=/OnRecovery=")
        case .holdingForClock:
            self.init(
                priority: .warning,
                message: "the system's clock is behind the newest record or this program's release; "
                    + "scheduled calls wait up to 2 min for it to be set",
                kind: .holdingForClock)
        case .holdEnded(let clockIsBehind):
            let words =
                clockIsBehind
                ? "the clock was not set within 2 min; scheduled calls begin all the same"
                : "the clock was set; scheduled calls begin"
            self.init(priority: clockIsBehind ? .warning : .notice, message: words, kind: .holdingForClock)
        case .runRequested(let job, let run, let by):
            self.init(.notice, .runRequested, job, "a run is asked for by \(by)")
            fields += [LogField(name: "RUN_ID", value: run.description), LogField(name: "BY", value: by)]
        case .paused(let job, let pause):
            self.init(.notice, .paused, job, pause.words)
            fields.append(LogField(name: "BY", value: pause.by))
        case .resumed(let job, let by):
            self.init(.notice, .resumed, job, by.isEmpty ? "its pause is over" : "resumed by \(by)")
            fields.append(LogField(name: "BY", value: by))
        case .nextMoved(let job, let from, let to):
            self.init(
                .notice, .zoneDataChanged, job,
                "new time zone data moved its next call from \(from?.iso8601 ?? "never") to \(to?.iso8601 ?? "never")")
        }
    }

    private init(_ priority: LogPriority, _ kind: LogKind, _ job: JobID, _ words: String) {
        self.init(
            priority: priority, message: "\(job): \(words)", kind: kind,
            fields: [LogField(name: "JOB", value: job.text)])
    }

    private init(
        _ priority: LogPriority, _ kind: LogKind, _ execution: Execution, _ recorded: Bool, _ words: String
    ) {
        self.init(priority, kind, execution.header.job, words)
        fields += [
            LogField(name: "RUN_ID", value: execution.run.id.description),
            LogField(name: "EXECUTION_ID", value: execution.id.description),
            LogField(name: "ATTEMPT", value: "\(execution.attempt)"),
            LogField(name: "STATUS", value: execution.succeeded ? "success" : "failed"),
            LogField(name: "DURATION_USEC", value: "\(execution.duration.microseconds)"),
        ]
        if let status = execution.response.httpStatus {
            fields.append(LogField(name: "HTTP_STATUS", value: "\(status)"))
        }
        if let failure = execution.response.failure {
            fields.append(LogField(name: "ERROR_CODE", value: failure.code))
        }
        if !recorded { fields.append(LogField(name: "RECORDED", value: "no")) }
    }
}

extension LogEntry {
    /// What the rate of its line is limited by, if by anything. Asked before the line is put into words, which costs
    /// more than all else about it.
    var flood: LogFlood? {
        switch self {
        case .succeeded: .successes
        case .willRetry, .runFailed: .failures
        default: nil
        }
    }
}

extension Execution {
    /// `HTTP 200 in 12 ms`, `connect_refused in 1 ms, attempt 2 of 4: …`.
    fileprivate var resultWords: String {
        let result: String
        if let failure = response.failure {
            result = failure.code == "http_status" ? failure.error : failure.code
        } else {
            result = "HTTP \(response.httpStatus ?? 0)"
        }
        let which = attempt == 1 && succeeded ? "" : ", attempt \(attempt) of \(maxAttempts)"
        let detail = response.failure.map { $0.detail.isEmpty ? "" : ": \($0.detail.printable)" } ?? ""
        return "\(result) in \(duration.shortForm)\(which)\(detail)"
    }
}

extension Pause {
    fileprivate var words: String {
        let until = until.map { " until \($0.iso8601)" } ?? ""
        return "paused\(until) by \(by)\(reason.isEmpty ? "" : ": \(reason.printable)")"
    }
}

extension Note {
    /// `missed 12 occurrences, 2026-01-01T00:00:00Z to …`.
    fileprivate var words: String {
        let range = first == last ? first.iso8601 : "\(first.iso8601) to \(last.iso8601)"
        let what = count == 1 ? "\(reason.words), occurrence" : "\(reason.words), \(count) occurrences,"
        return "\(what) \(range)\(detail.isEmpty ? "" : " (\(detail.printable))")"
    }
}

extension TimeSpan {
    /// Rounded for a person: `850 µs`, `12 ms`, `1.52 s`, `2 min 5 s`.
    var shortForm: String {
        let value = microseconds < 0 ? 0 : microseconds
        switch value {
        case ..<1_000: return "\(value) µs"
        case ..<1_000_000: return "\(value / 1_000) ms"
        case ..<60_000_000:
            let hundredths = value / 10_000
            let fraction = hundredths % 100
            return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction) s"
        case ..<3_600_000_000: return "\(value / 60_000_000) min \(value / 1_000_000 % 60) s"
        default: return "\(value / 3_600_000_000) h \(value / 60_000_000 % 60) min"
        }
    }

    fileprivate var signedWords: String {
        microseconds < 0
            ? "back by \(TimeSpan(microseconds: -max(microseconds, -.max)).shortForm)" : "forward by \(shortForm)"
    }
}

extension String {
    /// With control characters escaped: what a server sent must do nothing to a terminal or a log.
    var printable: String {
        guard unicodeScalars.contains(where: { $0.value < 0x20 || 0x7f...0x9f ~= $0.value }) else { return self }
        return unicodeScalars.reduce(into: "") { text, scalar in
            let isControl = scalar.value < 0x20 || 0x7f...0x9f ~= scalar.value
            text += isControl ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
        }
    }
}
