internal import CLinux
internal import Glibc
internal import Threads

/// The target of `--demo`: a server on loopback that answers well, badly, slowly and not at all. One thread, one
/// connection at a time but for the slow ones; enough to be called, and nothing more.
struct DemoServer: Sendable {
    let port: UInt16

    /// Listens on a free port of 127.0.0.1 until the process ends. Throws the failed call's name and errno.
    init() throws(DemoServerError) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard listener >= 0 else { throw DemoServerError(call: "socket", errno: errno) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { general in
                bind(listener, general, length) == 0 && listen(listener, 64) == 0
                    && getsockname(listener, general, &length) == 0
            }
        }
        guard bound else { throw DemoServerError(call: "bind", errno: errno) }
        port = UInt16(bigEndian: address.sin_port)
        do {
            try OSThread(name: "demo-server") { Self.serve(listener) }.detach()
        } catch {
            throw DemoServerError(call: "pthread_create", errno: error.errno)
        }
    }

    private static func serve(_ listener: Int32) {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { continue }
            guard let path = requestPath(connection) else {
                close(connection)
                continue
            }
            if path == "/slow" {
                // On a thread of its own, so that the others do not wait for it.
                guard (try? OSThread(name: "demo-slow", body: { answerSlowly(connection) }).detach()) != nil else {
                    close(connection)
                    continue
                }
            } else {
                answer(connection, path: path)
            }
        }
    }

    /// The path of the request line; nil when none came.
    private static func requestPath(_ connection: Int32) -> String? {
        var timeout = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = recv(connection, &buffer, buffer.count, 0)
        guard count > 0 else { return nil }
        let words = String(decoding: buffer[..<count], as: UTF8.self).split(separator: " ", maxSplits: 2)
        return words.count == 3 ? String(words[1]) : nil
    }

    private static func answer(_ connection: Int32, path: String) {
        defer { close(connection) }
        switch path {
        case "/ok": send(connection, status: "200 OK", body: #"{"status":"ok"}"#)
        case "/broken": send(connection, status: "500 Internal Server Error", body: #"{"error":"out of tea"}"#)
        case "/reset":
            // Closed with a linger of nothing: the client sees a reset.
            var now = linger(l_onoff: 1, l_linger: 0)
            setsockopt(connection, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
        default: send(connection, status: "404 Not Found", body: #"{"error":"Not found"}"#)
        }
    }

    private static func answerSlowly(_ connection: Int32) {
        defer { close(connection) }
        usleep(1_500_000)
        send(connection, status: "200 OK", body: #"{"status":"better late"}"#)
    }

    private static func send(_ connection: Int32, status: String, body: String) {
        let answer = """
            HTTP/1.1 \(status)\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\
            Connection: close\r\n\r\n\(body)
            """
        let bytes = Array(answer.utf8)
        // A client that has gone away needs no answer.
        _ = Glibc.send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}

/// The demo's server could not be started.
struct DemoServerError: Error {
    let call: String
    let errno: Int32
}
