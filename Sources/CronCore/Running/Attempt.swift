/// One HTTP request of a run, about to be made: what the shell needs to render and send it.
package struct Attempt: Sendable {
    /// Names the attempt between engine and shell while the daemon runs; never on disk.
    package var key: AttemptKey
    package var job: Job
    package var run: Run
    package var number: Int
    package var execution: ExecutionID
    package var startedAt: Moment
    /// The execution that triggered the run, for the `${failed.…}` placeholders.
    package var failed: Execution?

    package init(
        key: AttemptKey, job: Job, run: Run, number: Int, execution: ExecutionID, startedAt: Moment,
        failed: Execution? = nil
    ) {
        self.key = key
        self.job = job
        self.run = run
        self.number = number
        self.execution = execution
        self.startedAt = startedAt
        self.failed = failed
    }
}

/// Names an attempt while the daemon runs.
package struct AttemptKey: Hashable, Sendable {
    package let value: UInt64

    package init(_ value: UInt64) {
        self.value = value
    }
}
