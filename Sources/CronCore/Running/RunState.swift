/// A run that has not ended.
struct RunState {
    /// What a run is about at the moment. At most one request of a run is ever under way.
    enum Phase: UInt8 {
        /// Triggered by an execution that is not yet on the disk.
        case awaitingCause
        /// Behind another run of the same job.
        case queued
        /// Due, and waiting for a place among the calls in flight.
        case inLine
        /// At-most-once, due, and the disk refuses: waiting without a place.
        case parked
        /// Holds a place; its start record is on its way to the kernel or the disk.
        case awaitingRecord
        /// Holds a place; its request has been handed to the transport.
        case inFlight
        /// Its next attempt waits for its time.
        case backingOff
        /// Its next attempt is due, but the job's file is in error.
        case held
        /// Over: the slot waits for another run.
        case ended
    }

    var run: Run
    var phase: Phase
    /// Of the slot: how many runs it has held before.
    var generation: UInt32 = 0
    /// The job's slot.
    let job: Int32
    /// The runs of one job are a list, oldest first.
    var previous: Int32 = none
    var next: Int32 = none
    /// The number of the attempt under way, or of the next one.
    var attempt: Int32 = 1
    /// The host whose place it holds or waits for.
    var host: Int32 = none
    /// When this attempt should have started.
    var dueAt: Timestamp
    /// Of the attempt's start record; 0: not appended.
    var startSequence: SequenceNumber = 0
    var execution = ExecutionID(UUID(high: 0, low: 0))
    var startedAt = Moment(wall: Timestamp(microseconds: 0), boot: Instant(microseconds: 0))
    /// The definition that the attempt on the wire began with.
    var definition: Job?
    /// The execution that triggered the run.
    var cause: RecordedExecution?
    /// The run's last failed attempt.
    var lastFailure: RecordedExecution?

    init(run: Run, phase: Phase, job: Int32, dueAt: Timestamp) {
        self.run = run
        self.phase = phase
        self.job = job
        self.dueAt = dueAt
    }

    /// Whether the run holds one of the places that `MaxConcurrent=` counts.
    var holdsPlace: Bool { phase == .awaitingRecord || phase == .inFlight }

    /// Whether all that the run does is wait for its next attempt, so that the next occurrence ends it. A first
    /// attempt that waits for a place is not that.
    var onlyWaitsForRetry: Bool {
        switch phase {
        case .backingOff, .held: true
        case .inLine, .parked: attempt > 1
        case .awaitingCause, .queued, .awaitingRecord, .inFlight, .ended: false
        }
    }

    /// Whether the run waits behind another one, or for its cause, and has not begun.
    var isQueued: Bool { phase == .queued || phase == .awaitingCause }

    /// Lets go of all that the run held.
    mutating func end() {
        phase = .ended
        generation &+= 1
        definition = nil
        cause = nil
        lastFailure = nil
    }
}

/// An execution shared by all that refer to it: it is large, and most runs have none.
final class RecordedExecution: Sendable {
    let execution: Execution

    init(_ execution: Execution) {
        self.execution = execution
    }
}

/// Names a run while the daemon runs, and stops naming it once it has ended.
struct RunKey: Hashable {
    let index: Int32
    let generation: UInt32

    init(index: Int32, generation: UInt32) {
        self.index = index
        self.generation = generation
    }

    init(_ key: AttemptKey) {
        self.index = Int32(truncatingIfNeeded: key.value & 0x7fff_ffff)
        self.generation = UInt32(truncatingIfNeeded: key.value >> 32)
    }

    var attemptKey: AttemptKey {
        AttemptKey(UInt64(generation) << 32 | UInt64(UInt32(truncatingIfNeeded: index)))
    }
}

/// Triggered runs that may wait at one job, and runs that `Overlap=allow` may leave open: neither a storm of failures
/// nor a server that hangs may fill the memory.
let openRunsLimit: Int32 = 1_000

/// No slot, no run, no host.
let none: Int32 = -1
