internal import CronCore

// Whether a job stands still while it is paused: written apart from the engine, from the design.

extension RunBook {
    /// What is wrong with the record as far as pauses go.
    func pauses(_ record: Record, _ before: Account?) -> Violation? {
        let wasPaused = before?.isPaused ?? false
        let isPaused = record.header.account.isPaused
        switch record {
        case .state(let state):
            switch state.kind {
            case .paused: return isPaused ? nil : broken(.paused, record, "does not pause it")
            case .resumed(let by):
                guard wasPaused, !isPaused else { return broken(.paused, record, "resumes what was not paused") }
                guard by.isEmpty, let pause = jobs[record.header.job]?.pause else { return nil }
                let hasCome = pause.until.map { $0 <= record.header.recordedAt } ?? false
                return hasCome ? nil : broken(.paused, record, "ends a pause before its time")
            case .pending where wasPaused: return broken(.paused, record, "is of a paused job")
            case .accountingBegan, .absent, .clockCorrected, .pending: break
            }
        case .start where wasPaused: return broken(.paused, record, "is of a paused job")
        case .execution(let execution) where wasPaused && execution.nextAttemptAt != nil:
            return broken(.paused, record, "goes on though its job is paused")
        case .start, .execution, .note: break
        }
        return isPaused == wasPaused ? nil : broken(.paused, record, "changes the pause without saying so")
    }
}
