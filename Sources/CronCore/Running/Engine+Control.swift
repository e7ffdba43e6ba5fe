// Runs, pauses and resumptions that somebody asks for.

extension Engine {
    mutating func control(
        _ request: ControlRequest, _ token: ControlToken, at now: Moment, into effects: inout [Effect]
    ) {
        do throws(ControlRefusal) {
            let slot = try slot(of: request.job)
            switch request {
            case .run(_, let by): try run(slot, by: by, token, at: now, into: &effects)
            case .pause(_, let pause): self.pause(slot, pause, token, at: now, into: &effects)
            case .resume(_, let by): try resume(slot, by: by, token, at: now, into: &effects)
            }
        } catch {
            effects.append(.answer(token, .refused(error)))
        }
    }

    /// The slot of a job that somebody may ask something of.
    private func slot(of id: JobID) throws(ControlRefusal) -> Int32 {
        guard stage == .running else { throw .notReady }
        guard let slot = slotOf[id] else { throw .unknownJob }
        switch slots[Int(slot)].standing {
        case .enabled: return slot
        case .disabled: throw .disabled
        case .arriving: throw .notReady
        case .removed, .vacant: throw .unknownJob
        }
    }

    /// A run by hand is on record, as pending, before who asked is told its id.
    private mutating func run(
        _ slot: Int32, by: String, _ token: ControlToken, at now: Moment, into effects: inout [Effect]
    ) throws(ControlRefusal) {
        let id = slots[Int(slot)].job.id
        guard !slots[Int(slot)].account.isPaused else { throw .paused }
        if let refusal = overlap(in: slot) { throw refusal }
        if slots[Int(slot)].retrying > 0 {
            supersede(in: slot, at: now, into: &effects)
            advanceQueue(of: slot, at: now, into: &effects)
        }
        recordUnrecorded(of: slot, at: now, into: &effects)
        let isFree = slots[Int(slot)].underWay == 0
        let run = Run(
            id: RunID(UUID(version7At: now.wall, random: (random.next(), random.next()))), trigger: .manual,
            scheduledAt: now.wall)
        let index = addRun(RunState(run: run, phase: .queued, job: slot, dueAt: now.wall))
        slots[Int(slot)].account.openRuns += 1
        recordPending(index, at: now, into: &effects)
        announce(
            .control(token, .accepted(run.id), .runRequested(id, run.id, by: by)), after: nextSequence - 1,
            into: &effects)
        if isFree || slots[Int(slot)].job.overlap == .allow { begin(index, at: now, into: &effects) }
    }

    /// What `Overlap=` has against another run now. One that only waits for a retry gives way.
    private func overlap(in slot: Int32) -> ControlRefusal? {
        let state = slots[Int(slot)]
        let stands = state.underWay - state.retrying
        switch state.job.overlap {
        case .allow: return state.underWay + state.queued < openRunsLimit ? nil : .tooMany
        case .queue: return hasQueuedOccurrence(slot) ? .overlap(.queue) : nil
        case .skip: return stands > 0 ? .overlap(.skip) : nil
        }
    }

    /// What waits ends, each run with a note; what is in flight ends as it ends.
    private mutating func pause(
        _ slot: Int32, _ pause: Pause, _ token: ControlToken, at now: Moment, into effects: inout [Effect]
    ) {
        let id = slots[Int(slot)].job.id
        recordUnrecorded(of: slot, at: now, into: &effects)
        endWaiting(of: slot, noting: .paused, at: now, into: &effects)
        slots[Int(slot)].account.isPaused = true
        slots[Int(slot)].wasRecorded = true
        pauses[id] = pause
        let sequence = append(for: slot, at: now, into: &effects) {
            .state(StateChange(header: $0, kind: .paused(pause)))
        }
        scheduleNext(slot)
        announce(.control(token, .done, .paused(id, pause)), after: sequence, into: &effects)
    }

    private mutating func resume(
        _ slot: Int32, by: String, _ token: ControlToken, at now: Moment, into effects: inout [Effect]
    ) throws(ControlRefusal) {
        let id = slots[Int(slot)].job.id
        guard slots[Int(slot)].account.isPaused else { throw .notPaused }
        let sequence = endPause(of: slot, by: by, at: now, into: &effects)
        announce(.control(token, .done, .resumed(id, by: by)), after: sequence, into: &effects)
    }

    /// Lets a job go on whose pause is over. Nothing is caught up: what was due meanwhile is noted. What was due at
    /// `until=` or later, before anybody noticed, was not paused: it is late or missed like anything else. The note comes
    /// before the end of the pause, so that a crash between the two leaves the job paused, and not with occurrences to
    /// catch up.
    @discardableResult
    mutating func endPause(
        of slot: Int32, by: String, at now: Moment, into effects: inout [Effect]
    ) -> SequenceNumber {
        let id = slots[Int(slot)].job.id
        let last = min(now.wall, (pauses[id]?.until).map { $0 - TimeSpan(microseconds: 1) } ?? now.wall)
        notePassed(.paused, of: slot, through: last, at: now, into: &effects)
        recordUnrecorded(of: slot, at: now, into: &effects)
        slots[Int(slot)].account.isPaused = false
        pauses[id] = nil
        let sequence = append(for: slot, at: now, into: &effects) {
            .state(StateChange(header: $0, kind: .resumed(by: by)))
        }
        scheduleNext(slot)
        return sequence
    }

    /// Notes what passed so far while a job is paused that is about to lose its schedule: nobody could name it later.
    mutating func notePausedSoFar(of slot: Int32, at now: Moment, into effects: inout [Effect]) {
        let state = slots[Int(slot)]
        guard state.account.isPaused, state.standing == .enabled,
            state.account.schedule == state.job.schedule.fingerprint
        else { return }
        notePassed(.paused, of: slot, through: now.wall, at: now, into: &effects)
    }

    /// A paused job was away and comes back, or was disabled and goes. A compaction may have dropped the record of its pause
    /// meanwhile (`KeepRemoved=`), or drop what is older than this, and with it who, why and until when.
    mutating func recordPauseAgain(of slot: Int32, at now: Moment, into effects: inout [Effect]) {
        let state = slots[Int(slot)]
        guard state.account.isPaused, !state.account.isAccounted, let pause = pauses[state.job.id] else { return }
        recordState(.paused(pause), for: slot, at: now, into: &effects)
    }

    /// Ends the runs of a job that have no request under way, each with a note.
    mutating func endWaiting(
        of slot: Int32, noting reason: NoteReason, detail: String = "", at now: Moment, into effects: inout [Effect]
    ) {
        var index = slots[Int(slot)].firstRun
        while index != none {
            let next = runs[index].next
            if !runs[index].holdsPlace { end(index, noting: reason, detail: detail, at: now, into: &effects) }
            index = next
        }
    }

    /// What is noted of a run that may not begin, or go on, because its job is paused, disabled or gone.
    func noteForStopping(_ slot: Int32) -> (reason: NoteReason, detail: String) {
        let state = slots[Int(slot)]
        let isPaused = state.standing == .enabled && state.account.isPaused
        return (isPaused ? .paused : .dropped, state.standing.wordsForDropping)
    }

    /// Whether a run of the job may begin, or go on.
    func mayBegin(_ slot: Int) -> Bool { slots[slot].standing == .enabled && !slots[slot].account.isPaused }

    /// The jobs that are paused.
    package var pausedJobs: Set<JobID> { Set(pauses.keys) }

    /// Why the job `id` is paused; nil: it is not.
    package func pause(of id: JobID) -> Pause? { pauses[id] }
}
