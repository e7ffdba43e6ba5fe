/// Decides what happens and when: events in, effects out. Pure: it reads no clock, opens no file, and draws its
/// randomness from the seed it was given, so the same events always give the same effects.
///
/// The shell feeds it every event in the order it happened, with both clocks read once for it, and carries the effects
/// out in the order given. After each event it asks for the next deadlines, and tells `.timer` when one has passed; a
/// deadline that lies in the past means that there is more to do at once.
///
/// What a crash must not lose is in the record before it shows outside: a run either has a record, or its occurrence
/// lies after the cursor of every record of its job. See ``append(_:for:at:into:)``.
package struct Engine: Sendable {
    /// How far the engine has come.
    enum Stage: UInt8 {
        /// The history and the jobs are being told.
        case loading
        /// All is told, but the clock is behind the record: scheduled starts wait for a step.
        case holding
        case running
        /// Nothing starts any more.
        case draining
        case drained
    }

    let programBuiltAt: Timestamp?
    var random: RandomSource
    var stage = Stage.loading
    package internal(set) var history = HistoryID(UUID(high: 0, low: 0))

    // What the record says, of jobs that are not loaded.
    var restored: [JobID: RestoredJob] = [:]
    var lastWrittenAt: Timestamp?
    /// Jobs whose file was in error at the start: what the history knows of them waits.
    var awaited: Set<JobID> = []
    /// Triggered runs in the record whose trigger is not: see `findOrphans`.
    var orphans: Set<RunID> = []
    /// Why jobs are paused, those without a file included.
    var pauses: [JobID: Pause] = [:]
    /// The standing of jobs that were here and are gone.
    var absent: [JobID: Account] = [:]

    // Jobs and runs.
    var slots: [JobSlot] = []
    var vacantSlots: [Int32] = []
    var slotOf: [JobID: Int32] = [:]
    var runs = RunTable()
    var limits: ConcurrencyLimits
    /// Jobs, and the compaction of the history, by when they are next due on the wall clock.
    var occurrences = Agenda()
    var compaction: CompactionPlan
    /// Runs by when they go on, or give up waiting, on the boot clock.
    var alarms = MinHeap<Instant>()

    // Acknowledgements.
    var nextSequence: SequenceNumber = 1
    var written: SequenceNumber = 0
    var synced: SequenceNumber = 0
    var diskRefuses = false
    var awaitingWrite = Fifo<AwaitedStart>()
    var awaitingSync = Fifo<AwaitedStart>()
    var announcements = Fifo<Announcement>()

    // Clocks.
    var holdUntil: Instant?
    /// Wall clock minus boot clock at the last event, to tell how far a step went.
    var clockDifference: TimeSpan?

    /// `programBuiltAt`: no clock that is right is behind it. `seed`: for jitter and execution ids.
    package init(settings: EngineSettings, seed: UInt64, programBuiltAt: Timestamp? = nil) {
        self.random = RandomSource(seed: seed)
        self.programBuiltAt = programBuiltAt
        self.limits = ConcurrencyLimits(settings: settings)
        self.compaction = CompactionPlan(timeOfDay: settings.compactAt)
    }

    /// When the engine wants `.timer` by the wall clock; in the past if there is more to do at once.
    package var nextWallDeadline: Timestamp? {
        stage == .running ? occurrences.first?.key : nil
    }

    /// When the engine wants `.timer` by the boot clock.
    package var nextBootDeadline: Instant? {
        switch stage {
        case .holding: holdUntil
        case .running: alarms.first?.key
        case .loading, .draining, .drained: nil
        }
    }

    /// Takes in one event and adds to `effects` what is to be done about it. `now`: both clocks, read for this event.
    package mutating func handle(_ event: Event, at now: Moment, into effects: inout [Effect]) {
        switch event {
        case .restored(let history): restore(history)
        case .settings(let settings):
            limits.change(to: settings)
            changeCompaction(to: settings.compactAt, at: now)
            fillPlaces(at: now, into: &effects)
        case .jobLoaded(let job): load(job, at: now, into: &effects)
        case .jobRemoved(let id): remove(id, at: now, into: &effects)
        case .jobInError(let id): markInError(id)
        case .jobsComplete: completeJobs(at: now, into: &effects)
        case .timer: passTime(at: now, into: &effects)
        case .attemptFinished(let key, let result): finish(key, result, at: now, into: &effects)
        case .written(let sequence): acknowledgeWritten(sequence, at: now, into: &effects)
        case .synced(let sequence): acknowledgeSynced(sequence, at: now, into: &effects)
        case .diskRefuses(let refuses): changeDisk(refuses: refuses, at: now, into: &effects)
        case .clockStepped: followClock(at: now, into: &effects)
        case .historyTooLarge: compact(.early, at: now, into: &effects)
        case .compacted: compaction.isRunning = false
        case .control(let request, let token): control(request, token, at: now, into: &effects)
        case .drain: beginDrain(at: now, into: &effects)
        case .drainNow: cutShort(at: now, into: &effects)
        }
        clockDifference = difference(at: now)
        if stage == .draining { endDrain(into: &effects) }
    }

    /// `.timer`: everything due by either clock. At most `occurrencesPerTurn` jobs at once, so that the first calls of
    /// a herd leave while the rest is still being looked at.
    private mutating func passTime(at now: Moment, into effects: inout [Effect]) {
        if stage == .holding, let until = holdUntil, now.boot >= until { endHold(at: now, into: &effects) }
        guard stage == .running else { return }
        while let alarm = alarms.first, alarm.key <= now.boot {
            alarms.remove(alarm.slot)
            wake(alarm.slot, at: now, into: &effects)
        }
        var turns = occurrencesPerTurn
        while turns > 0, let due = occurrences.first, due.key <= now.wall {
            switch due.item {
            case .job(let slot): comeDue(slot, at: now, into: &effects)
            case .compaction: compactionDue(at: now, into: &effects)
            }
            turns -= 1
        }
    }
}

/// Jobs looked at in one `.timer`.
private let occurrencesPerTurn = 256
