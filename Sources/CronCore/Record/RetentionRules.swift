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
    /// limits hold for a removed job until then. `newest`: when its newest record was made. `account`: by that record;
    /// if it is accounted for or has open runs, a later record follows, which a compaction need not see. The time runs
    /// from there, and that record counts on what is here: a pause, above all.
    package func retention(of job: JobID, newest: Timestamp, account: Account, now: Timestamp) -> Retention? {
        if let retention = jobs[job] { return retention }
        let isOver = !account.isAccounted && account.openRuns == 0
        return isOver && now - newest > keepRemoved ? nil : Retention()
    }
}
