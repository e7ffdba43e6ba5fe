/// Every key of `[Daemon]`, in the order of the reference.
extension DirectiveTable where Target == DaemonDraft {
    package static let daemon = DirectiveTable(
        daemonDirectives, besides: "Defaults",
        Set(DirectiveTable<JobDraft>.jobFile.directives.filter(\.mayBeDefault).map(\.key)))
}

/// What `[Defaults]` may set for all jobs, in the order of the reference.
extension DirectiveTable where Target == JobDraft {
    package static let defaults = DirectiveTable(
        jobFile.directives.filter(\.mayBeDefault).map { $0.moved(to: "Defaults") },
        besides: "Daemon", Set(daemonDirectives.map(\.key)))
}

extension Directive where Target == JobDraft {
    fileprivate var mayBeDefault: Bool {
        section != "Job" || ["TimeZone", "CatchUp", "Overlap"].contains(key)
    }

    fileprivate func moved(to section: String) -> Directive {
        Directive(
            section: section, key: key, accepts: accepts, fallback: fallback, isRepeatable: isRepeatable,
            isSecret: isSecret, assign: assign, reset: reset, place: place)
    }
}

private let yesOrNo = "yes or no"
private let aSpan = "a time span such as 90s or 30d"
private let aSize = "a number of bytes such as 16M"
private let mebibyte: Int64 = 1 << 20

private let daemonDirectives: [Directive<DaemonDraft>] = [
    .one(
        "Daemon", "MaxConcurrent", \.maxConcurrent, accepts: "a number from 1 to 65536", fallback: "2048",
        Values.integer(1...65_536)),
    .one(
        "Daemon", "MaxPerHost", \.maxPerHost, accepts: "a number from 1 to 65536", fallback: "64",
        Values.integer(1...65_536)),
    .one(
        "Daemon", "MaxResponseBytes", \.maxResponseBytes, accepts: aSize, fallback: "1M",
        Values.byteSize(4_096...1_024 * mebibyte)),
    .one(
        "Daemon", "DrainTimeout", \.drainTimeout, accepts: aSpan, fallback: "90s", Values.span(.zero ... .hours(1))),
    .one(
        "Daemon", "CompactAt", \.compactAt, accepts: "a time of day in UTC such as 04:00", fallback: "04:00",
        Values.timeOfDay),
    .one(
        "Daemon", "SegmentSize", \.segmentSize, accepts: aSize, fallback: "16M",
        Values.byteSize(mebibyte...1_024 * mebibyte)),
    .one(
        "Daemon", "UnsyncedLimit", \.unsyncedLimit, accepts: aSize, fallback: "64M",
        Values.byteSize(mebibyte...1_024 * mebibyte)),
    .optional(
        "Daemon", "HistoryMaxUse", \.historyMaxUse, accepts: aSize,
        fallback: "10% of the file system, at most 4G", Values.byteSize(mebibyte ... .max)),
    .optional(
        "Daemon", "HistoryKeepFree", \.historyKeepFree, accepts: aSize, fallback: "15% of the file system, at most 4G",
        Values.byteSize(0 ... .max)),
    .one(
        "Daemon", "KeepRemoved", \.keepRemoved, accepts: aSpan, fallback: "90d",
        Values.span(.zero ... .days(36_600))),
    .one("Daemon", "WatchJobs", \.watchesJobs, accepts: yesOrNo, fallback: "yes", Values.boolean),
    .one("Daemon", "CheckPermissions", \.checksPermissions, accepts: yesOrNo, fallback: "yes", Values.boolean),
    .one(
        "Daemon", "LogLevel", \.logLevel, accepts: listed(LogLevel.allCases.map(\.rawValue)), fallback: "info",
        Values.word),
    .one("Daemon", "LogSuccess", \.logsSuccess, accepts: yesOrNo, fallback: "yes", Values.boolean),
]

extension Values {
    /// `04:00` or `04:00:30`.
    fileprivate static func timeOfDay(_ text: String) throws(BadValue) -> TimeSpan {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), parts.allSatisfy({ $0.utf8.count == 2 && isNumber($0) }) else {
            throw BadValue()
        }
        let numbers = parts.compactMap { Int64($0) } + [0]
        guard numbers[0] <= 23, numbers[1] <= 59, numbers[2] <= 59 else { throw BadValue("there is no such time") }
        return .seconds(numbers[0] * 3_600 + numbers[1] * 60 + numbers[2])
    }
}
