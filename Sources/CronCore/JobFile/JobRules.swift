/// What must hold between the keys of a job, and the job that comes of them.
struct JobRules {
    let name: String
    /// The job file as a whole, for what is missing from it.
    let file: Place
    var draft: JobDraft
    /// Keys that have been told of already: they are not missing besides.
    let refused: Set<String>
    var diagnostics: DiagnosticList

    /// The job, as far as it makes sense; whether it may be used is for the diagnostics to say.
    mutating func job(zones: (String) -> ZoneLookup) -> Job? {
        if !JobID.isValid(name) {
            diagnostics.error(
                file,
                "\(quoted(name)) cannot name a job: letters, digits, '_', '.' and '-', at most 100, the first a letter"
                    + " or digit")
        }
        let id = draft.id.value ?? JobID(name)
        let zone = zone(zones)
        let schedule = schedule(in: zone)
        checkTriggers(of: id)
        checkRetry()
        guard let request = request(), let schedule else { return nil }
        return Job(
            id: id, name: name, description: draft.description.value ?? name, isEnabled: draft.isEnabled.value,
            schedule: schedule, randomizedOffset: draft.randomizedOffset.value, catchUp: draft.catchUp.value,
            catchUpWindow: draft.catchUpWindow.value ?? (draft.at.isSet ? .days(1) : .minutes(10)),
            overlap: draft.overlap.value, delivery: draft.delivery.value, onFailure: draft.onFailure.value,
            onRecovery: draft.onRecovery.value, onFailureAfter: draft.onFailureAfter.value, request: request,
            retry: RetryPolicy(
                maxRetries: draft.maxRetries.value, backoff: draft.backoff.value, delay: draft.backoffDelay.value,
                maxDelay: draft.maxBackoff.value, jitterPercent: draft.jitter.value, retryOn: draft.retryOn.value,
                honoursRetryAfter: draft.retryAfter.value),
            retention: Retention(
                keep: draft.keep.value, keepFor: draft.keepFor.value, keepFailures: draft.keepFailures.value,
                recordBody: draft.recordBody.value))
    }

    private mutating func zone(_ zones: (String) -> ZoneLookup) -> TimeZoneRules {
        let name = draft.timeZone.value
        guard name != "UTC" else { return .utc }
        let place = draft.timeZone.origin?.place ?? file
        switch zones(name) {
        case .found(let rules):
            return rules
        case .unknown(let suggestion):
            let hint = suggestion.map { "; did you mean '\($0)'?" } ?? "; it takes an IANA name such as Europe/Berlin"
            diagnostics.error(place, "TimeZone= names \(quoted(name)), which is no zone of this system\(hint)")
        case .noDatabase:
            diagnostics.error(
                place,
                "TimeZone= needs the zone data, which this system lacks: install the package tzdata. UTC works"
                    + " without")
        case .unreadable(let reason):
            diagnostics.error(place, "TimeZone= names \(quoted(name)), and its zone data cannot be used: \(reason)")
        }
        return .utc
    }

    /// Exactly one kind of schedule.
    private mutating func schedule(in zone: TimeZoneRules) -> Schedule? {
        var kinds: [(key: String, place: Place, schedule: Schedule)] = []
        if let origin = draft.cron.origin, !draft.cron.value.isEmpty {
            kinds.append(("Cron=", origin.place, .cron(draft.cron.value, zone)))
        }
        if let origin = draft.every.origin, let span = draft.every.value {
            kinds.append(("Every=", origin.place, .every(span)))
        }
        if let origin = draft.at.origin, let at = draft.at.value {
            kinds.append(("At=", origin.place, .at(moment(at, in: zone, origin.place))))
        }
        if let origin = draft.onDemand.origin, draft.onDemand.value {
            kinds.append(("OnDemand=", origin.place, .onDemand))
        }
        if kinds.isEmpty, refused.isDisjoint(with: ["Cron", "Every", "At", "OnDemand"]) {
            diagnostics.error(
                file, "[Job] says nothing of when to run; it needs one of Cron=, Every=, At= and OnDemand=yes")
        }
        for extra in kinds.dropFirst() {
            diagnostics.error(
                extra.place, "\(extra.key) and \(kinds[0].key) exclude each other; a job has one kind of schedule")
        }
        return kinds.first?.schedule
    }

    private mutating func moment(_ at: AtMoment, in zone: TimeZoneRules, _ place: Place) -> Timestamp {
        switch at.meaning(in: zone) {
        case .exact(let moment):
            return moment
        case .skipped(let moment):
            diagnostics.warning(
                place, "the clocks of \(zone.name) skip this moment; the job runs straight after the gap")
            return moment
        case .repeated(let moment):
            diagnostics.warning(
                place, "the clocks of \(zone.name) show this moment twice; the job runs the first time")
            return moment
        }
    }

    private mutating func checkTriggers(of id: JobID) {
        for (key, setting) in [("OnFailure=", draft.onFailure), ("OnRecovery=", draft.onRecovery)] {
            guard let origin = setting.origin, let target = setting.value else { continue }
            if target == id { diagnostics.error(origin.place, "\(key) names this job itself; it takes another job") }
        }
        if let origin = draft.onFailureAfter.origin, draft.onFailure.value == nil, draft.onRecovery.value == nil {
            diagnostics.warning(origin.place, "OnFailureAfter= does nothing without OnFailure= or OnRecovery=")
        }
    }

    private mutating func checkRetry() {
        if let origin = draft.backoffDelay.origin, draft.backoffDelay.value > draft.maxBackoff.value {
            diagnostics.warning(
                origin.place,
                "BackoffDelay= is longer than MaxBackoff=, so every delay is \(draft.maxBackoff.value)")
        }
    }
}
