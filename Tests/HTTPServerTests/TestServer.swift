import Glibc
import Sockets
import Systemd
import Testing

@testable import HTTPServer

/// A server on a loop of its own, and clients that are plain sockets.
final class TestServer {
    let loop: EventLoop
    let server: Server
    let path: String
    private(set) var requests: [ClientRequest] = []

    init() throws {
        loop = try EventLoop()
        server = try Server(loop: loop, poller: SocketPoller(loop: loop))
        path = "/tmp/httpcron-server-\(getpid())-\(UInt64.random(in: 0 ... .max)).sock"
        server.listen(on: try Listener(try #require(ListenAddress("unix:\(path)"))))
        server.received = { [unowned self] request in requests.append(request) }
    }

    /// Listens on a free port of loopback, too, and gives it.
    func listenOnLoopback() throws -> UInt16 {
        let listener = try Listener(try #require(ListenAddress("127.0.0.1:0")))
        server.listen(on: listener)
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener.descriptor, $0, &length) }
        }
        try #require(result == 0)
        return UInt16(bigEndian: address.sin_port)
    }

    func client() throws -> Int32 { try client(of: "unix:\(path)") }

    func client(of address: String) throws -> Int32 {
        let address = try #require(ListenAddress(address))
        let descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue) | Int32(O_NONBLOCK), 0)
        let connected = address.withSocketAddress { connect(descriptor, $0, $1) }
        try #require(connected == 0 || errno == EINPROGRESS)
        return descriptor
    }

    /// Turns the loop until `isDone`; at most so often that a test which hangs ends.
    func turn(until isDone: () -> Bool = { false }, most: Int = 200) throws {
        for _ in 0..<most where !isDone() { try loop.turn(timeout: 2_000) }
    }

    func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { #expect(send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) == $0.count) }
    }

    /// What has come; nil: the server has ended the connection, and nothing more comes.
    func read(_ descriptor: Int32) -> String? {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count == 0 || (count < 0 && errno != EAGAIN) { return nil }
        return String(decoding: buffer[..<max(0, count)], as: UTF8.self)
    }

    /// All that comes until the server ends the connection.
    func readToEnd(_ descriptor: Int32) throws -> String {
        var text = ""
        var hasEnded = false
        try turn(
            until: {
                while !hasEnded {
                    guard let more = read(descriptor) else {
                        hasEnded = true
                        break
                    }
                    if more.isEmpty { break }
                    text += more
                }
                return hasEnded
            }, most: 2_000)
        #expect(hasEnded, "the connection goes on")
        return text
    }

    func ok(_ text: String) -> ServerResponse {
        ServerResponse(status: 200, contentType: "text/plain", body: Array(text.utf8))
    }
}
