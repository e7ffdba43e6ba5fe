/// A job while its file is read: each value with where it comes from. The initial one holds the built-in defaults.
package struct JobDraft: Draft, Equatable {
    // [Job]
    var description = Setting<String?>(nil)
    var id = Setting<JobID?>(nil)
    var isEnabled = Setting(true)
    var cron = Setting<[CronExpression]>([])
    var every = Setting<TimeSpan?>(nil)
    var at = Setting<AtMoment?>(nil)
    var onDemand = Setting(false)
    var timeZone = Setting("UTC")
    var randomizedOffset = Setting(TimeSpan.zero)
    var catchUp = Setting(CatchUp.once)
    var catchUpWindow = Setting<TimeSpan?>(nil)
    var overlap = Setting(Overlap.skip)
    var delivery = Setting(Delivery.atLeastOnce)
    var onFailure = Setting<JobID?>(nil)
    var onRecovery = Setting<JobID?>(nil)
    var onFailureAfter = Setting(1)

    // [Request]
    var url = Setting<URLTemplate?>(nil)
    var method = Setting<String?>(nil)
    var headers = Setting<[HeaderLine]>([])
    /// A template for each line.
    var body = Setting<[Template]>([])
    var bodyFile = Setting<String?>(nil)
    var timeout = Setting(TimeSpan.seconds(30))
    var connectTimeout = Setting(TimeSpan.seconds(10))
    var maxRedirects = Setting(0)
    var successStatus = Setting(StatusSet.success)
    var traceParent = Setting(false)
    var user = Setting<Template?>(nil)
    var password = Setting<Template?>(nil)
    var caFile = Setting<FileReference?>(nil)
    var clientCertificate = Setting<FileReference?>(nil)
    var clientKey = Setting<FileReference?>(nil)
    var verifiesTLS = Setting(true)
    var proxy = Setting<Template?>(nil)
    var noProxy = Setting<String?>(nil)
    var unixSocket = Setting<String?>(nil)
    var addressFamily = Setting(AddressFamily.any)

    // [Retry]
    var maxRetries = Setting(3)
    var backoff = Setting(Backoff.linear)
    var backoffDelay = Setting(TimeSpan.seconds(15))
    var maxBackoff = Setting(TimeSpan.hours(1))
    var jitter = Setting(0)
    var retryOn = Setting(RetryCondition.anyFailure)
    var retryAfter = Setting(true)

    // [History]
    var keep = Setting(100)
    var keepFor = Setting(TimeSpan.zero)
    var keepFailures = Setting(0)
    var recordBody = Setting(RecordBody.always)

    init() {}
}

/// What `[Defaults]` of httpcron.conf says, for jobs that do not say it themselves.
package struct JobDefaults: Equatable, Sendable {
    var draft = JobDraft()

    package init() {}
}
