internal import Configuration
internal import CronCore
internal import History

extension Verb {
    static let compact = Verb(
        name: "compact",
        operands: "",
        summary: "Compact the history now, while no daemon runs",
        description: """
            Does what the daemon does each day at CompactAt=: joins the files of the history into one that holds what
            [History] in the job files, KeepRemoved= and HistoryMaxUse= keep. For a machine whose daemon is stopped, or
            a copy of a history; while a daemon has it, it is refused. A job whose file is in error keeps everything. The
            exit status is 0 if there was nothing to do, too.
            """,
        options: [.outputJSON, .forceNetworkFileSystem],
        examples: [
            .init("sudo httpcron compact", "after systemctl stop 'httpcron*'"),
            .init("httpcron compact --state copy --jobs copy/jobs.d", "a copy"),
        ],
        run: { try Compact.run($0) })
}

extension OptionSpec {
    fileprivate static let forceNetworkFileSystem = OptionSpec(
        "force-network-file-system", "Also on NFS, CIFS and the like, as the daemon was made to")
}

/// `httpcron compact`.
enum Compact {
    static func run(_ arguments: ParsedArguments) throws -> Int32 {
        let isJSON = try wantsJSON(arguments)
        guard arguments.operands.isEmpty else {
            throw UsageError("compact takes no JOB: all jobs are compacted; see httpcron compact --help")
        }
        let place = Workplace(arguments)
        guard let settings = place.settings.settings else {
            for diagnostic in place.settings.diagnostics { complain("\(diagnostic)") }
            throw ToolError("the settings are in error, so nothing was compacted")
        }
        let files = place.jobFiles()
        if let failure = files.failure {
            throw ToolError(
                "\(failure)\nWhat is to be kept is in the job files, so nothing was compacted; --jobs DIR names "
                    + "their directory")
        }
        for file in files.failed { complain("\(file.name).job is in error: all that is recorded of it is kept") }
        let began = systemTime()
        let report = try compact(
            place, settings, RetentionRules(jobs: files.retention, keepRemoved: settings.keepRemoved))
        return try place.show(paged: false) { output in
            let took = systemTime() - began
            if isJSON {
                line(report, took).write(to: output)
            } else {
                output.write(words(report, took) + "\n")
            }
            return 0
        }
    }

    private static func compact(
        _ place: Workplace, _ settings: DaemonSettings, _ rules: RetentionRules
    ) throws(ToolError) -> CompactionReport? {
        do throws(HistoryError) {
            let bounds = HistoryBounds(maxUse: settings.historyMaxUse, keepFree: settings.historyKeepFree)
            let use = try HistoryUse.measure(directory: place.historyPath)
            return try HistoryStore.compact(
                directory: place.historyPath, order: CompactionOrder(rules: rules, maxUse: bounds.room(for: use)),
                settings: HistorySettings(
                    segmentSize: UInt64(settings.segmentSize),
                    allowsNetworkFileSystem: place.arguments.has(OptionSpec.forceNetworkFileSystem.long)),
                tell: { complain("\($0)") })
        } catch {
            if case .locked(let path) = error {
                throw ToolError(
                    "\(path): a daemon has it, and compacts it each day at \(settings.engine.compactAt.timeOfDay) UTC "
                        + "(CompactAt=); to do it now, stop the daemon and its sockets first: systemctl stop 'httpcron*'"
                )
            }
            throw ToolError(place.words(error))
        }
    }

    private static func words(_ report: CompactionReport?, _ took: TimeSpan) -> String {
        guard let report else { return "There is nothing to compact." }
        return "Compacted the history in \(took.words): \(report.segments) "
            + "\(report.segments == 1 ? "segment" : "segments"), \(report.recordsRead) records to "
            + "\(report.recordsKept), \(report.bytesBefore.inBytes) to \(report.bytesAfter.inBytes)."
    }

    private static func line(_ report: CompactionReport?, _ took: TimeSpan) -> JSONLine {
        var line = JSONLine()
        line.add("compacted", report != nil)
        line.add("file", report?.name)
        line.add("segments", report?.segments)
        line.add("records_before", report.map { Int(clamping: $0.recordsRead) })
        line.add("records_after", report.map { Int(clamping: $0.recordsKept) })
        line.add("bytes_before", report.map { Int(clamping: $0.bytesBefore) })
        line.add("bytes_after", report.map { Int(clamping: $0.bytesAfter) })
        line.add("duration_ms", Int(clamping: took.microseconds / 1_000))
        return line
    }
}

extension TimeSpan {
    /// `04:00`, or `04:00:30`.
    fileprivate var timeOfDay: String {
        let seconds = microseconds / 1_000_000
        let minutes = "\((seconds / 3_600).digits(2)):\((seconds / 60 % 60).digits(2))"
        return seconds % 60 == 0 ? minutes : "\(minutes):\((seconds % 60).digits(2))"
    }
}
