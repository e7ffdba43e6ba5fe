internal import CCurl
internal import CronCore
internal import Glibc
internal import Sockets

/// One libcurl easy handle with the buffers it reads and writes, for one request at a time; used again for the next,
/// which saves a sixth of a request's cost (measured). Dropping it takes it out of the multi handle, which cancels the
/// request it carries.
final class EasyHandle {
    let pointer: UnsafeMutableRawPointer
    /// The attempt it carries.
    var key = AttemptKey(0)
    var reply = Reply()
    let headers = TextList()
    let addresses = TextList()
    private let limits: TransportLimits
    private let errorBuffer: UnsafeMutablePointer<CChar>
    private let kept: UnsafeMutableRawBufferPointer
    private var keptCount = 0
    /// Why a socket could not be made: libcurl forgets it, and calls it a refused connection. 0: they all could.
    private(set) var socketErrno: Int32 = 0
    /// When the first line of a response came.
    private(set) var repliedAt: Instant?
    private var multi: CurlMulti?
    /// What is set in it beyond URL, headers, times and addresses; nil: what the next request may not find there, or
    /// nothing.
    var shape: RequestShape?
    private var sessions: SessionShares?
    private var loan: SessionShares.Loan?

    /// nil: out of memory.
    init?(limits: TransportLimits) {
        guard let made = curl_easy_init() else { return nil }
        pointer = made
        self.limits = limits
        errorBuffer = .allocate(capacity: Int(HTTPCRON_CURL_ERROR_SIZE))
        errorBuffer.initialize(repeating: 0, count: Int(HTTPCRON_CURL_ERROR_SIZE))
        kept = .allocate(byteCount: TransportLimits.keptBodyBytes, alignment: 1)
    }

    deinit {
        multi?.remove(self)
        curl_easy_cleanup(pointer)
        if let loan { sessions?.giveBack(loan) }
        errorBuffer.deallocate()
        kept.deallocate()
    }

    /// Sets what is the same for every request, where nothing is set. The first error of a setting, if any.
    func prepare() -> UInt32 {
        let own = Unmanaged.passUnretained(self).toOpaque()
        var settings = EasySettings(easy: pointer)
        settings.set(HTTPCRON_CURLOPT_PRIVATE, pointer: own)
        settings.set(HTTPCRON_CURLOPT_ERRORBUFFER, pointer: errorBuffer)
        settings.set(HTTPCRON_CURLOPT_WRITEDATA, pointer: own)
        settings.set(HTTPCRON_CURLOPT_WRITEFUNCTION, callback: takeBody)
        settings.set(HTTPCRON_CURLOPT_HEADERDATA, pointer: own)
        settings.set(HTTPCRON_CURLOPT_HEADERFUNCTION, callback: takeHeader)
        settings.set(HTTPCRON_CURLOPT_OPENSOCKETDATA, pointer: own)
        settings.setOpenSocket(makeSocket)
        return settings.error
    }

    /// Drops everything of the last request, secrets included; what is in its shape is kept for the next.
    func forget() {
        if shape != nil {
            var settings = EasySettings(easy: pointer)
            settings.set(HTTPCRON_CURLOPT_URL, text: nil)
            settings.set(HTTPCRON_CURLOPT_HTTPHEADER, pointer: nil)
            settings.set(HTTPCRON_CURLOPT_RESOLVE, pointer: nil)
            if settings.error != HTTPCRON_CURLE_OK { shape = nil }
        }
        if shape == nil { curl_easy_reset(pointer) }
        if let loan {
            // A reset leaves it where it is.
            _ = httpcron_curl_set_pointer(pointer, HTTPCRON_CURLOPT_SHARE, nil)
            sessions?.giveBack(loan)
            self.loan = nil
        }
        headers.removeAll()
        addresses.removeAll()
        reply = Reply()
        keptCount = 0
        socketErrno = 0
        repliedAt = nil
        errorBuffer.pointee = 0
    }

    /// Where TLS sessions are kept and looked for.
    func borrowSessions(from shares: SessionShares, for target: Target, _ settings: inout EasySettings) {
        guard let loan = shares.borrow(for: target) else { return }
        settings.set(HTTPCRON_CURLOPT_SHARE, pointer: loan.pointer)
        self.loan = loan
        sessions = shares
    }

    /// Hands it to the multi handle, which it keeps alive while it is there. The error of curl_multi_add_handle(3).
    func join(_ multi: CurlMulti) -> Int32 {
        let code = multi.add(self)
        if code == HTTPCRON_CURLM_OK { self.multi = multi }
        return code
    }

    /// Takes it out of the multi handle: a request under way is cancelled.
    func leave() {
        multi?.remove(self)
        multi = nil
    }

    /// The first bytes of the body.
    var keptBody: [UInt8] {
        [UInt8](kept[..<keptCount])
    }

    /// What libcurl says of the failure; may be empty.
    var errorText: String {
        String(cString: errorBuffer)
    }

    /// A socket that no child process inherits; -1, and why is kept in `socketErrno`. socket(2).
    func openSocket(_ wanted: httpcron_curl_sockaddr) -> Int32 {
        let descriptor = socket(wanted.family, wanted.socktype | Int32(SOCK_CLOEXEC.rawValue), wanted.protocol)
        if descriptor < 0 { socketErrno = errno }
        return descriptor
    }

    fileprivate func took(body bytes: UnsafeRawBufferPointer) -> Bool {
        let room = min(kept.count - keptCount, bytes.count)
        if room > 0 {
            UnsafeMutableRawBufferPointer(rebasing: kept[keptCount..<keptCount + room])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<room]))
            keptCount += room
        }
        return reply.takeBody(bytes.count, limit: limits.maxResponseBytes)
    }

    fileprivate func took(header line: UnsafeRawBufferPointer) -> Bool {
        if !reply.hasBegun { repliedAt = BootClock.now }
        return reply.takeHeader(line, limit: limits.maxHeaderBytes)
    }
}

// What curl calls. Its handle's object is alive: it owns the handle that curl is busy with.

private let takeBody: httpcron_curl_write_callback = { bytes, size, count, context in
    guard let context else { return 0 }
    let easy = Unmanaged<EasyHandle>.fromOpaque(context).takeUnretainedValue()
    return easy.took(body: UnsafeRawBufferPointer(start: bytes, count: size * count)) ? count : 0
}

private let makeSocket: httpcron_curl_open_callback = { context, _, wanted in
    guard let context, let wanted else { return HTTPCRON_CURL_SOCKET_BAD }
    return Unmanaged<EasyHandle>.fromOpaque(context).takeUnretainedValue().openSocket(wanted.pointee)
}

private let takeHeader: httpcron_curl_write_callback = { bytes, size, count, context in
    guard let context else { return 0 }
    let easy = Unmanaged<EasyHandle>.fromOpaque(context).takeUnretainedValue()
    return easy.took(header: UnsafeRawBufferPointer(start: bytes, count: size * count)) ? count : 0
}
