/// What a compaction keeps of each job.
package struct RetentionRules: Sendable {
    /// Every loaded job, one whose file is in error too.
    package var jobs: [JobID: Retention]
    /// `KeepRemoved=`: how long a job that is not among them keeps its history, counted from the record of its absence.
    package var keepRemoved: TimeSpan

    package init(jobs: [JobID: Retention], keepRemoved: TimeSpan) {
        self.jobs = jobs
        self.keepRemoved = keepRemoved
    }

    /// What is kept of `job`; nil: nothing, for its file has been gone for longer than `KeepRemoved=`. The built-in
    /// limits hold for a removed job until then. `newest`: when its newest record was made. `isAccounted`: by that record
    /// it is not gone; that it is comes in a later one, which a compaction need not see, and the time runs from there.
    package func retention(of job: JobID, newest: Timestamp, isAccounted: Bool, now: Timestamp) -> Retention? {
        if let retention = jobs[job] { return retention }
        return !isAccounted && now - newest > keepRemoved ? nil : Retention()
    }
}
