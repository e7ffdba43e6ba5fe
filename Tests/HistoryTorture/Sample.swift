import CronCore
import Glibc
import History

/// Writes histories to a directory, and beside each what is in it, field by field: for a decoder that shares no code.
struct Sample {
    let options: Options

    func run() throws -> Int32 {
        guard options.words.count == 2 else { return 2 }
        let directory = options.words[1]
        for form in Fixture.Form.allCases {
            let fixture = try Fixture(form, seed: options.seed, segmentSize: 64 << 10)
            try write(fixture.contents, fixture.truth, to: "\(directory)/\(form.rawValue)")
        }
        let characters: [(name: String, character: StepwiseRun.Character)] = [
            ("plain", .init(steps: 400, longestBody: 2_048)),
            ("killed", .init(makesSpares: false, kills: 100, steps: 600)),
            ("refused", .init(faults: 5, kills: 50, steps: 600)),
            ("compacted", .init(compactions: 2, steps: 800)),
        ]
        for (name, character) in characters {
            for number in 0..<(options.isLong ? 100 : 2) as Range<UInt64> {
                let run = try StepwiseRun(seed: options.seed &* 7_919 &+ number, character)
                try write(run.contents, run.truth, to: "\(directory)/\(name)-\(number)")
            }
        }
        return 0
    }

    private func write(_ contents: [String: [UInt8]], _ truth: [Record], to directory: String) throws(SystemError) {
        mkdir(directory, 0o755)
        mkdir("\(directory)/history", 0o755)
        for (name, bytes) in contents { try write(bytes, to: "\(directory)/history/\(name)") }
        let lines = truth.map { $0.fields.text + "\n" }.joined()
        try write(Array(lines.utf8), to: "\(directory)/truth.jsonl")
    }

    private func write(_ bytes: [UInt8], to path: String) throws(SystemError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        guard descriptor >= 0 else { throw SystemError(operation: "open", errno: errno, path: path) }
        defer { close(descriptor) }
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress?.advanced(by: done), bytes.count - done)
            }
            guard count > 0 else { throw SystemError(operation: "write", errno: errno, path: path) }
            done += count
        }
    }
}

/// A JSON object whose texts are hexadecimal, so that nothing is lost on the way.
private struct Fields {
    private(set) var parts: [String] = []

    var text: String { "{" + parts.joined(separator: ",") + "}" }

    mutating func add(_ key: String, _ value: (some BinaryInteger)?) {
        parts.append("\"\(key)\":\(value.map { "\($0)" } ?? "null")")
    }

    mutating func add(_ key: String, _ value: Bool) { parts.append("\"\(key)\":\(value)") }
    mutating func add(_ key: String, _ value: Timestamp?) { add(key, value?.microseconds) }
    mutating func add(_ key: String, _ value: TimeSpan?) { add(key, value?.microseconds) }
    mutating func add(_ key: String, word: String) { parts.append("\"\(key)\":\"\(word)\"") }
    mutating func add(_ key: String, _ value: UUID) { add(key, word: value.description) }

    mutating func add(_ key: String, text: String?) { add(key, bytes: text.map { Array($0.utf8) }) }

    mutating func add(_ key: String, bytes: [UInt8]?) {
        let digits = Array("0123456789abcdef")
        let text = bytes.map { "\"" + String($0.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }) + "\"" }
        parts.append("\"\(key)\":\(text ?? "null")")
    }

    mutating func add(_ run: Run) {
        add("run", run.id.value)
        add("scheduled_at", run.scheduledAt)
        add("trigger", run.trigger.rawValue)
        if let cause = run.cause { add("cause_execution", cause.execution.value) }
        add("cause_job", text: run.cause?.job.text)
    }
}

extension Record {
    fileprivate var fields: Fields {
        var fields = Fields()
        fields.add("seq", header.sequence)
        fields.add("job", text: header.job.text)
        fields.add("recorded_at", header.recordedAt)
        fields.add("cursor", header.account.cursor)
        fields.add("epoch", header.account.epoch)
        fields.add("failures", header.account.failuresInARow)
        fields.add("open_runs", header.account.openRuns)
        fields.add("schedule", header.account.schedule)
        fields.add("paused", header.account.isPaused)
        switch self {
        case .start(let start):
            fields.add("kind", 1)
            fields.add(start.run)
            fields.add("execution", start.execution.value)
            fields.add("attempt", start.attempt)
            fields.add("started_at", start.startedAt)
        case .execution(let execution):
            fields.add("kind", 2)
            execution.add(to: &fields)
        case .note(let note):
            fields.add("kind", 3)
            fields.add("reason", note.reason.rawValue)
            fields.add("count", note.count)
            fields.add("first", note.first)
            fields.add("last", note.last)
            if let run = note.run { fields.add("run", run.value) }
            fields.add("detail", text: note.detail)
        case .state(let state):
            fields.add("kind", 4)
            state.kind.add(to: &fields)
        }
        return fields
    }
}

extension Execution {
    fileprivate func add(to fields: inout Fields) {
        fields.add(run)
        fields.add("execution", id.value)
        fields.add("attempt", attempt)
        fields.add("max_attempts", maxAttempts)
        fields.add("started_at", startedAt)
        fields.add("finished_at", finishedAt)
        fields.add("duration", duration)
        fields.add("arrived", response.byteCount)
        fields.add("next_attempt_at", nextAttemptAt)
        fields.add("error_code", text: response.failure?.code)
        fields.add("error", text: response.failure?.error)
        fields.add("detail", text: response.failure?.detail)
        fields.add("may_have_left", response.failure?.requestMayHaveLeft ?? false)
        fields.add("http_status", response.httpStatus)
        fields.add("body", bytes: response.body)
        fields.add("truncated", response.bodyTruncated)
        fields.add("dns", response.timings.dns)
        fields.add("connect", response.timings.connect)
        fields.add("tls", response.timings.tls)
        fields.add("first_byte", response.timings.firstByte)
        fields.add("total", response.timings.total)
        fields.add("remote_address", text: response.remoteAddress)
        fields.add("http_version", text: response.httpVersion)
    }
}

extension StateChange.Kind {
    fileprivate func add(to fields: inout Fields) {
        switch self {
        case .accountingBegan: fields.add("state", 1)
        case .absent: fields.add("state", 2)
        case .clockCorrected: fields.add("state", 3)
        case .pending(let pending):
            fields.add("state", 4)
            fields.add(pending.run)
            fields.add("attempt", pending.attempt)
            fields.add("due", pending.dueAt)
        case .paused(let pause):
            fields.add("state", 5)
            fields.add("since", pause.since)
            fields.add("until", pause.until)
            fields.add("why", text: pause.reason)
            fields.add("by", text: pause.by)
        case .resumed(let by):
            fields.add("state", 6)
            fields.add("by", text: by)
        }
    }
}
