/// When a job is due.
package enum Schedule: Equatable, Sendable {
    /// `Cron=`, one expression or several: due when any of them matches.
    case cron([CronExpression], TimeZoneRules)
    /// `Every=`: whole multiples of the span since 1970-01-01T00:00:00Z, so that a restart neither resets nor drifts it.
    case every(TimeSpan)
    /// `At=`: once.
    case at(Timestamp)
    /// `OnDemand=yes`: only when triggered.
    case onDemand
}

// MARK: - Occurrences

extension Schedule {
    /// The first nominal occurrence strictly after `moment`; nil if there is none.
    package func next(after moment: Timestamp) -> Timestamp? {
        switch self {
        case .cron(let expressions, let zone):
            var first: Timestamp?
            for expression in expressions {
                guard let next = expression.next(after: moment, in: zone) else { continue }
                first = min(next, first ?? next)
            }
            return first
        case .every(let span):
            guard span > .zero else { return nil }
            let (count, pastEnd) = moment.microseconds.flooredDivision(by: span.microseconds).quotient
                .addingReportingOverflow(1)
            let (next, overflow) = count.multipliedReportingOverflow(by: span.microseconds)
            return pastEnd || overflow ? nil : Timestamp(microseconds: next)
        case .at(let instant):
            return instant > moment ? instant : nil
        case .onDemand:
            return nil
        }
    }

    /// The last nominal occurrence in (`start`, `end`]; nil if there is none. Does not walk from the start: a cron
    /// expression is bisected, in about fifty questions however long the time.
    package func latest(atOrBefore end: Timestamp, after start: Timestamp) -> Timestamp? {
        guard let first = next(after: start), first <= end else { return nil }
        if case .every(let span) = self {
            let distance = wholeSpans(span, from: first, to: end) * UInt64(span.microseconds)
            return Timestamp(microseconds: first.microseconds &+ Int64(truncatingIfNeeded: distance))
        }
        // An occurrence at `low`, none in (`high`, `end`].
        var low = first.microseconds
        var high = end.microseconds
        while low < high {
            let middle = low.midpoint(to: high)
            if let next = next(after: Timestamp(microseconds: middle)), next <= end {
                low = next.microseconds
            } else {
                high = middle
            }
        }
        return Timestamp(microseconds: low)
    }

    /// The occurrences in (`start`, `end`], for an account of what was missed; nil if there is none. Counting cron
    /// occurrences means walking them, so it stops at `limit` and says so; first and last are exact all the same.
    package func occurrences(after start: Timestamp, through end: Timestamp, limit: Int = 10_000) -> OccurrenceRange? {
        guard let first = next(after: start), first <= end, let last = latest(atOrBefore: end, after: start) else {
            return nil
        }
        if case .every(let span) = self {
            return OccurrenceRange(first: first, last: last, count: wholeSpans(span, from: first, to: end) + 1)
        }
        var count: UInt64 = 1
        var current = first
        while current < last, let next = next(after: current) {
            guard count < limit else { return OccurrenceRange(first: first, last: last, count: count, isCapped: true) }
            count += 1
            current = next
        }
        return OccurrenceRange(first: first, last: last, count: count)
    }

    /// How many whole spans lie between two moments, whose distance may exceed a signed number.
    private func wholeSpans(_ span: TimeSpan, from first: Timestamp, to end: Timestamp) -> UInt64 {
        UInt64(truncatingIfNeeded: end.microseconds &- first.microseconds) / UInt64(span.microseconds)
    }
}

/// The occurrences of a stretch of time.
package struct OccurrenceRange: Equatable, Sendable {
    package var first: Timestamp
    package var last: Timestamp
    package var count: UInt64
    /// Whether there are more than `count`.
    package var isCapped: Bool

    package init(first: Timestamp, last: Timestamp, count: UInt64, isCapped: Bool = false) {
        self.first = first
        self.last = last
        self.count = count
        self.isCapped = isCapped
    }
}

// MARK: - Identity

extension Schedule {
    /// Whether it goes on from the new now when the clock is set back, and keeps to elapsed time where the zone changes
    /// it. Of several cron expressions all must: repeating a fixed time is worse than waiting.
    package var followsElapsedTime: Bool {
        switch self {
        case .cron(let expressions, _): expressions.allSatisfy(\.followsElapsedTime)
        case .every: true
        case .at, .onDemand: false
        }
    }

    /// A number that changes when the schedule does: in the record, so the same in every version of this program and on
    /// every machine. Never 0. Of a zone only the name counts: new zone data is no new schedule.
    package var fingerprint: UInt64 {
        var hash = SipHash(key: UUID(high: 0, low: 0))
        switch self {
        case .cron(let expressions, let zone):
            hash.update("cron\0".utf8)
            hash.update(zone.name.utf8)
            for expression in expressions {
                hash.update(CollectionOfOne(0))
                hash.update(expression.text.utf8)
            }
        case .every(let span):
            hash.update("every\0".utf8)
            hash.update(UInt64(truncatingIfNeeded: span.microseconds))
        case .at(let instant):
            hash.update("at\0".utf8)
            hash.update(UInt64(truncatingIfNeeded: instant.microseconds))
        case .onDemand:
            hash.update("on-demand\0".utf8)
        }
        return max(hash.finish().low, 1)
    }
}

extension Int64 {
    /// Half-way, rounded toward `self`, without overflow. `other` is not less.
    fileprivate func midpoint(to other: Int64) -> Int64 {
        addingClamped(Int64(UInt64(truncatingIfNeeded: other &- self) / 2))
    }
}
