internal import CSystemd
internal import Glibc

/// Something the loop watches. Owned by whoever added it: dropping it ends the watch, so its action never runs on an
/// owner that is gone. sd_event_source(3).
package final class EventSource {
    fileprivate let action: () -> Void
    private var source: OpaquePointer?
    private let firesOnce: Bool

    init(firesOnce: Bool = false, _ action: @escaping () -> Void) {
        self.firesOnce = firesOnce
        self.action = action
    }

    deinit {
        // Disabled before it is let go: sd-event may hold a reference of its own while it dispatches.
        sd_event_source_disable_unref(source)
    }

    /// What the C callbacks find their source by. It is not retained: the source dies first.
    var userdata: UnsafeMutableRawPointer {
        Unmanaged.passUnretained(self).toOpaque()
    }

    func adopt(_ made: OpaquePointer?, priority: EventPriority) throws(SystemdError) {
        source = made
        try SystemdError.check(
            "sd_event_source_set_priority", sd_event_source_set_priority(made, priority.rawValue))
    }

    /// Whether the loop calls the action. A deferred source or a timer is off again once it has fired.
    package var isOn: Bool {
        get {
            var mode: Int32 = 0
            sd_event_source_get_enabled(source, &mode)
            return mode != SD_EVENT_OFF
        }
        set {
            sd_event_source_set_enabled(
                source, Int32(newValue ? (firesOnce ? SD_EVENT_ONESHOT : SD_EVENT_ON) : SD_EVENT_OFF))
        }
    }

    fileprivate func setTime(_ microseconds: UInt64) {
        sd_event_source_set_time(source, microseconds)
    }
}

/// A one-shot timer on one of the clocks. Re-arming costs 19 µs (measured): do it for an earlier deadline, and let a
/// timer that has become too early fire for nothing.
package final class EventTimer {
    package enum Clock {
        /// Wall clock; follows when it is set.
        case realtime
        /// Since boot, counting while suspended.
        case boottime

        var id: clockid_t {
            switch self {
            case .realtime: CLOCK_REALTIME
            case .boottime: CLOCK_BOOTTIME
            }
        }
    }

    private let source: EventSource
    /// The deadline it is armed for, in microseconds of its clock; nil when off.
    package private(set) var deadline: Int64?

    init(_ source: EventSource) {
        self.source = source
    }

    /// Fires once, at `deadline` (microseconds of its clock), or on the next turn if that is past.
    package func arm(at deadline: Int64) {
        self.deadline = deadline
        source.setTime(UInt64(clamping: deadline))
        source.isOn = true
    }

    package func disarm() {
        guard deadline != nil else { return }
        deadline = nil
        source.isOn = false
    }

    /// To be told by the owner's action, first thing: the timer has fired and is off.
    package func fired() {
        deadline = nil
    }
}

// The C side finds its source, runs the action, and never reports an error: a source whose callback fails is switched
// off by sd-event, and nothing here may stop being watched for that.

let plainCallback: @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?) -> Int32 = { _, userdata in
    dispatch(userdata)
}

let ioCallback: @convention(c) (OpaquePointer?, Int32, UInt32, UnsafeMutableRawPointer?) -> Int32 = {
    _, _, _, userdata in
    dispatch(userdata)
}

let timeCallback: @convention(c) (OpaquePointer?, UInt64, UnsafeMutableRawPointer?) -> Int32 = { _, _, userdata in
    dispatch(userdata)
}

let signalCallback:
    @convention(c) (OpaquePointer?, UnsafePointer<signalfd_siginfo>?, UnsafeMutableRawPointer?) -> Int32 = {
        _, _, userdata in dispatch(userdata)
    }

private func dispatch(_ userdata: UnsafeMutableRawPointer?) -> Int32 {
    guard let userdata else { return 0 }
    // Retained for the length of the call: the action may drop its own source.
    let source = Unmanaged<EventSource>.fromOpaque(userdata).takeUnretainedValue()
    source.action()
    return 0
}
