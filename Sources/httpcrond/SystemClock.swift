internal import CLinux
internal import CronCore
internal import Glibc
internal import Systemd

/// Both clocks of the machine. The only place that reads them.
enum SystemClock {
    static func now() -> Moment {
        Moment(
            wall: Timestamp(microseconds: read(CLOCK_REALTIME)),
            boot: Instant(microseconds: read(CLOCK_BOOTTIME)))
    }

    static func monotonicMicroseconds() -> Int64 {
        read(CLOCK_MONOTONIC)
    }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }
}

/// Tells at once when the wall clock is set: a timer that never fires, but is cancelled by the kernel when it is.
/// timerfd_create(2), `TFD_TIMER_CANCEL_ON_SET`.
final class ClockStepWatch {
    private let descriptor: Int32
    private var source: EventSource?

    /// `stepped` runs on the loop, once a step.
    init(loop: EventLoop, stepped: @escaping () -> Void) throws(SystemdError) {
        let descriptor = timerfd_create(CLOCK_REALTIME, Int32(TFD_CLOEXEC | TFD_NONBLOCK))
        guard descriptor >= 0 else { throw SystemdError(call: "timerfd_create", errno: errno) }
        self.descriptor = descriptor
        Self.arm(descriptor)
        source = try loop.onReadable(descriptor, priority: .timers) {
            var expirations: UInt64 = 0
            // ECANCELED is the news; the timer is dead until it is armed again.
            if read(descriptor, &expirations, 8) < 0, errno == ECANCELED {
                Self.arm(descriptor)
                stepped()
            }
        }
    }

    deinit {
        source = nil
        close(descriptor)
    }

    private static func arm(_ descriptor: Int32) {
        var never = itimerspec()
        never.it_value.tv_sec = .max
        timerfd_settime(descriptor, Int32(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET), &never, nil)
    }
}
