internal import CronCore

/// Invents jobs of every kind. What must not change while a job lives is fixed by its name: a run that becomes
/// at-most-once half-way proves nothing.
struct JobMaker {
    let seed: UInt64
    /// How long the world lasts, by which schedules are chosen.
    let horizon: TimeSpan
    /// When it begins.
    let beginning: Timestamp

    static let hosts = ["one.example:443", "two.example:443", "three.example:80"]
    static let names = (0..<7).map { "job-\($0)" }

    /// `version`: another one has other properties. `keepsSchedule`: but not another schedule than version 0.
    func job(_ name: String, version: UInt64, keepsSchedule: Bool) -> Job {
        var fixed = RandomSource(seed: seed ^ JobID(name).hash64)
        var luck = RandomSource(seed: fixed.next() &+ version &* 0x51_7cc1)
        let delivery: Delivery = Int.random(in: 0..<3, using: &fixed) == 0 ? .atMostOnce : .atLeastOnce
        let first = schedule(&fixed)
        let other = schedule(&luck)
        let retry = RetryPolicy(
            maxRetries: Int.random(in: 0...3, using: &luck), backoff: pick(Backoff.allCases, &luck) ?? .linear,
            delay: .seconds(Int64.random(in: 0...40, using: &luck)), maxDelay: .minutes(5),
            jitterPercent: Int.random(in: 0...50, using: &luck))
        let retention = Retention(
            keep: Int.random(in: 0...6, using: &luck),
            keepFor: pick([.zero, .zero, .minutes(30)], &luck) ?? .zero,
            keepFailures: pick([0, 0, 3], &luck) ?? 0, recordBody: pick(RecordBody.allCases, &luck) ?? .always)
        let offset: TimeSpan = pick([.zero, .zero, .seconds(90)], &luck) ?? .zero
        return Job(
            id: JobID(name), name: name, description: "version \(version)",
            isEnabled: version == 0 || Int.random(in: 0..<8, using: &luck) > 0,
            schedule: keepsSchedule || version == 0 ? first : other, randomizedOffset: offset,
            catchUp: pick(CatchUp.allCases, &luck) ?? .once, overlap: pick(Overlap.allCases, &luck) ?? .skip,
            delivery: delivery, onFailure: target(&luck), onRecovery: target(&luck),
            onFailureAfter: Int.random(in: 1...3, using: &luck),
            request: RequestTemplate(
                url: Template(pieces: [.literal("https://example.com/")]),
                hostKey: pick(Self.hosts, &luck) ?? "one.example:443"),
            retry: retry, retention: retention)
    }

    private func target(_ luck: inout RandomSource) -> JobID? {
        Bool.random(using: &luck) ? pick(Self.names, &luck).map { JobID($0) } : nil
    }

    private func pick<Value>(_ values: [Value], _ luck: inout RandomSource) -> Value? {
        values.randomElement(using: &luck)
    }

    /// About thirty to a hundred occurrences while the world lasts, or few.
    private func schedule(_ luck: inout RandomSource) -> Schedule {
        let share = max(1, horizon.microseconds / 1_000_000 / [20, 60, 100][Int.random(in: 0..<3, using: &luck)])
        switch Int.random(in: 0..<7, using: &luck) {
        case 0, 1, 2: return .every(.seconds(share + Int64.random(in: 0...7, using: &luck)))
        case 3: return cron(horizon > .hours(10) ? "17 * * * *" : "*/3 * * * *")
        case 4: return cron("17,40 13,14,20 * * *")
        case 5: return cron(horizon > .hours(30) ? "0 4 * * *" : "*/7 12-16 * * *")
        default:
            let span = Int64.random(in: -400...horizon.microseconds / 1_000_000, using: &luck)
            return .at(beginning + .seconds(span))
        }
    }

    private func cron(_ text: String) -> Schedule {
        guard let expression = try? CronExpression(parsing: text) else { return .onDemand }
        return .cron([expression], .utc)
    }
}
