internal import Configuration
internal import CronCore
internal import CurlTransport
internal import HTTPServer
internal import Systemd

/// A start or a reload under way.
struct ReloadState {
    /// The first scan is the start: READY=1 follows it, and nothing was there before.
    var isStart = true
    var isRunning = false
    /// Asked for again while one was running.
    var isAskedAgain = false
    /// What the scan found, in words, for the line at the end.
    var summary = ""
    /// Who waits for the end of this one, and of the one that follows it.
    var clients: [ClientID] = []
    var nextClients: [ClientID] = []
    /// What was wrong, for them and for the metrics.
    var diagnostics: [Diagnostic] = []
    var hasSucceeded = true
    var endedAt: Timestamp?
    /// What is still to be told to the engine, oldest first.
    var events: ArraySlice<Event> = []
}

extension Daemon {
    /// Tells the engine what the history knows, and begins to read the job files.
    func begin(_ restored: RestoredHistory) {
        handle(.restored(restored))
        beginReload()
    }

    /// SIGHUP, or the start: the reader looks at settings and job files.
    func beginReload() {
        guard stop == .running else { return }
        guard !reload.isRunning else {
            reload.isAskedAgain = true
            return
        }
        reload.isRunning = true
        reload.diagnostics = []
        if !reload.isStart { notifier.reloading(monotonicMicroseconds: SystemClock.monotonicMicroseconds()) }
        reader.scan()
    }

    /// Takes until there is nothing left: only an owner who found his mailbox empty is rung for the next message.
    func readerAnswered() {
        while true {
            let answers = reader.takeAnswers()
            guard !answers.isEmpty else { return }
            for answer in answers { hear(answer) }
        }
    }

    private func hear(_ answer: Reader.Answer) {
        switch answer {
        case .scanned(let scan): take(scan)
        case .settingsRefused(let diagnostics):
            say(diagnostics)
            abandonReload("the settings are in error, so nothing was changed")
        case .directoryRefused(let diagnostic):
            say([diagnostic])
            abandonReload("the job directory cannot be used, so no job was changed")
        case .materials(let key, let materials): materialsCame(key, materials)
        case .jobFiles(let files): jobFilesCame(files)
        case .zonesChanged: beginReload()
        case .response(let client, let response): server.respond(client, response)
        case .granted(let query): granted(query)
        case .tokenMistakes(let mistakes): tokensHaveMistakes(mistakes)
        }
    }

    private func take(_ scan: Reader.Scan) {
        settings = scan.settings
        logger.apply(settings)
        lookAtUse()
        say(scan.warnings + scan.jobs.diagnostics)
        announced.refusedFiles = scan.jobs.failed.map { "\($0.name).job" }
        let jobs = scan.jobs
        for id in jobs.removed { metrics.forget(id) }
        reload.events = ArraySlice(
            [.settings(settings.engine)] + jobs.removed.map(Event.jobRemoved)
                + (jobs.changed + jobs.added).map(Event.jobLoaded)
                + jobs.failed.compactMap(\.stale).map(Event.jobInError) + [.jobsComplete])
        reload.summary = scan.words(isStart: reload.isStart)
        slicer?.isOn = true
    }

    /// Two milliseconds of what a reload changes; calls that are due meanwhile go first.
    func applySlice() {
        let began = SystemClock.monotonicMicroseconds()
        while let event = reload.events.popFirst() {
            handle(event)
            if SystemClock.monotonicMicroseconds() - began >= 2_000 { break }
        }
        if reload.events.isEmpty { endReload() } else { slicer?.isOn = true }
    }

    private func endReload() {
        logger.log(.info, reload.isStart ? .ready : .reloaded, reload.summary)
        reload.hasSucceeded = announced.refusedFiles.isEmpty
        answerReload(error: nil)
        finishReload()
    }

    private func abandonReload(_ reason: String) {
        logger.log(.error, .reloaded, reason)
        reload.hasSucceeded = false
        answerReload(error: reason)
        // A start without its jobs goes on, and says so; it must still account for what the history left open.
        if reload.isStart { handle(.jobsComplete) }
        finishReload()
    }

    private func finishReload() {
        reload.events = []
        reload.isStart = false
        reload.isRunning = false
        reload.endedAt = SystemClock.now().wall
        notifier.ready(status: statusText())
        // Once what follows a reload, the first calls and records among it, has settled.
        tidyTimer?.arm(at: (SystemClock.now().boot + .seconds(2)).microseconds)
        if reload.isAskedAgain {
            reload.isAskedAgain = false
            swap(&reload.clients, &reload.nextClients)
            beginReload()
        }
    }

    private func say(_ diagnostics: [Diagnostic]) {
        reload.diagnostics += diagnostics
        for diagnostic in diagnostics {
            let job = diagnostic.file.split(separator: ".job", maxSplits: 1).first.map(String.init) ?? ""
            let isError = diagnostic.severity == .error
            logger.log(
                isError ? .error : .warning, isError ? .jobFileRefused : .jobFileWarning, diagnostic.description,
                [LogField(name: "JOB", value: job)])
        }
    }
}

extension Reader.Scan {
    /// `4 jobs loaded, 1 file in error`, `2 jobs added, 1 changed`…
    func words(isStart: Bool) -> String {
        let failed = jobs.failed.isEmpty ? "" : ", \(count(jobs.failed.count, "file")) in error"
        if isStart { return "ready: httpcrond \(Version.text), \(count(jobs.memory.jobCount, "job")) loaded\(failed)" }
        var changes: [String] = []
        if !jobs.added.isEmpty { changes.append("\(jobs.added.count) added") }
        if !jobs.changed.isEmpty { changes.append("\(jobs.changed.count) changed") }
        if !jobs.removed.isEmpty { changes.append("\(jobs.removed.count) removed") }
        let what = changes.isEmpty ? "nothing changed" : changes.joined(separator: ", ")
        return "reloaded: \(what), \(count(jobs.memory.jobCount, "job")) in all\(failed)"
    }

    private func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }
}
