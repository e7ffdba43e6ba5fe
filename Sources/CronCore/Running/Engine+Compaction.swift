// When the history is compacted: each day at `CompactAt=`, after a start that finds one missed, and early.

/// Why the history is compacted.
package enum CompactionCause: Hashable, Sendable {
    /// `CompactAt=` has come.
    case daily
    /// The daemon was not there when it came.
    case missed
    /// `HistoryMaxUse=` or `HistoryKeepFree=` was reached, or there are too many files.
    case early
}

/// What the engine knows of compactions. The next one is in the agenda.
struct CompactionPlan {
    /// `CompactAt=`.
    var timeOfDay: TimeSpan
    /// When the one that a stop missed is made up for: not by the wall clock, which may be set meanwhile.
    var missedDueAt: Instant?
    /// When the last one began, as the history tells at a start.
    var lastAt: Timestamp?
    var isRunning = false
}

extension Engine {
    /// The start: was one missed that had something to compact? That one waits until the rest of the start is over.
    mutating func planCompaction(at now: Moment) {
        let due = now.wall.last(at: compaction.timeOfDay)
        if let lastWrittenAt, compaction.lastAt.map({ $0 < min(due, lastWrittenAt) }) ?? true {
            compaction.missedDueAt = now.boot + missedDelay
        }
        armCompaction(at: now)
    }

    /// Looks for the next one anew: at the start, after one, when `CompactAt=` or the clock has changed.
    private mutating func armCompaction(at now: Moment) {
        let daily = now.wall.next(at: compaction.timeOfDay)
        occurrences.compactionAt = compaction.missedDueAt.map { min(daily, now.wall + ($0 - now.boot)) } ?? daily
    }

    /// `CompactAt=` was read.
    mutating func changeCompaction(to timeOfDay: TimeSpan, at now: Moment) {
        guard timeOfDay != compaction.timeOfDay else { return }
        compaction.timeOfDay = timeOfDay
        if stage == .running { armCompaction(at: now) }
    }

    /// The clock was set. One that has become due by it stays due.
    mutating func rearmCompaction(at now: Moment) {
        if let at = occurrences.compactionAt, at > now.wall { armCompaction(at: now) }
    }

    /// The one in the agenda is due.
    mutating func compactionDue(at now: Moment, into effects: inout [Effect]) {
        let isMissed = compaction.missedDueAt.map { $0 <= now.boot } ?? false
        compact(isMissed ? .missed : .daily, at: now, into: &effects)
        armCompaction(at: now)
    }

    /// Asks for a compaction, unless one is under way. Whatever it is asked for, it makes up for a missed one.
    mutating func compact(_ cause: CompactionCause, at now: Moment, into effects: inout [Effect]) {
        guard stage == .running else { return }
        if compaction.missedDueAt != nil {
            compaction.missedDueAt = nil
            armCompaction(at: now)
        }
        guard !compaction.isRunning else { return }
        compaction.isRunning = true
        effects.append(.compact(cause))
    }
}

/// How long a compaction that was missed waits for the start to be over.
private let missedDelay = TimeSpan.minutes(10)

extension Timestamp {
    /// The next moment after this one at which it is `timeOfDay` in UTC.
    func next(at timeOfDay: TimeSpan) -> Timestamp {
        last(at: timeOfDay) + .days(1)
    }

    /// The last moment, this one included, at which it was `timeOfDay` in UTC.
    func last(at timeOfDay: TimeSpan) -> Timestamp {
        let since = (self - timeOfDay).microseconds.flooredDivision(by: TimeSpan.days(1).microseconds)
        return self - TimeSpan(microseconds: since.remainder)
    }
}
