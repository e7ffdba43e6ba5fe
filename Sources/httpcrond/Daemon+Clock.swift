internal import CronCore
internal import Systemd

extension Daemon {
    /// Arms the timers for what the engine waits for. A timer is only moved to an earlier deadline (moving one costs
    /// more than a call's bookkeeping); one that fires too early finds nothing due, and is armed anew.
    func rearm() {
        rearm(wallTimer, engine.nextWallDeadline?.microseconds)
        rearm(bootTimer, engine.nextBootDeadline?.microseconds)
    }

    private func rearm(_ timer: EventTimer?, _ deadline: Int64?) {
        guard let timer, let deadline else { return }
        if let armed = timer.deadline, armed <= deadline { return }
        timer.arm(at: deadline)
    }

    /// The wall clock was set: every deadline on it is looked at anew.
    func clockStepped() {
        wallTimer?.disarm()
        handle(.clockStepped)
    }

    /// Feeds the service manager's watchdog twice an interval, and only while what is due makes progress. The one
    /// wake-up of an idle daemon, and so also the moment to look for new time zone data.
    func watchdog() throws(SystemdError) {
        guard let interval = notifier.watchdogMicroseconds else { return }
        let timer = try loop.timer(.boottime) { [unowned self] in
            watchdogTimer?.fired()
            feedWatchdog(every: interval / 2)
            reader.checkZones()
            sayStatus()
        }
        watchdogTimer = timer
        feedWatchdog(every: interval / 2)
    }

    private func feedWatchdog(every interval: Int64) {
        handle(.timer)
        let now = SystemClock.now()
        // Not fed: what was due that long ago has been handed to the engine just now, and is still due.
        guard longDue(at: now) == nil else { return }
        notifier.watchdog()
        watchdogTimer?.arm(at: now.boot.microseconds + interval)
    }

    /// Since when something is due that nobody has looked at for so long that the loop or the agenda must be stuck.
    func longDue(at now: Moment) -> Timestamp? {
        engine.nextWallDeadline.flatMap { now.wall - $0 > Self.stalled ? $0 : nil }
    }

    static var stalled: TimeSpan { .seconds(10) }
}
