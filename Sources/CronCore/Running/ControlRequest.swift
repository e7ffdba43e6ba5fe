/// What somebody may ask of a running daemon.
package enum ControlRequest: Equatable, Sendable {
    /// A run, now: it leaves the schedule alone and respects `Overlap=`.
    case run(JobID, by: String)
    /// Nothing of the job starts any more; what is in flight ends.
    case pause(JobID, Pause)
    case resume(JobID, by: String)

    package var job: JobID {
        switch self {
        case .run(let job, _), .pause(let job, _), .resume(let job, _): job
        }
    }
}

/// Tells one request from another; the shell's to choose.
package typealias ControlToken = UInt64

/// What became of a request.
package enum ControlAnswer: Equatable, Sendable {
    /// The run is on record.
    case accepted(RunID)
    case done
    case refused(ControlRefusal)
}

/// Why a request is not carried out.
package enum ControlRefusal: Error, Equatable, Sendable {
    case unknownJob
    case disabled
    case paused
    case notPaused
    /// `Overlap=`: another run is under way, or queued.
    case overlap(Overlap)
    /// As many runs are open as may be.
    case tooMany
    /// The daemon starts, waits for its clock, or stops.
    case notReady

    /// In words, for who asked.
    package var words: String {
        switch self {
        case .unknownJob: "Not found"
        case .disabled: "The job is disabled: Enabled=no in its file"
        case .paused: "The job is paused: resume it first"
        case .notPaused: "The job is not paused"
        case .overlap(.queue): "A run of the job is under way, and another one is queued (Overlap=queue)"
        case .overlap: "A run of the job is under way (Overlap=skip)"
        case .tooMany: "Too many runs of the job are open"
        case .notReady: "The daemon is starting or stopping"
        }
    }
}
