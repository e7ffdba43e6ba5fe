/// What the API says of a job beside its definition.
package struct JobFacts: Sendable {
    package var isPaused: Bool
    package var lastExecution: (startedAt: Timestamp, succeeded: Bool)?
    package var nextRunAt: Timestamp?
    /// When its file was written last.
    package var changedAt: Timestamp?

    package init(
        isPaused: Bool, lastExecution: (startedAt: Timestamp, succeeded: Bool)? = nil, nextRunAt: Timestamp? = nil,
        changedAt: Timestamp? = nil
    ) {
        self.isPaused = isPaused
        self.lastExecution = lastExecution
        self.nextRunAt = nextRunAt
        self.changedAt = changedAt
    }
}

extension Job {
    /// The hosted service's job object, key by key in its order. Header values are secrets more often than not, and are
    /// masked.
    package func appendDocument(_ facts: JobFacts, to output: inout [UInt8]) {
        JSONWriter.literal("{\"id\":", to: &output)
        JSONWriter.string(id.text, to: &output)
        JSONWriter.literal(",\"name\":", to: &output)
        JSONWriter.string(name, to: &output)
        JSONWriter.literal(",\"schedule_type\":", to: &output)
        JSONWriter.string(schedule.apiType, to: &output)
        JSONWriter.literal(",\"schedule\":", to: &output)
        JSONWriter.optional(schedule.apiText, to: &output) { JSONWriter.string($0, to: &$1) }
        JSONWriter.literal(",\"timezone\":", to: &output)
        JSONWriter.string(schedule.zoneName, to: &output)
        JSONWriter.literal(",\"url\":", to: &output)
        JSONWriter.string(request.url.source, to: &output)
        JSONWriter.literal(",\"method\":", to: &output)
        JSONWriter.string(request.method, to: &output)
        appendHeaders(to: &output)
        JSONWriter.literal(",\"timeout_ms\":", to: &output)
        JSONWriter.integer(request.timeout.microseconds / 1_000, to: &output)
        JSONWriter.literal(",\"max_retries\":", to: &output)
        JSONWriter.integer(retry.maxRetries, to: &output)
        JSONWriter.literal(",\"enabled\":", to: &output)
        JSONWriter.boolean(isEnabled && !facts.isPaused, to: &output)
        JSONWriter.literal(",\"failure_notify\":", to: &output)
        JSONWriter.boolean(onFailure != nil, to: &output)
        JSONWriter.literal(",\"last_status\":", to: &output)
        JSONWriter.optional(facts.lastExecution, to: &output) {
            JSONWriter.literal($0.succeeded ? "\"success\"" : "\"failed\"", to: &$1)
        }
        JSONWriter.literal(",\"last_run_at\":", to: &output)
        JSONWriter.optional(facts.lastExecution, to: &output) { JSONWriter.seconds($0.startedAt, to: &$1) }
        JSONWriter.literal(",\"next_run_at\":", to: &output)
        JSONWriter.optional(facts.nextRunAt, to: &output) { JSONWriter.seconds($0, to: &$1) }
        // A job file has one time, that of its last change; when it was made first nobody keeps.
        JSONWriter.literal(",\"created_at\":", to: &output)
        JSONWriter.optional(facts.changedAt, to: &output) { JSONWriter.seconds($0, to: &$1) }
        JSONWriter.literal(",\"updated_at\":", to: &output)
        JSONWriter.optional(facts.changedAt, to: &output) { JSONWriter.seconds($0, to: &$1) }
        output.append(UInt8(ascii: "}"))
    }

    private func appendHeaders(to output: inout [UInt8]) {
        JSONWriter.literal(",\"headers\":{", to: &output)
        // A name that stands twice in a file would stand twice in the object, which not every reader takes.
        var seen: Set<String> = []
        for header in request.headers where seen.insert(header.name.lowercased()).inserted {
            if seen.count > 1 { output.append(UInt8(ascii: ",")) }
            JSONWriter.string(header.name, to: &output)
            JSONWriter.literal(":\"***\"", to: &output)
        }
        output.append(UInt8(ascii: "}"))
    }
}

extension Schedule {
    /// The hosted service's three, and `on_demand`, which it does not have.
    fileprivate var apiType: String {
        switch self {
        case .cron: "cron"
        case .every: "interval"
        case .at: "once"
        case .onDemand: "on_demand"
        }
    }

    /// The expression, the preset's word (`every_5m`), or the moment; nil: none.
    fileprivate var apiText: String? {
        switch self {
        case .cron(let expressions, _): expressions.map(\.text).joined(separator: "; ")
        case .every(let span): "every_\(span.presetWord)"
        case .at(let moment): moment.iso8601
        case .onDemand: nil
        }
    }

    fileprivate var zoneName: String {
        if case .cron(_, let zone) = self { zone.name } else { TimeZoneRules.utc.name }
    }
}

extension TimeSpan {
    /// `30s`, `5m`, `1h`, as the presets have it; else in milliseconds.
    fileprivate var presetWord: String {
        let (seconds, rest) = (microseconds / 1_000_000, microseconds % 1_000_000)
        if rest != 0 { return "\(microseconds / 1_000)ms" }
        if seconds % 3_600 == 0 { return "\(seconds / 3_600)h" }
        return seconds % 60 == 0 ? "\(seconds / 60)m" : "\(seconds)s"
    }
}
