internal import CronCore

/// What a change of the zone's clocks does to one occurrence of a cron schedule; nil: nothing.
///
/// `before`: the occurrence that came before it, if it is known.
func daylightRemark(_ occurrence: Timestamp, of schedule: Schedule, after before: Timestamp?) -> String? {
    guard case .cron(let expressions, let zone) = schedule else { return nil }
    let local = zone.civil(at: occurrence)
    if !expressions.contains(where: { $0.matches(local) }) {
        return "its time is skipped: the clocks go forward, and it starts straight after the gap"
    }
    if case .fold(let first, _) = zone.resolve(local) {
        guard schedule.followsElapsedTime else {
            return "its time comes twice: the clocks go back, and it starts the first time only"
        }
        return occurrence == first
            ? "the first of two: the clocks go back, and it follows elapsed time"
            : "the second of two: the clocks have gone back, and it follows elapsed time"
    }
    guard let before else { return nil }
    let change = zone.offset(at: occurrence) - zone.offset(at: before)
    guard change != 0 else { return nil }
    let span = TimeSpan.seconds(Int64(abs(change))).words
    return change > 0 ? "the clocks went forward by \(span) before it" : "the clocks went back by \(span) before it"
}

extension CronExpression {
    /// Whether the fields match what a clock shows, whatever the zone makes of it.
    func matches(_ local: CivilDateTime) -> Bool {
        let shown = Timestamp(seconds: local.clockSeconds)
        return next(after: shown - TimeSpan(microseconds: 1), in: .utc) == shown
    }
}

/// The change of a zone's clocks nearest to `moment`, within a day of it, in words; nil: there is none.
func clockChange(near moment: Timestamp, in zone: TimeZoneRules, _ clock: HumanClock) -> String? {
    var cursor = moment - .days(1)
    while let change = zone.nextTransition(after: cursor), change <= moment + .days(1) {
        let difference = zone.offset(at: change) - zone.offset(at: change - .seconds(1))
        if difference != 0 {
            let span = TimeSpan.seconds(Int64(abs(difference))).words
            let direction = difference > 0 ? "forward" : "back"
            return "The clocks of \(zone.name) went \(direction) by \(span) at \(clock.text(change)): a job at a fixed "
                + "time runs once all the same, straight after a gap, and only the first time where an hour is repeated."
        }
        cursor = change
    }
    return nil
}
