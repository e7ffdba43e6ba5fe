internal import CLinux
internal import CSystemd
internal import Glibc

/// The daemon's event loop: sd-event, on the thread that made it. Not Sendable, and neither is what it hands out, so
/// the compiler keeps them there. sd-event(3).
///
/// The loop owns no source: whoever adds one keeps it, and dropping it ends the watch.
package final class EventLoop {
    let event: OpaquePointer

    package init() throws(SystemdError) {
        var made: OpaquePointer?
        try SystemdError.check("sd_event_new", sd_event_new(&made))
        guard let made else { throw SystemdError(call: "sd_event_new", errno: ENOMEM) }
        event = made
    }

    deinit {
        sd_event_unref(event)
    }

    /// Runs until `exit`, and returns the code given there. sd_event_loop(3).
    package func run() throws(SystemdError) -> Int32 {
        try SystemdError.check("sd_event_loop", sd_event_loop(event))
    }

    /// One turn: waits for at most `timeout` microseconds (nil: as long as it takes) and dispatches one source.
    /// Whether one was. sd_event_run(3).
    @discardableResult
    package func turn(timeout: UInt64? = nil) throws(SystemdError) -> Bool {
        try SystemdError.check("sd_event_run", sd_event_run(event, timeout ?? .max)) > 0
    }

    /// Ends `run` after the current turn. sd_event_exit(3).
    package func exit(code: Int32 = 0) {
        sd_event_exit(event, code)
    }

    /// Calls `action` whenever `descriptor` is readable. The descriptor stays the caller's, and must outlive the
    /// source. sd_event_add_io(3).
    package func onReadable(
        _ descriptor: Int32, priority: EventPriority = .normal, _ action: @escaping () -> Void
    ) throws(SystemdError) -> EventSource {
        let source = EventSource(action)
        var made: OpaquePointer?
        try SystemdError.check(
            "sd_event_add_io",
            sd_event_add_io(event, &made, descriptor, EPOLLIN.rawValue, ioCallback, source.userdata))
        try source.adopt(made, priority: priority)
        return source
    }

    /// Calls `action` when one of the signals arrives. They are blocked here for good, in every thread started later
    /// too. sd_event_add_signal(3).
    package func onSignal(_ signal: Int32, _ action: @escaping () -> Void) throws(SystemdError) -> EventSource {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, signal)
        pthread_sigmask(SIG_BLOCK, &set, nil)
        let source = EventSource(action)
        var made: OpaquePointer?
        try SystemdError.check(
            "sd_event_add_signal", sd_event_add_signal(event, &made, signal, signalCallback, source.userdata))
        try source.adopt(made, priority: .normal)
        return source
    }

    /// A source that, once switched on, calls `action` on the next turn, and is then off again until switched on anew.
    /// For work that must not happen where it is noticed. sd_event_add_defer(3).
    package func deferred(
        priority: EventPriority = .normal, _ action: @escaping () -> Void
    ) throws(SystemdError) -> EventSource {
        let source = EventSource(firesOnce: true, action)
        var made: OpaquePointer?
        try SystemdError.check("sd_event_add_defer", sd_event_add_defer(event, &made, plainCallback, source.userdata))
        try source.adopt(made, priority: priority)
        source.isOn = false
        return source
    }

    /// A timer, not armed. sd_event_add_time(3).
    package func timer(
        _ clock: EventTimer.Clock, priority: EventPriority = .normal, _ action: @escaping () -> Void
    ) throws(SystemdError) -> EventTimer {
        let source = EventSource(firesOnce: true, action)
        var made: OpaquePointer?
        try SystemdError.check(
            "sd_event_add_time",
            // Accuracy 0 would mean 250 ms.
            sd_event_add_time(event, &made, clock.id, .max, 1, timeCallback, source.userdata))
        try source.adopt(made, priority: priority)
        source.isOn = false
        return EventTimer(source)
    }
}

/// Which of several ready sources goes first.
package enum EventPriority: Int64 {
    /// Clocks: what is due goes before what has arrived.
    case timers = -10
    case normal = 0
    /// After everything else of a turn.
    case last = 10
}
