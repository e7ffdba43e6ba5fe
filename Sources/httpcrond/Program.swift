internal import Configuration
internal import CronCore
internal import CurlTransport
internal import Glibc
internal import HTTPServer
internal import History
internal import Sockets
internal import Systemd
internal import Threads

/// The program from its command line to its exit code.
enum Program {
    /// sysexits(3): what a service manager and a script tell apart.
    private enum ExitCode {
        static let usage: Int32 = 2
        static let unavailable: Int32 = 69
        static let osError: Int32 = 71
        static let inputOutput: Int32 = 74
        static let configuration: Int32 = 78
    }

    static func run(_ arguments: [String]) -> Int32 {
        do throws(UsageError) {
            let options = try Options(arguments: arguments)
            switch options.mode {
            case .help: print(Options.usage)
            case .version: printVersion()
            case .daemon: return runDaemon(options)
            case .demo: return runDemo(options)
            case .attempt(let file): return runAttempt(file, options)
            }
            return 0
        } catch {
            complain(error.message)
            return ExitCode.usage
        }
    }

    private static func printVersion() {
        let curl = CurlVersion.installed
        print("httpcrond \(Version.text), libcurl \(curl.text) (\(curl.tls))")
        for sentence in curl.lacks { print("This libcurl: \(sentence)") }
    }

    private static func runDemo(_ options: Options) -> Int32 {
        do throws(DemoError) {
            let demo = try Demo()
            var options = options
            options.jobsDirectory = demo.jobsDirectory
            options.stateDirectory = demo.stateDirectory
            options.settingsFile = "\(demo.directory)/httpcron.conf"
            print(demo.greeting)
            fflush(nil)
            let code = runDaemon(options)
            print(demo.farewell)
            return code
        } catch {
            complain(error.message)
            return ExitCode.osError
        }
    }

    private static func runAttempt(_ file: String, _ options: Options) -> Int32 {
        do {
            try prepareProcessForTransport()
            ProcessLimits.apply()
            guard let settings = loadSettings(options) else { return ExitCode.configuration }
            guard let attempt = try TryOnce(file: file, options: options, settings: settings) else {
                return ExitCode.configuration
            }
            return try attempt.run() ? 0 : 1
        } catch {
            complain("\(error)")
            return ExitCode.osError
        }
    }

    private static func runDaemon(_ options: Options) -> Int32 {
        do {
            ProcessMemory.keepHeapsSmall()
            try prepareProcessForTransport()
            ProcessLimits.apply()
            guard let settings = loadSettings(options) else { return ExitCode.configuration }
            return try serve(options, settings)
        } catch let error as HistoryError {
            complain("the history cannot be opened: \(error)\(error.remedy)")
            return ExitCode.inputOutput
        } catch {
            complain("\(error)")
            return ExitCode.osError
        }
    }

    /// nil: they are in error, and stderr says where.
    private static func loadSettings(_ options: Options) -> DaemonSettings? {
        let loaded = options.loadSettings(trust: options.trust)
        for diagnostic in loaded.diagnostics { complain(diagnostic.description) }
        return loaded.settings
    }

    /// On the sockets that the service manager passes, and on those that were asked for.
    private static func listen(_ server: Server, _ options: Options, _ logger: Logger) throws {
        for descriptor in SocketActivation.descriptors() { server.listen(on: Listener(adopting: descriptor)) }
        for address in options.listenAddresses {
            server.listen(on: try Listener(address))
            logger.log(.info, .apiListens, "the API listens on \(address.text)")
        }
    }

    private static func serve(_ options: Options, _ settings: DaemonSettings) throws -> Int32 {
        let logger = try Logger()
        defer { logger.close() }
        logger.apply(settings)
        let notifier = Notifier()
        // A long history that was left unclean takes time to bring into order.
        notifier.extendTimeout(microseconds: TimeSpan.minutes(10).microseconds)
        let loop = try EventLoop()
        let bell = Bell()
        // systemd has made it; by hand, a new place is made as asked for. What cannot be made, opening will tell of.
        mkdir(options.stateDirectory, 0o750)
        let history = try HistoryStore.open(
            directory: options.historyDirectory,
            settings: HistorySettings(
                segmentSize: UInt64(settings.segmentSize), unsyncedLimit: Int(settings.unsyncedLimit),
                allowsNetworkFileSystem: options.forcesNetworkFileSystem),
            bell: bell)
        for finding in history.findings { logger.log(.warning, .historyRecovered, finding.description) }
        for sentence in CurlVersion.installed.lacks { logger.log(.warning, .ready, "libcurl: \(sentence)") }
        let reader = try Reader(options: options, settings: settings)
        let compactor = try Compactor(
            directory: options.historyDirectory, segmentSize: UInt64(settings.segmentSize), history: history.writer)
        let poller = try SocketPoller(loop: loop)
        let transport = try CurlTransport(
            loop: loop, poller: poller, limits: TransportLimits(maxResponseBytes: UInt64(settings.maxResponseBytes)))
        let server = try Server(loop: loop, poller: poller)
        let daemon = try Daemon(
            loop: loop, options: options, settings: settings, history: history.writer, historyBell: bell,
            logger: logger, reader: reader, compactor: compactor, transport: transport,
            server: server)
        try listen(server, options, logger)
        var restored = history.restored
        restored.compactedAt = history.compactedAt
        daemon.begin(restored)
        let code = try loop.run()
        server.close()
        // Who still changes files must not do so beside the next daemon: then the lock goes with the process.
        if compactor.close() { history.writer.close() }
        daemon.compactorAnswered()
        reader.close()
        let lost = history.writer.unsyncedBytes
        if lost > 0 {
            logger.log(
                .error, .diskRefuses,
                "the disk refused to the end: the newest \(lost) bytes of records may be lost; "
                    + "the lines before this one say what became of each call")
        }
        logger.log(.info, .stopped, "stopped")
        return code
    }
}
