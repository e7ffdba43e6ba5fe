import CronCore
import Testing

/// One key of [Daemon]: a good value and what it sets, a bad value and what is said of it.
private struct SettingRow: Sendable {
    var key: String
    var good: String
    var holds: @Sendable (DaemonSettings) -> Bool
    var bad: String
    var message: String

    init(
        _ key: String, _ good: String, bad: String, _ message: String,
        _ holds: @escaping @Sendable (DaemonSettings) -> Bool
    ) {
        self.key = key
        self.good = good
        self.holds = holds
        self.bad = bad
        self.message = message
    }
}

private let size = "a number of bytes such as 16M"
private let span = "a time span such as 90s or 30d"

@Suite struct DaemonSettingsTests {
    private static let rows = [
        SettingRow("MaxConcurrent", "1", bad: "0", "takes a number from 1 to 65536, not '0'") {
            $0.engine.maxConcurrent == 1
        },
        SettingRow("MaxPerHost", "7", bad: "x", "takes a number from 1 to 65536, not 'x'") {
            $0.engine.maxPerHost == 7
        },
        SettingRow("MaxResponseBytes", "64K", bad: "1", "takes \(size), not '1': 4096 bytes are the least") {
            $0.maxResponseBytes == 65_536
        },
        SettingRow("DrainTimeout", "5s", bad: "2h", "takes \(span), not '2h': 1h is the most") {
            $0.drainTimeout == .seconds(5)
        },
        SettingRow(
            "CompactAt", "23:59:30", bad: "24:00",
            "takes a time of day in UTC such as 04:00, not '24:00': there is no such time"
        ) { $0.engine.compactAt == .seconds(86_370) },
        SettingRow("SegmentSize", "1.5M", bad: "16Q", "takes \(size), not '16Q': '16Q' is no number") {
            $0.segmentSize == 1_572_864
        },
        SettingRow(
            "UnsyncedLimit", "2MB", bad: "2000000000000000000000",
            "takes \(size), not '2000000000000000000000': it is too large"
        ) { $0.unsyncedLimit == 2 << 20 },
        SettingRow("HistoryMaxUse", "4G", bad: "-1", "takes \(size), not '-1': '-1' is no number") {
            $0.historyMaxUse == 4 << 30
        },
        SettingRow("HistoryKeepFree", "0", bad: "15%", "takes \(size), not '15%': '15%' is no number") {
            $0.historyKeepFree == 0
        },
        SettingRow("KeepRemoved", "1y", bad: "never", "takes \(span), not 'never': 'never' begins with no number") {
            $0.keepRemoved == .hours(8_766)
        },
        SettingRow("WatchJobs", "no", bad: "inotify", "takes yes or no, not 'inotify'") { !$0.watchesJobs },
        SettingRow("CheckPermissions", "false", bad: "never", "takes yes or no, not 'never'") { !$0.checksPermissions },
        SettingRow("LogLevel", "debug", bad: "warn", "takes err, warning, notice, info or debug, not 'warn'") {
            $0.logLevel == .debug
        },
        SettingRow("LogSuccess", "0", bad: "?", "takes yes or no, not '?'") { !$0.logsSuccess },
    ]

    private static func read(_ text: String) -> (settings: DaemonSettings?, messages: [String]) {
        let (settings, diagnostics) = DaemonSettings.parse(Array(text.utf8))
        return (settings, diagnostics.map(\.description))
    }

    @Test(arguments: rows.indices)
    func `each key sets what it should, or is refused with what is accepted`(index: Int) throws {
        let row = Self.rows[index]
        let (settings, messages) = Self.read("[Daemon]\n\(row.key)=\(row.good)\n")
        #expect(messages.isEmpty)
        #expect(row.holds(try #require(settings)), "\(row.key)")
        let refused = Self.read("[Daemon]\n\(row.key)=\(row.bad)\n")
        #expect(refused.settings == nil)
        #expect(refused.messages == ["httpcron.conf:2: \(row.key)= \(row.message)"])
    }

    @Test func `every key has a row`() {
        #expect(DirectiveTable.daemon.directives.map(\.key) == Self.rows.map(\.key))
    }

    @Test func `an empty file has the defaults of the manual`() throws {
        let settings = try #require(Self.read("").settings)
        #expect(settings.engine == EngineSettings(maxConcurrent: 2_048, maxPerHost: 64))
        #expect(settings.maxResponseBytes == 1 << 20 && settings.segmentSize == 16 << 20)
        #expect(settings.drainTimeout == .seconds(90) && settings.engine.compactAt == .hours(4))
        #expect(settings.unsyncedLimit == 64 << 20 && settings.keepRemoved == .days(90))
        #expect(settings.historyMaxUse == nil && settings.historyKeepFree == nil)
        #expect(settings.watchesJobs && settings.checksPermissions && settings.logsSuccess)
        #expect(settings.logLevel == .info)
    }

    @Test func `defaults hold for jobs that do not say it themselves`() throws {
        let text = """
            [Defaults]
            Timeout=7
            MaxRetries=9
            Keep=5
            CatchUp=skip
            TimeZone=Europe/Berlin
            Header=A: 1
            Header=B: 2
            Proxy=proxy:3128
            BodyFile=/default

            """
        let defaults = try #require(Self.read(text).settings).jobDefaults
        let plain = try #require(parse(onDemandJob, defaults: defaults).job)
        #expect(plain.request.timeout == .seconds(7) && plain.retry.maxRetries == 9 && plain.retention.keep == 5)
        #expect(plain.catchUp == .skip && plain.request.headers.map(\.name) == ["A", "B"])
        #expect(plain.request.body == .file("/default"))
        let own = try #require(
            parse(onDemandJob + "Timeout=\nHeader=C: 3\nHeader=D: 4\nProxy=\nBody=x\n", defaults: defaults).job)
        #expect(own.request.timeout == .seconds(30))
        #expect(own.request.headers.map(\.name) == ["C", "D"])
        #expect(own.request.proxy == nil)
        guard case .text = own.request.body else {
            Issue.record("the job's own body must replace the default one")
            return
        }
    }

    @Test func `defaults take no schedule, and keys know their section`() {
        #expect(
            Self.read("[Defaults]\nCatchUps=skip\nMaxPerHost=3\n[Daemon]\nTimeout=3\n[Default]\na=1\n").messages
                == [
                    "httpcron.conf:5: Timeout= belongs in [Defaults], and stands in [Daemon]",
                    "httpcron.conf:6: stands in [Default], which is no section; did you mean [Defaults]?",
                    "httpcron.conf:2: there is no CatchUps=; did you mean CatchUp=?",
                    "httpcron.conf:3: MaxPerHost= belongs in [Daemon], and stands in [Defaults]",
                ].map { $0.replacing(":6:", with: ":7:") })
        let (settings, messages) = Self.read("[Defaults]\nCron=@daily\n")
        #expect(settings == nil)
        #expect(messages.count == 1 && messages[0].hasPrefix("httpcron.conf:2: there is no Cron=; [Defaults] knows "))
    }
}
