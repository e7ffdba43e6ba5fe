/// A moment on the boot clock (`CLOCK_BOOTTIME`): microseconds since boot, never stepped, counting while suspended.
///
/// Boot time says *how long*: timeouts and backoffs are kept by it, whatever happens to the wall clock.
package struct Instant: Hashable, Comparable, Sendable {
    package var microseconds: Int64

    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    package static func < (left: Instant, right: Instant) -> Bool {
        left.microseconds < right.microseconds
    }

    package static func + (left: Instant, right: TimeSpan) -> Instant {
        Instant(microseconds: left.microseconds.addingClamped(right.microseconds))
    }

    package static func - (left: Instant, right: Instant) -> TimeSpan {
        TimeSpan(microseconds: left.microseconds.subtractingClamped(right.microseconds))
    }
}

/// Both clocks, read together: what the shell hands the core with each event.
package struct Moment: Hashable, Sendable {
    package var wall: Timestamp
    package var boot: Instant

    package init(wall: Timestamp, boot: Instant) {
        self.wall = wall
        self.boot = boot
    }
}
