// What the engine tells of itself: for `STATUS=`, `list` and the metrics.

/// How busy the engine is.
package struct EngineStatus: Hashable, Sendable {
    /// Jobs that are loaded, those disabled and stale among them.
    package var jobs = 0
    package var disabled = 0
    /// Jobs whose file is in error and whose last good version goes on.
    package var stale = 0
    package var paused = 0
    /// Requests in flight, or about to be.
    package var inFlight = 0
    /// Runs that have not ended and have no request in flight: in line, queued, backing off.
    package var waiting = 0
    /// When the next occurrence is due, and whose it is.
    package var nextDueAt: Timestamp?
    package var nextDueJob: JobID?
    package var isCompacting = false
    package var nextCompactionAt: Timestamp?
}

/// How one job stands.
package struct JobStanding: Sendable {
    package var job: Job
    package var account: Account
    package var isStale: Bool
    /// When it is next due, its offset included; nil: at no time, or it is paused.
    package var nextDueAt: Timestamp?
    /// Runs that have not ended.
    package var openRuns: Int
}

extension Engine {
    /// Takes time that grows with the number of jobs: for `STATUS=`, not for every event.
    package var status: EngineStatus {
        var status = EngineStatus()
        // By index: a slot is large, and not to be copied for two bytes of it.
        for index in slots.indices {
            switch slots[index].standing {
            case .enabled, .arriving: break
            case .disabled: status.disabled += 1
            case .removed, .vacant: continue
            }
            status.jobs += 1
            if slots[index].isStale { status.stale += 1 }
        }
        status.inFlight = limits.inFlight
        status.waiting = runs.count - limits.inFlight
        status.paused = pauses.count
        if let next = firstDue {
            status.nextDueAt = next.key
            status.nextDueJob = slots[Int(next.slot)].job.id
        }
        status.isCompacting = compaction.isRunning
        status.nextCompactionAt = occurrences.compactionAt
        return status
    }

    /// The job that is due first. One that is paused stands in the agenda with the end of its pause.
    private var firstDue: (key: Timestamp, slot: Int32)? {
        guard let first = occurrences.firstJob, slots[Int(first.slot)].account.isPaused else {
            return occurrences.firstJob
        }
        let due = slots.indices.lazy.filter { !slots[$0].account.isPaused }.compactMap { index in
            occurrences.key(of: Int32(truncatingIfNeeded: index)).map {
                (key: $0, slot: Int32(truncatingIfNeeded: index))
            }
        }
        return due.min { $0.key < $1.key }
    }

    /// How the job `id` stands; nil if it is not loaded.
    package func standing(of id: JobID) -> JobStanding? {
        guard let slot = slotOf[id], slots[Int(slot)].standing != .removed else { return nil }
        let state = slots[Int(slot)]
        return JobStanding(
            job: state.job, account: state.account, isStale: state.isStale,
            nextDueAt: state.account.isPaused ? nil : occurrences.key(of: slot),
            openRuns: Int(state.underWay + state.queued))
    }

    /// The ids of the jobs that are loaded, in no order.
    package var jobIDs: [JobID] {
        slotOf.lazy.filter { slots[Int($0.value)].standing != .removed }.map(\.key)
    }
}

extension Engine {
    /// What is wrong with the engine's own books, for tests; nil: nothing is.
    package var brokenInvariant: String? {
        if let broken = occurrences.brokenInvariant ?? alarms.brokenInvariant { return broken }
        var alive = 0
        var places = 0
        for slot in slots where slot.standing != .vacant {
            var underWay: Int32 = 0
            var queued: Int32 = 0
            var retrying: Int32 = 0
            var index = slot.firstRun
            while index != none {
                alive += 1
                if runs[index].isQueued { queued += 1 } else { underWay += 1 }
                if runs[index].onlyWaitsForRetry { retrying += 1 }
                if runs[index].holdsPlace { places += 1 }
                index = runs[index].next
            }
            if underWay != slot.underWay || queued != slot.queued || retrying != slot.retrying {
                return "\(slot.job.id) miscounts its runs"
            }
        }
        if alive != runs.count { return "\(runs.count) runs, of which \(alive) belong to a job" }
        return places == limits.inFlight ? nil : "\(limits.inFlight) places taken by \(places) runs"
    }
}
