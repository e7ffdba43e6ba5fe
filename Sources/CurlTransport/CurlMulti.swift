internal import CCurl
internal import CLinux
internal import CronCore
internal import Glibc

/// libcurl's multi handle with its sockets in one epoll of their own, so that the event loop has a single descriptor
/// to watch: sd-event refetches its whole ready set for each source it dispatches, which a source per socket would pay
/// for with its square. curl_multi_socket_action(3), epoll(7).
///
/// curl's callbacks only note what curl wants; whoever owns this asks afterwards. The one exception is the end of a
/// socket's watch, which cannot wait: curl closes the descriptor next.
final class CurlMulti {
    /// A request that has ended.
    struct Ended {
        let easy: EasyHandle
        let code: UInt32
    }

    /// Sockets served in one turn, so that nothing else waits for all of them.
    static let maxEvents = 64

    let pointer: UnsafeMutableRawPointer
    /// The descriptor to watch: readable when a socket of curl's is ready.
    let epoll: Int32
    let sessions: SessionShares
    /// When curl wants to be called though no socket is ready.
    private(set) var deadline: Instant?
    private var events: UnsafeMutableBufferPointer<epoll_event>
    /// By descriptor: what it is watched for; 0: not watched.
    private var watches: [UInt32] = []

    init(limits: TransportLimits) throws(TransportError) {
        guard let made = curl_multi_init() else { throw TransportError(call: "curl_multi_init", reason: "no memory") }
        let watch = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard watch >= 0 else {
            curl_multi_cleanup(made)
            throw TransportError(call: "epoll_create1", reason: String(cString: strerror(errno)))
        }
        pointer = made
        epoll = watch
        sessions = SessionShares()
        events = .allocate(capacity: Self.maxEvents)
        let own = Unmanaged.passUnretained(self).toOpaque()
        httpcron_curl_multi_set_pointer(pointer, HTTPCRON_CURLMOPT_SOCKETDATA, own)
        httpcron_curl_multi_set_socket_callback(pointer, watchSocket)
        httpcron_curl_multi_set_pointer(pointer, HTTPCRON_CURLMOPT_TIMERDATA, own)
        httpcron_curl_multi_set_timer_callback(pointer, setTimer)
        httpcron_curl_multi_set_long(pointer, HTTPCRON_CURLMOPT_MAXCONNECTS, limits.maxIdleConnections)
        // A connection carries one request at a time: one that stalls or dies takes no other call with it.
        httpcron_curl_multi_set_long(pointer, HTTPCRON_CURLMOPT_PIPELINING, HTTPCRON_CURLPIPE_NOTHING)
    }

    deinit {
        curl_multi_cleanup(pointer)
        close(epoll)
        events.deallocate()
    }

    /// Called by the easy handle itself, which stays in until it leaves or dies. curl_multi_add_handle(3).
    func add(_ easy: EasyHandle) -> Int32 {
        curl_multi_add_handle(pointer, easy.pointer)
    }

    /// curl_multi_remove_handle(3).
    func remove(_ easy: EasyHandle) {
        curl_multi_remove_handle(pointer, easy.pointer)
    }

    /// Serves the sockets that are ready now, `maxEvents` at most.
    func serveSockets() {
        let count = epoll_wait(epoll, events.baseAddress, Int32(Self.maxEvents), 0)
        guard count > 0 else { return }
        var running: Int32 = 0
        for event in events[..<Int(count)] {
            var what: Int32 = 0
            if event.events & EPOLLIN.rawValue != 0 { what |= HTTPCRON_CURL_CSELECT_IN }
            if event.events & EPOLLOUT.rawValue != 0 { what |= HTTPCRON_CURL_CSELECT_OUT }
            // A hang-up or an error is no direction: told of none, curl finds out for itself.
            curl_multi_socket_action(pointer, event.data.fd, what, &running)
        }
    }

    /// Lets curl do what its deadline was for, if that has come.
    func serveDeadline(now: Instant) {
        guard let deadline, deadline <= now else { return }
        self.deadline = nil
        var running: Int32 = 0
        curl_multi_socket_action(pointer, HTTPCRON_CURL_SOCKET_TIMEOUT, 0, &running)
    }

    /// All the requests that have ended. They are still in the multi handle; each has to leave.
    func takeEnded(into ended: inout [Ended]) {
        var left: Int32 = 0
        while let message = httpcron_curl_multi_info_read(pointer, &left) {
            var context: UnsafeMutableRawPointer?
            guard message.pointee.msg == HTTPCRON_CURLMSG_DONE,
                httpcron_curl_get_pointer(message.pointee.easy_handle, HTTPCRON_CURLINFO_PRIVATE, &context)
                    == HTTPCRON_CURLE_OK, let context
            else { continue }
            let easy = Unmanaged<EasyHandle>.fromOpaque(context).takeUnretainedValue()
            ended.append(Ended(easy: easy, code: message.pointee.data.result))
        }
    }

    fileprivate func note(timeout milliseconds: Int) {
        deadline = milliseconds < 0 ? nil : BootClock.now + .milliseconds(Int64(min(milliseconds, 1 << 40)))
    }

    /// `wanted`: 0 ends the watch.
    fileprivate func watch(_ descriptor: Int32, for wanted: UInt32) {
        guard descriptor >= 0 else { return }
        let index = Int(descriptor)
        if index >= watches.count {
            watches.append(contentsOf: repeatElement(0, count: max(64, index + 1 - watches.count)))
        }
        let present = watches[index]
        guard present != wanted else { return }
        watches[index] = wanted
        var event = epoll_event(events: wanted, data: epoll_data_t(fd: descriptor))
        let operation = wanted == 0 ? EPOLL_CTL_DEL : present == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD
        guard epoll_ctl(epoll, operation, descriptor, &event) < 0 else { return }
        // The descriptor was closed and opened again behind our back, or is still there from before.
        if errno == ENOENT && wanted != 0 { epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) }
        if errno == EEXIST { epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event) }
    }
}

// What curl calls. The object is alive: curl calls only from within a call that the object makes.

private let watchSocket: httpcron_curl_socket_callback = { _, socket, what, context, _ in
    guard let context else { return -1 }
    let wanted: UInt32 =
        switch what {
        case HTTPCRON_CURL_POLL_IN: EPOLLIN.rawValue
        case HTTPCRON_CURL_POLL_OUT: EPOLLOUT.rawValue
        case HTTPCRON_CURL_POLL_INOUT: EPOLLIN.rawValue | EPOLLOUT.rawValue
        default: 0
        }
    Unmanaged<CurlMulti>.fromOpaque(context).takeUnretainedValue().watch(socket, for: wanted)
    return 0
}

private let setTimer: httpcron_curl_timer_callback = { _, milliseconds, context in
    guard let context else { return -1 }
    Unmanaged<CurlMulti>.fromOpaque(context).takeUnretainedValue().note(timeout: milliseconds)
    return 0
}
