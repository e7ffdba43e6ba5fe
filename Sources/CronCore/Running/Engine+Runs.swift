// The life of a run, from its creation to its first attempt, and its end.

extension Engine {
    /// Adds a run to its job. It waits as `phase` says; nothing is recorded.
    mutating func addRun(_ state: RunState) -> Int32 {
        let index = runs.insert(state)
        let slot = Int(state.job)
        let last = slots[slot].lastRun
        runs[index].previous = last
        runs[index].next = none
        if last == none { slots[slot].firstRun = index } else { runs[last].next = index }
        slots[slot].lastRun = index
        count(index, 1)
        return index
    }

    /// Changes what a run is about, and keeps the job's counts.
    mutating func move(_ index: Int32, to phase: RunState.Phase) {
        count(index, -1)
        runs[index].phase = phase
        count(index, 1)
    }

    private mutating func count(_ index: Int32, _ change: Int32) {
        let slot = Int(runs[index].job)
        guard runs[index].isQueued else {
            slots[slot].underWay += change
            if runs[index].onlyWaitsForRetry { slots[slot].retrying += change }
            return
        }
        slots[slot].queued += change
        if runs[index].run.trigger == .failure || runs[index].run.trigger == .recovery {
            slots[slot].triggered += change
        }
    }

    /// Ends a run: it leaves its job, its place, and its alarm. The record is the caller's.
    mutating func forget(_ index: Int32) {
        let run = runs[index]
        let slot = Int(run.job)
        count(index, -1)
        if run.previous == none { slots[slot].firstRun = run.next } else { runs[run.previous].next = run.next }
        if run.next == none { slots[slot].lastRun = run.previous } else { runs[run.next].previous = run.previous }
        if slots[slot].unrecorded == index {
            slots[slot].unrecorded = none
        } else {
            slots[slot].account.openRuns -= min(1, slots[slot].account.openRuns)
        }
        alarms.remove(index)
        leaveHost(index)
        runs.remove(index)
    }

    /// Gives back the run's place, or its stand in line.
    mutating func leaveHost(_ index: Int32) {
        let host = runs[index].host
        guard host != none else { return }
        if runs[index].holdsPlace { limits.leavePlace(host) }
        runs[index].host = none
        limits.release(host)
    }

    /// Makes the run's next attempt due now: it takes a place, or stands in line for one.
    mutating func begin(_ index: Int32, at now: Moment, into effects: inout [Effect]) {
        let job = slots[Int(runs[index].job)].job
        if diskRefuses && job.delivery == .atMostOnce {
            park(index, at: now)
            return
        }
        let host = slots[Int(runs[index].job)].host
        limits.acquire(host)
        runs[index].host = host
        if limits.takePlace(host) {
            launch(index, at: now, into: &effects)
        } else {
            move(index, to: .inLine)
            limits.wait(runs.key(of: index), for: host, dueAt: runs[index].dueAt)
        }
    }

    /// Lets an at-most-once run wait for the disk, without a place, up to `CatchUpWindow=`.
    mutating func park(_ index: Int32, at now: Moment) {
        leaveHost(index)
        move(index, to: .parked)
        alarms.set(index, to: now.boot + slots[Int(runs[index].job)].job.catchUpWindow)
    }

    /// Gives free places to those in line.
    mutating func fillPlaces(at now: Moment, into effects: inout [Effect]) {
        guard stage == .running else { return }
        while let (key, host) = limits.nextInLine() {
            guard let index = runs.index(of: key), runs[index].phase == .inLine, runs[index].host == host else {
                limits.leavePlace(host)
                continue
            }
            launch(index, at: now, into: &effects)
        }
    }

    /// Lets the next queued run of a job begin, if nothing stands before it. A scheduled one ends those that only wait
    /// for a retry, as if it had come due now; a triggered one waits for them too.
    mutating func advanceQueue(of slot: Int32, at now: Moment, into effects: inout [Effect]) {
        guard stage == .running, slots[Int(slot)].queued > 0 else { return }
        guard let index = firstQueued(of: slot) else { return }
        switch runs[index].run.trigger {
        case .failure, .recovery: break
        case .schedule, .catchUp, .manual: supersede(in: slot, at: now, into: &effects)
        }
        guard slots[Int(slot)].underWay == 0, runs[index].phase == .queued else { return }
        begin(index, at: now, into: &effects)
    }

    private func firstQueued(of slot: Int32) -> Int32? {
        var index = slots[Int(slot)].firstRun
        while index != none {
            if runs[index].phase == .queued { return index }
            index = runs[index].next
        }
        return nil
    }

    /// Makes a retry due now. After a crash several runs of a job may wait for theirs, where only one may be under way: it
    /// stands behind that.
    mutating func retry(_ index: Int32, at now: Moment, into effects: inout [Effect]) {
        let slot = slots[Int(runs[index].job)]
        if slot.job.overlap != .allow, slot.underWay > slot.retrying {
            move(index, to: .queued)
        } else {
            begin(index, at: now, into: &effects)
        }
    }

    /// An alarm of a run has gone off.
    mutating func wake(_ index: Int32, at now: Moment, into effects: inout [Effect]) {
        switch runs[index].phase {
        case .backingOff:
            if slots[Int(runs[index].job)].isStale {
                move(index, to: .held)
            } else {
                retry(index, at: now, into: &effects)
            }
        case .parked:
            let slot = runs[index].job
            end(index, noting: .disk, detail: "the start could not be recorded", at: now, into: &effects)
            advanceQueue(of: slot, at: now, into: &effects)
        case .awaitingCause, .queued, .inLine, .awaitingRecord, .inFlight, .held, .ended:
            break
        }
    }
}
