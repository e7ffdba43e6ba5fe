import Glibc
import Synchronization
import Testing
import Threads

/// A server on loopback that does to each connection, on a thread of its own, what the test says; it remembers the
/// heads of the requests that it was asked to read.
final class LoopbackServer: Sendable {
    let port: UInt16
    private let listener: Int32
    private let heads = Mutex<[String]>([])
    private let connections = Atomic<Int>(0)

    /// `serve` gets each connection and its number, from 0. When it returns the connection is closed.
    init(
        backlog: Int32 = 1_024, accepts: Bool = true, _ serve: @escaping @Sendable (Peer, Int) -> Void = { _, _ in }
    ) throws {
        (listener, port) = try listenOnLoopback(backlog: backlog)
        guard accepts else { return }
        let own = Weak(self)
        try OSThread(name: "server") { [listener] in
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { return }
                guard let number = own.value?.connections.add(1, ordering: .relaxed).oldValue else {
                    close(descriptor)
                    return
                }
                let thread = try? OSThread(name: "peer") {
                    let peer = Peer(descriptor: descriptor) { head in own.value?.heads.withLock { $0.append(head) } }
                    serve(peer, number)
                    close(descriptor)
                }
                thread?.detach()
            }
        }.detach()
    }

    deinit {
        stop()
        close(listener)
    }

    /// Listens no longer: who calls now is refused.
    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
    }

    /// Connections that a server which accepts none has in its queue; the caller's to close.
    func fillBacklog() -> [Int32] {
        (0..<8).map { _ in
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    _ = connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            return descriptor
        }
    }

    func url(_ path: String = "/", scheme: String = "http", host: String = "127.0.0.1") -> String {
        "\(scheme)://\(host):\(port)\(path)"
    }

    /// The request heads read so far, oldest first.
    var requests: [String] { heads.withLock { $0 } }
    var connectionCount: Int { connections.load(ordering: .relaxed) }
}

private final class Weak: Sendable {
    private let box: Mutex<Box>
    private struct Box: Sendable { weak var value: LoopbackServer? }

    init(_ value: LoopbackServer) { box = Mutex(Box(value: value)) }

    var value: LoopbackServer? { box.withLock { $0.value } }
}

/// A listening socket on a port that is free, and the port.
private func listenOnLoopback(backlog: Int32) throws -> (Int32, UInt16) {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var one: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, 4)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let port = try withUnsafeMutablePointer(to: &address) { pointer in
        try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
            try #require(bind(listener, generic, length) == 0 && listen(listener, backlog) == 0)
            try #require(getsockname(listener, generic, &length) == 0)
        }
        return UInt16(bigEndian: pointer.pointee.sin_port)
    }
    return (listener, port)
}

/// The server's end of one connection.
struct Peer: Sendable {
    let descriptor: Int32
    let remember: @Sendable (String) -> Void

    init(descriptor: Int32, remember: @escaping @Sendable (String) -> Void) {
        self.descriptor = descriptor
        self.remember = remember
        var patience = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    /// Reads a request's head, and as much of a body as its Content-Length says; nil when the client has gone.
    @discardableResult
    func request() -> String? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while !bytes.ends(with: "\r\n\r\n") {
            guard recv(descriptor, &byte, 1, 0) == 1 else { return nil }
            bytes.append(byte)
        }
        let head = String(decoding: bytes, as: UTF8.self)
        var body: [UInt8] = []
        if let line = head.lowercased().split(separator: "\r\n").first(where: { $0.hasPrefix("content-length:") }) {
            let length = Int(line.split(separator: " ").last ?? "") ?? 0
            var block = [UInt8](repeating: 0, count: 65_536)
            while body.count < length {
                let count = recv(descriptor, &block, min(block.count, length - body.count), 0)
                guard count > 0 else { return nil }
                body += block[..<count]
            }
        }
        let text = head + String(decoding: body, as: UTF8.self)
        remember(text)
        return text
    }

    /// Whether a byte came.
    func read(_ byte: inout UInt8) -> Bool { recv(descriptor, &byte, 1, 0) == 1 }

    /// Whether all of it could be sent.
    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    func respond(_ status: String = "200 OK", headers: String = "", body: String = "") {
        send("HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)")
    }

    /// Says nothing more until the client gives up.
    func stall() {
        var byte: UInt8 = 0
        while recv(descriptor, &byte, 1, 0) > 0 {}
    }

    /// Listens for so long whether the client says more, or goes.
    func listen(milliseconds: Int32) {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        poll(&entry, 1, milliseconds)
    }

    /// The connection will end with a reset.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }
}

extension [UInt8] {
    func ends(with text: StaticString) -> Bool {
        count >= text.utf8CodeUnitCount
            && suffix(text.utf8CodeUnitCount)
                .elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
