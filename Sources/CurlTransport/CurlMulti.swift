internal import CCurl
internal import CronCore
internal import Sockets

/// libcurl's multi handle, with its sockets watched by a ``SocketPoller``. curl_multi_socket_action(3).
///
/// curl's callbacks only note what curl wants; whoever owns this asks afterwards. The one exception is the end of a
/// socket's watch, which cannot wait: curl closes the descriptor next.
final class CurlMulti: SocketOwner {
    /// A request that has ended.
    struct Ended {
        let easy: EasyHandle
        let code: UInt32
    }

    /// Told when curl has been told of all sockets that were ready.
    var served: () -> Void = {}

    let pointer: UnsafeMutableRawPointer
    private let poller: SocketPoller
    let sessions: SessionShares
    /// When curl wants to be called though no socket is ready.
    private(set) var deadline: Instant?

    init(limits: TransportLimits, poller: SocketPoller) throws(TransportError) {
        guard let made = curl_multi_init() else { throw TransportError(call: "curl_multi_init", reason: "no memory") }
        pointer = made
        self.poller = poller
        sessions = SessionShares()
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
    }

    /// Called by the easy handle itself, which stays in until it leaves or dies. curl_multi_add_handle(3).
    func add(_ easy: EasyHandle) -> Int32 {
        curl_multi_add_handle(pointer, easy.pointer)
    }

    /// curl_multi_remove_handle(3).
    func remove(_ easy: EasyHandle) {
        curl_multi_remove_handle(pointer, easy.pointer)
    }

    func socketReady(_ descriptor: Int32, _ ready: SocketInterest) {
        var what: Int32 = 0
        if ready.contains(.readable) { what |= HTTPCRON_CURL_CSELECT_IN }
        if ready.contains(.writable) { what |= HTTPCRON_CURL_CSELECT_OUT }
        // A hang-up or an error is no direction: told of none, curl finds out for itself.
        var running: Int32 = 0
        curl_multi_socket_action(pointer, descriptor, what, &running)
    }

    func socketsServed() { served() }

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

    /// `interest`: none ends the watch.
    fileprivate func watch(_ descriptor: Int32, for interest: SocketInterest) {
        // Not by `watch`: curl ends its watches also while this object goes, when nobody may keep it.
        if interest.isEmpty { poller.unwatch(descriptor) } else { poller.watch(descriptor, for: interest, owner: self) }
    }
}

// What curl calls. The object is alive: curl calls only from within a call that the object makes.

private let watchSocket: httpcron_curl_socket_callback = { _, socket, what, context, _ in
    guard let context else { return -1 }
    let wanted: SocketInterest =
        switch what {
        case HTTPCRON_CURL_POLL_IN: .readable
        case HTTPCRON_CURL_POLL_OUT: .writable
        case HTTPCRON_CURL_POLL_INOUT: [.readable, .writable]
        default: []
        }
    Unmanaged<CurlMulti>.fromOpaque(context).takeUnretainedValue().watch(socket, for: wanted)
    return 0
}

private let setTimer: httpcron_curl_timer_callback = { _, milliseconds, context in
    guard let context else { return -1 }
    Unmanaged<CurlMulti>.fromOpaque(context).takeUnretainedValue().note(timeout: milliseconds)
    return 0
}
