internal import CronCore
internal import Glibc

/// One client's connection: its bytes in, requests out, answers back, one request at a time. Owns its descriptor. Decides
/// nothing about time or watching: it says what it waits for, and the server sees to that.
final class Connection {
    /// What it is about.
    enum Phase {
        /// Between requests, with nothing of the next one there.
        case idle
        /// A request is coming in.
        case receiving
        /// A request is being answered.
        case answering
        /// The answer is going out.
        case sending
        /// All is said; what the client still sends is thrown away, so that it gets to read the answer.
        case lingering
        case closed
    }

    let descriptor: Int32
    let peer: Peer
    /// How many connections had this place before: an answer that comes too late is nobody's.
    let generation: UInt64
    private(set) var phase = Phase.receiving
    /// Since when it waits for the client.
    var since: Instant
    private var input: [UInt8] = []
    private var output: [UInt8] = []
    private var sent = 0
    private var mostOutput = 0
    private var keepsAlive = true
    private var wantsBody = true
    private var discarded = 0

    private static let readSize = 16 << 10
    /// Of what is thrown away at the end.
    private static let mostDiscarded = 256 << 10

    init(_ descriptor: Int32, peer: Peer, generation: UInt64, at now: Instant) {
        self.descriptor = descriptor
        self.peer = peer
        self.generation = generation
        since = now
    }

    deinit {
        close(descriptor)
    }

    /// Whether anything of a request has come that has not been answered.
    var hasInput: Bool { !input.isEmpty }

    /// Bytes of memory for what has come, and for the largest answer.
    var footprint: Int { input.capacity + mostOutput }

    /// Bytes of memory for an answer that the client has not taken yet.
    var heldForClient: Int { phase == .sending ? output.capacity : 0 }

    /// Reads what there is, once. A request, if one is whole now.
    func receive() -> (head: RequestHead, body: [UInt8])? {
        if phase == .lingering {
            discard()
            return nil
        }
        guard phase == .idle || phase == .receiving else { return nil }
        let before = input.count
        let count = input.withSpareCapacity(Self.readSize) { recv(descriptor, $0.baseAddress, $0.count, 0) }
        if count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR) {
            phase = .closed
            return nil
        }
        guard input.count > before else { return nil }
        phase = .receiving
        return nextRequest()
    }

    /// The next request in what has been read; nil: there is none, or it was refused, and the answer to that goes out.
    func nextRequest() -> (head: RequestHead, body: [UInt8])? {
        switch RequestHeadParser.parse(input) {
        case .incomplete:
            phase = input.isEmpty ? .idle : .receiving
            return nil
        case .refused(let refusal):
            refuse(refusal)
            return nil
        case .head(let head, let length):
            guard input.count >= length + head.contentLength else {
                phase = .receiving
                return nil
            }
            let body = Array(input[length..<(length + head.contentLength)])
            input.removeFirst(length + head.contentLength)
            if input.isEmpty, input.capacity > 4 * Self.readSize { input = [] }
            keepsAlive = head.keepsAlive
            wantsBody = head.method != "HEAD"
            phase = .answering
            return (head, body)
        }
    }

    /// What follows a request that was not understood is anybody's guess.
    private func refuse(_ refusal: RequestRefusal) {
        answer(.refusal(refusal.rawValue), isLast: true)
    }

    /// The client took too long over its request.
    func giveUp() { answer(.refusal(408), isLast: true) }

    /// Puts an answer on its way. `isLast`: the connection ends with it.
    func answer(_ response: ServerResponse, isLast: Bool = false) {
        if isLast {
            keepsAlive = false
            wantsBody = true
        }
        output.removeAll(keepingCapacity: output.capacity <= 64 << 10)
        sent = 0
        response.write(to: &output, keepsAlive: keepsAlive, withBody: wantsBody)
        mostOutput = max(mostOutput, output.capacity)
        phase = .sending
    }

    /// Sends what the socket takes. true: all of it is sent, and the next request may come.
    func send() -> Bool {
        guard phase == .sending else { return false }
        while sent < output.count {
            let count = output.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress.map { $0 + sent }, $0.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return false }
            guard count > 0 else {
                phase = .closed
                return false
            }
            sent += count
        }
        output.removeAll(keepingCapacity: output.capacity <= 64 << 10)
        guard keepsAlive else {
            // Closed at once, what the client has sent meanwhile would make the kernel take the answer back (RFC 9112, 9.6).
            shutdown(descriptor, Int32(SHUT_WR))
            input = []
            phase = .lingering
            return false
        }
        phase = .idle
        return true
    }

    private func discard() {
        let count = withUnsafeTemporaryAllocation(byteCount: Self.readSize, alignment: 1) {
            recv(descriptor, $0.baseAddress, $0.count, 0)
        }
        if count < 0, errno == EAGAIN || errno == EINTR { return }
        discarded += max(0, count)
        if count <= 0 || discarded > Self.mostDiscarded { phase = .closed }
    }
}

extension ServerResponse {
    /// The answer to a request that was not understood, or came too slowly.
    static func refusal(_ status: Int) -> ServerResponse {
        let words =
            switch status {
            case 408: "Request timeout"
            case 413: "Request body too large"
            case 417: "Expectation failed"
            case 431: "Request head too large"
            case 501: "Not implemented"
            case 505: "HTTP version not supported"
            default: "Bad request"
            }
        return ServerResponse(status: status, body: Array("{\"error\":\"\(words)\"}".utf8))
    }
}

extension [UInt8] {
    /// Lets `body` fill up to `count` bytes behind the end, and gives what it gave: how many it filled, or less than 0.
    fileprivate mutating func withSpareCapacity(_ count: Int, _ body: (UnsafeMutableRawBufferPointer) -> Int) -> Int {
        withUnsafeTemporaryAllocation(byteCount: count, alignment: 1) { buffer in
            let filled = body(buffer)
            if filled > 0 { append(contentsOf: buffer[..<filled]) }
            return filled
        }
    }
}
