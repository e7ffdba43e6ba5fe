internal import CSystemd
internal import Glibc

/// Tells the service manager how the daemon is: sd_notify(3). Outside systemd every call does nothing.
package struct Notifier {
    package init() {}

    /// `READY=1`: a start or a reload is complete.
    package func ready(status: String) {
        send("READY=1\nSTATUS=\(status)")
    }

    /// `RELOADING=1`, with the monotonic clock that `Type=notify-reload` wants beside it.
    package func reloading(monotonicMicroseconds: Int64) {
        send("RELOADING=1\nMONOTONIC_USEC=\(monotonicMicroseconds)")
    }

    /// `STOPPING=1`: from here on the daemon only drains.
    package func stopping(status: String) {
        send("STOPPING=1\nSTATUS=\(status)")
    }

    package func status(_ status: String) {
        send("STATUS=\(status)")
    }

    /// `WATCHDOG=1`: the loop is alive, and what is due makes progress.
    package func watchdog() {
        send("WATCHDOG=1")
    }

    /// `EXTEND_TIMEOUT_USEC=`: a start or a stop that takes this much longer is no failure.
    package func extendTimeout(microseconds: Int64) {
        send("EXTEND_TIMEOUT_USEC=\(microseconds)")
    }

    /// Microseconds of `WatchdogSec=`, if the manager expects to be told. sd_watchdog_enabled(3).
    package var watchdogMicroseconds: Int64? {
        var interval: UInt64 = 0
        return sd_watchdog_enabled(0, &interval) > 0 ? Int64(clamping: interval) : nil
    }

    /// Whether there is a manager that listens (`NOTIFY_SOCKET=`).
    package var isHeard: Bool {
        getenv("NOTIFY_SOCKET") != nil
    }

    private func send(_ state: String) {
        // Nobody to tell of a failure here: the manager that did not hear it is the one who would act on it.
        sd_notify(0, state)
    }
}
