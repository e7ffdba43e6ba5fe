/// What the engine keeps of one job.
struct JobSlot {
    /// How the job stands.
    enum Standing: UInt8 {
        /// Told, but the start is not over: nothing is due yet.
        case arriving
        case enabled
        /// `Enabled=no`: shown, never due.
        case disabled
        /// The file is gone; a call in flight is still to end.
        case removed
        /// Nobody: the slot waits for another job.
        case vacant
    }

    var job: Job
    /// As the next record's header will say it.
    var account: Account
    /// Where in its `RandomizedOffset=` the job starts.
    var offset: TimeSpan
    /// The host that the current definition calls.
    var host: Int32
    var standing: Standing
    /// The history has records of the job.
    var wasRecorded = false
    /// The file is in error; this is its last good version.
    var isStale = false
    /// The job's runs, oldest first.
    var firstRun: Int32 = none
    var lastRun: Int32 = none
    /// The one run that no record knows yet.
    var unrecorded: Int32 = none
    /// Runs that wait behind another one, or for their cause.
    var queued: Int32 = 0
    /// Those of them that another job triggered.
    var triggered: Int32 = 0
    /// Runs that have begun and not ended.
    var underWay: Int32 = 0
    /// Those of them that only wait for a retry.
    var retrying: Int32 = 0
}
