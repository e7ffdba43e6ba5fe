internal import Configuration
internal import CronCore
internal import CurlTransport
internal import HTTPServer
internal import History
internal import Systemd
internal import Threads

/// The loop's side of the program: tells the engine what happened, and carries out what it wants. Decides nothing.
///
/// Everything here lives on the loop's thread. Whatever can block is with a thread of its own: the history's writer and
/// syncer, the reader, the compactor, the logger, the resolvers.
final class Daemon {
    let loop: EventLoop
    let options: Options
    let logger: Logger
    let notifier = Notifier()
    let transport: CurlTransport
    let server: Server
    let history: HistoryWriter
    let reader: Reader
    let compactor: Compactor
    let renderer = RequestRenderer(version: Version.text)
    var engine: Engine
    var settings: DaemonSettings

    var reload = ReloadState()
    var stop = StopState.running
    var compaction = CompactionState()
    var announced = AnnouncedState()
    var controls = ControlState()
    var metrics = JobMetrics()
    let startedAt = SystemClock.now().wall
    /// Attempts whose request waits for the reader.
    var awaitingMaterials: [AttemptKey: Attempt] = [:]
    var sends = SendLine()
    private var effects: [Effect] = []
    private var records: [Record] = []

    // Each source keeps its action, and the action keeps nothing: `self` is unowned in it, and owns the source.
    var sources: [EventSource] = []
    var wallTimer: EventTimer?
    var bootTimer: EventTimer?
    var drainTimer: EventTimer?
    var watchdogTimer: EventTimer?
    var tidyTimer: EventTimer?
    var stallTimer: EventTimer?
    var compactionTimer: EventTimer?
    var slicer: EventSource?
    private var starter: EventSource?
    private var clockWatch: ClockStepWatch?

    /// `historyBell`: the one that `history` rings.
    init(
        loop: EventLoop, options: Options, settings: DaemonSettings, history: HistoryWriter, historyBell: Bell,
        logger: Logger, reader: Reader, compactor: Compactor, transport: CurlTransport, server: Server
    ) throws(SystemdError) {
        self.loop = loop
        self.options = options
        self.settings = settings
        self.history = history
        self.logger = logger
        self.reader = reader
        self.compactor = compactor
        self.transport = transport
        self.server = server
        engine = Engine(
            settings: settings.engine, seed: .random(in: .min ... .max), programBuiltAt: Version.releasedAt)
        transport.finished = { [unowned self] key, result in tell(.attemptFinished(key, result)) }
        transport.finishedAll = { [unowned self] in carryOut() }
        server.received = { [unowned self] request in requested(request) }
        server.freedMuch = { [unowned self] in tidyLater() }
        try watch(historyBell)
    }

    private func watch(_ historyBell: Bell) throws(SystemdError) {
        wallTimer = try loop.timer(.realtime, priority: .timers) { [unowned self] in
            wallTimer?.fired()
            handle(.timer)
        }
        bootTimer = try loop.timer(.boottime, priority: .timers) { [unowned self] in
            bootTimer?.fired()
            handle(.timer)
        }
        tidyTimer = try loop.timer(.boottime, priority: .last) { [unowned self] in
            tidyTimer?.fired()
            reader.giveBackMemory()
        }
        stallTimer = try loop.timer(.boottime) { [unowned self] in
            stallTimer?.fired()
            hasStalled()
        }
        compactionTimer = try loop.timer(.boottime, priority: .last) { [unowned self] in
            compactionTimer?.fired()
            beginCompaction()
        }
        starter = try loop.deferred { [unowned self] in startSome() }
        slicer = try loop.deferred(priority: .last) { [unowned self] in applySlice() }
        clockWatch = try ClockStepWatch(loop: loop) { [unowned self] in clockStepped() }
        sources.append(
            try loop.onReadable(historyBell.descriptor) { [unowned self] in
                historyBell.wait()
                historyMoved()
            })
        sources.append(
            try loop.onReadable(reader.bell.descriptor) { [unowned self] in
                reader.bell.wait()
                readerAnswered()
            })
        sources.append(
            try loop.onReadable(compactor.bell.descriptor) { [unowned self] in
                compactor.bell.wait()
                compactorAnswered()
            })
        try watchSignals()
        try watchdog()
    }

    /// Tells the engine, and carries out what it wants of it.
    func handle(_ event: Event) {
        tell(event)
        carryOut()
    }

    /// Tells the engine. Several events of one turn may be told before what they ask for is carried out together:
    /// their records then cost the history's threads one wake-up, and one write.
    func tell(_ event: Event) {
        engine.handle(event, at: SystemClock.now(), into: &effects)
    }

    /// Carries out, in order, what the engine has asked for since the last time.
    func carryOut() {
        var isDrained = false
        var needsSync = false
        for effect in effects {
            switch effect {
            case .append(let record):
                records.append(record)
                if case .start = record {} else { needsSync = true }
            case .sync: needsSync = true
            case .send(let attempt): sends.append(attempt)
            case .cancel(let key): cancel(key)
            case .log(.succeeded) where !settings.logsSuccess: break
            case .log(let entry): logger.log(entry)
            case .attempted(let execution, let lateness): metrics.add(execution, lateness: lateness)
            case .answer(let token, let answer): answered(token, answer)
            case .compact(let cause): prepareCompaction(cause)
            case .drained: isDrained = true
            }
        }
        effects.removeAll(keepingCapacity: effects.capacity <= Self.keptCapacity)
        if !records.isEmpty {
            history.append(records, needsSync: needsSync)
            if needsSync, let last = records.last {
                announced.awaitSync(of: last.header.sequence)
                watchForStall()
            }
            records.removeAll(keepingCapacity: records.capacity <= Self.keptCapacity)
        }
        if !sends.isEmpty { starter?.isOn = true }
        if isDrained { drained() }
        rearm()
    }

    /// A start with ten thousand jobs fills these once; an idle daemon must not hold that for ever.
    private static let keptCapacity = 512

    /// A few a turn: the first calls of a herd leave in a millisecond, and what has arrived is not kept waiting.
    private func startSome() {
        for _ in 0..<SendLine.startsPerTurn {
            guard let attempt = sends.popFirst() else { return }
            begin(attempt)
        }
        starter?.isOn = !sends.isEmpty
    }
}
