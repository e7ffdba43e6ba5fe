internal import CLinux
internal import Glibc
package import Systemd

/// Sockets in one epoll of their own, so that the event loop has a single descriptor to watch: sd-event refetches its
/// whole ready set for each source it dispatches, which a source per socket would pay for with its square. epoll(7).
///
/// Whoever watches a socket is told on the loop's turn, and once more when all that is ready then has been told.
package final class SocketPoller {
    /// Sockets served in one turn, so that nothing else waits for all of them.
    package static let maxEvents = 64

    private let epoll: Int32
    private var source: EventSource?
    private var events: UnsafeMutableBufferPointer<epoll_event>
    /// By descriptor.
    private var watches: [Watch] = []
    /// Who was told of something in this turn.
    private var told: [any SocketOwner] = []

    private struct Watch {
        var events: UInt32 = 0
        weak var owner: (any SocketOwner)?
    }

    package init(loop: EventLoop) throws(SystemdError) {
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard epoll >= 0 else { throw SystemdError(call: "epoll_create1", errno: errno) }
        events = .allocate(capacity: Self.maxEvents)
        source = try loop.onReadable(epoll) { [unowned self] in serve() }
    }

    deinit {
        source = nil
        close(epoll)
        events.deallocate()
    }

    /// Watches `descriptor` for `interest` from now on. It must not be closed before `unwatch`.
    package func watch(_ descriptor: Int32, for interest: SocketInterest, owner: any SocketOwner) {
        guard descriptor >= 0 else { return }
        let index = Int(descriptor)
        if index >= watches.count {
            watches.append(contentsOf: repeatElement(Watch(), count: max(64, index + 1 - watches.count)))
        }
        watches[index].owner = owner
        change(descriptor, to: interest.events)
    }

    /// Ends the watch, and lets go of the owner.
    package func unwatch(_ descriptor: Int32) {
        guard descriptor >= 0, Int(descriptor) < watches.count else { return }
        watches[Int(descriptor)].owner = nil
        change(descriptor, to: 0)
    }

    private func change(_ descriptor: Int32, to wanted: UInt32) {
        let present = watches[Int(descriptor)].events
        guard present != wanted else { return }
        watches[Int(descriptor)].events = wanted
        var event = epoll_event(events: wanted, data: epoll_data_t(fd: descriptor))
        let operation = wanted == 0 ? EPOLL_CTL_DEL : present == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD
        guard epoll_ctl(epoll, operation, descriptor, &event) < 0 else { return }
        // The descriptor was closed and opened again behind our back, or is still there from before.
        if errno == ENOENT && wanted != 0 { epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) }
        if errno == EEXIST { epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event) }
    }

    private func serve() {
        let count = epoll_wait(epoll, events.baseAddress, Int32(Self.maxEvents), 0)
        guard count > 0 else { return }
        for event in events[..<Int(count)] {
            // Gone, if somebody who was told before it has dropped it.
            guard let owner = watches[Int(event.data.fd)].owner else { continue }
            owner.socketReady(event.data.fd, SocketInterest(events: event.events))
            if !told.contains(where: { $0 === owner }) { told.append(owner) }
        }
        for owner in told { owner.socketsServed() }
        told.removeAll(keepingCapacity: true)
    }
}

/// Who watches sockets; must outlive its watches.
package protocol SocketOwner: AnyObject {
    /// Something is to be done with the socket. A hang-up or an error is neither readable nor writable: whoever reads or
    /// writes finds out for itself.
    func socketReady(_ descriptor: Int32, _ ready: SocketInterest)
    /// Everything that was ready in this turn has been told.
    func socketsServed()
}

/// What a socket is watched for, or ready for.
package struct SocketInterest: OptionSet, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    package static let readable = SocketInterest(rawValue: 1)
    package static let writable = SocketInterest(rawValue: 2)

    init(events: UInt32) {
        self = []
        if events & EPOLLIN.rawValue != 0 { insert(.readable) }
        if events & EPOLLOUT.rawValue != 0 { insert(.writable) }
    }

    var events: UInt32 {
        (contains(.readable) ? EPOLLIN.rawValue : 0) | (contains(.writable) ? EPOLLOUT.rawValue : 0)
    }
}
