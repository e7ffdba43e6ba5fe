internal import CronCore
internal import History
internal import Systemd

extension Daemon {
    /// `STATUS=`: how the daemon is, in one line of `systemctl status`.
    func statusText() -> String {
        let status = engine.status
        var parts = ["\(status.jobs) \(status.jobs == 1 ? "job" : "jobs")"]
        if !announced.refusedFiles.isEmpty {
            let shown = announced.refusedFiles.prefix(3).joined(separator: ", ")
            let more = announced.refusedFiles.count > 3 ? " and \(announced.refusedFiles.count - 3) more" : ""
            parts.append("\(announced.refusedFiles.count) in error: \(shown)\(more)")
        }
        if status.stale > 0 { parts.append("\(status.stale) stale") }
        if status.paused > 0 { parts.append("\(status.paused) paused") }
        if status.inFlight > 0 { parts.append("\(status.inFlight) in flight") }
        if let at = status.nextDueAt, let job = status.nextDueJob { parts.append("next \(job) at \(at.iso8601)") }
        if status.isCompacting { parts.append("compacting") }
        if case .refusing(let failure) = history.diskState {
            parts.append("NOT RECORDING: \(failure)")
        } else if let since = announced.hangsSince {
            parts.append("NOT RECORDING: the disk hangs since \(since.iso8601)")
        }
        return parts.joined(separator: "; ")
    }

    /// Tells the service manager, if it is a second since the last time and there is news. Called when something has
    /// happened anyway: a status is not worth a wake-up. `atOnce`: this news may be the last for long.
    func sayStatus(atOnce: Bool = false) {
        guard notifier.isHeard else { return }
        let now = SystemClock.monotonicMicroseconds()
        guard stop == .running, atOnce || now - announced.statusAt >= 1_000_000 else { return }
        announced.statusAt = now
        let text = statusText()
        guard text != announced.status else { return }
        announced.status = text
        notifier.status(text)
    }
}
