/// What `httpcron.conf` says: `[Daemon]`, and `[Defaults]` for the jobs.
package struct DaemonSettings: Sendable {
    package var engine: EngineSettings
    package var maxResponseBytes: Int64
    package var drainTimeout: TimeSpan
    package var segmentSize: Int64
    package var unsyncedLimit: Int64
    /// nil: 10 % of the file system, at most 4 GiB.
    package var historyMaxUse: Int64?
    /// nil: 15 % of the file system, at most 4 GiB.
    package var historyKeepFree: Int64?
    package var keepRemoved: TimeSpan
    package var watchesJobs: Bool
    package var checksPermissions: Bool
    package var logLevel: LogLevel
    package var logsSuccess: Bool
    package var jobDefaults: JobDefaults

    /// The built-in ones.
    package init() {
        self.init(DaemonDraft(), jobDefaults: JobDefaults())
    }

    /// Reads the main file and then its drop-ins (`httpcron.conf.d/*.conf`, in order). nil: at least one of the
    /// diagnostics is an error.
    package static func parse(
        _ bytes: [UInt8], file: String = "httpcron.conf", dropIns: [JobFile.DropIn] = []
    ) -> (settings: DaemonSettings?, diagnostics: [Diagnostic]) {
        var diagnostics = DiagnosticList()
        var unit = UnitFile()
        UnitFileParser.parse(bytes, file: file, into: &unit, &diagnostics)
        for dropIn in dropIns.prefix(JobFile.dropInLimit) {
            UnitFileParser.parse(dropIn.bytes, file: dropIn.file, into: &unit, &diagnostics)
        }
        if dropIns.count > JobFile.dropInLimit {
            diagnostics.error(
                Place(file: file, line: nil),
                "has \(dropIns.count) drop-ins; at most \(JobFile.dropInLimit) are read")
        }
        var draft = DaemonDraft()
        _ = DirectiveTable.daemon.apply(
            unit.assignments.lazy.filter { $0.section != "Defaults" }, to: &draft, &diagnostics)
        var defaults = JobDefaults()
        let assignments = unit.assignments.lazy.filter { $0.section == "Defaults" }.map {
            var assignment = $0
            assignment.isDefault = true
            return assignment
        }
        _ = DirectiveTable.defaults.apply(assignments, to: &defaults.draft, &diagnostics)
        let hasErrors = diagnostics.hasErrors
        let settings = DaemonSettings(draft, jobDefaults: defaults)
        return (hasErrors ? nil : settings, diagnostics.finished(file: file))
    }

    private init(_ draft: DaemonDraft, jobDefaults: JobDefaults) {
        engine = EngineSettings(
            maxConcurrent: draft.maxConcurrent.value, maxPerHost: draft.maxPerHost.value,
            compactAt: draft.compactAt.value)
        maxResponseBytes = draft.maxResponseBytes.value
        drainTimeout = draft.drainTimeout.value
        segmentSize = draft.segmentSize.value
        unsyncedLimit = draft.unsyncedLimit.value
        historyMaxUse = draft.historyMaxUse.value
        historyKeepFree = draft.historyKeepFree.value
        keepRemoved = draft.keepRemoved.value
        watchesJobs = draft.watchesJobs.value
        checksPermissions = draft.checksPermissions.value
        logLevel = draft.logLevel.value
        logsSuccess = draft.logsSuccess.value
        self.jobDefaults = jobDefaults
    }
}

/// `LogLevel=`: lines less urgent than this are left out. syslog's words.
package enum LogLevel: String, Sendable, CaseIterable {
    case err
    case warning
    case notice
    case info
    case debug
}

/// The settings while their file is read.
package struct DaemonDraft: Draft {
    var maxConcurrent = Setting(2_048)
    var maxPerHost = Setting(64)
    var maxResponseBytes = Setting<Int64>(1 << 20)
    var drainTimeout = Setting(TimeSpan.seconds(90))
    var compactAt = Setting(TimeSpan.hours(4))
    var segmentSize = Setting<Int64>(16 << 20)
    var unsyncedLimit = Setting<Int64>(64 << 20)
    var historyMaxUse = Setting<Int64?>(nil)
    var historyKeepFree = Setting<Int64?>(nil)
    var keepRemoved = Setting(TimeSpan.days(90))
    var watchesJobs = Setting(true)
    var checksPermissions = Setting(true)
    var logLevel = Setting(LogLevel.info)
    var logsSuccess = Setting(true)

    init() {}
}
