internal import CronCore
internal import Glibc
internal import Systemd

/// How far a stop has come.
enum StopState {
    case running
    case draining
    case cancelling
    case drained
}

extension Daemon {
    func watchSignals() throws(SystemdError) {
        for signal in [SIGTERM, SIGINT] {
            sources.append(try loop.onSignal(signal) { [unowned self] in stopAsked() })
        }
        sources.append(try loop.onSignal(SIGHUP) { [unowned self] in beginReload() })
    }

    /// SIGTERM or SIGINT. The first drains, the second cancels what is in flight.
    private func stopAsked() {
        switch stop {
        case .running: beginDrain()
        case .draining: cancelRest("asked to stop twice")
        case .cancelling, .drained: break
        }
    }

    private func beginDrain() {
        stop = .draining
        compactor.giveUp()
        let inFlight = engine.status.inFlight
        let limit = settings.drainTimeout
        notifier.stopping(status: "stopping: \(callWords(inFlight)) in flight")
        // The manager's own limit must not cut the drain short.
        notifier.extendTimeout(microseconds: (limit + .seconds(15)).microseconds)
        logger.log(
            .info, .stopping,
            inFlight == 0
                ? "stopping" : "stopping: \(callWords(inFlight)) in flight may end, for \(limit.shortForm) at most")
        let timer = try? loop.timer(.boottime) { [unowned self] in cancelRest("DrainTimeout= is over") }
        timer?.arm(at: (SystemClock.now().boot + limit).microseconds)
        drainTimer = timer
        handle(.drain)
    }

    private func cancelRest(_ reason: String) {
        guard stop == .draining else { return }
        stop = .cancelling
        logger.log(.notice, .stopping, "cancelling \(callWords(engine.status.inFlight)) in flight: \(reason)")
        handle(.drainNow)
    }

    /// Nothing is in flight, and every record is on the disk or cannot be put there.
    func drained() {
        guard stop != .drained else { return }
        stop = .drained
        loop.exit()
    }
}

private func callWords(_ count: Int) -> String {
    count == 1 ? "1 call" : "\(count) calls"
}
