internal import CronCore
internal import History

/// How one job stands, from its file and the record.
struct Standing: Equatable {
    enum State: String, Equatable {
        case ok
        case failing
        case retrying
        case running
        case pending
        case paused
        case new
        case disabled
        case inError = "in error"

        var style: Style {
            switch self {
            case .ok: .good
            case .failing, .inError: .bad
            case .retrying, .running, .pending, .paused: .warning
            case .new, .disabled: .faint
            }
        }
    }

    var id: JobID
    /// nil: its file is in error.
    var job: Job?
    /// What is wrong with its file, the first of it.
    var mistake: String?
    var last: Execution?
    var failuresInARow = 0
    var isRunning = false
    var isPaused = false
    /// When the next attempt of a waiting run is due, or a run that has still to begin.
    var retryAt: Timestamp?
    /// Whether that is its first.
    var isFirstAttempt = false
    /// When the next occurrence starts.
    var nextAt: Timestamp?

    var state: State {
        guard let job else { return .inError }
        if isRunning { return .running }
        if isPaused { return .paused }
        if retryAt != nil { return isFirstAttempt ? .pending : .retrying }
        if failuresInARow > 0 { return .failing }
        if !job.isEnabled { return .disabled }
        return last == nil ? .new : .ok
    }

    init(id: JobID, job: Job?, mistake: String? = nil) {
        self.id = id
        self.job = job
        self.mistake = mistake
    }

    /// Takes in the job's records, newest first, as many as are needed.
    mutating func take(_ next: () -> Record?, now: Timestamp) {
        var isNewest = true
        while let record = next() {
            if isNewest {
                failuresInARow = Int(clamping: record.header.account.failuresInARow)
                isPaused = record.header.account.isPaused
            }
            switch record {
            case .start where isNewest: isRunning = true
            case .execution(let execution):
                last = execution
                // A waiting run is told by the newest record; one behind it has been told what became of it.
                if isNewest, job?.isEnabled ?? true { retryAt = execution.nextAttemptAt }
                return
            case .state(let state) where isNewest:
                if case .pending(let run) = state.kind, job?.isEnabled ?? true {
                    retryAt = run.dueAt
                    isFirstAttempt = run.attempt <= 1
                }
            case .start, .note, .state: break
            }
            isNewest = false
        }
    }
}
