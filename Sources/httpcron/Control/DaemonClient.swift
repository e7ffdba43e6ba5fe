internal import CronCore
internal import Glibc

/// Asks the running daemon, by its Unix socket. One connection a request; blocks until the answer has come.
struct DaemonClient {
    static let standardSocket = "/run/httpcron/httpcron.sock"
    /// A reload of very many files takes its time; a daemon that hangs must not hang who asks.
    private static let patience = 120

    let socket: String

    init(_ arguments: ParsedArguments) {
        socket = arguments.value(of: "socket") ?? Self.standardSocket
    }

    struct Answer {
        let status: Int
        let body: JSONValue
    }

    func get(_ path: String) throws(ToolError) -> Answer { try ask("GET", path, form: nil) }

    /// `form`: fields of the body.
    func post(_ path: String, form: [(String, String)] = []) throws(ToolError) -> Answer {
        try ask("POST", path, form: form)
    }

    /// `/api/v1/cron/jobs/ID/…`
    static func path(of job: JobID, _ rest: String) -> String { "/api/v1/cron/jobs/\(encode(job.text))/\(rest)" }

    private func ask(_ method: String, _ path: String, form: [(String, String)]?) throws(ToolError) -> Answer {
        let body = (form ?? []).map { "\(Self.encode($0.0))=\(Self.encode($0.1))" }.joined(separator: "&")
        var request = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        if form != nil {
            request += "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: \(body.utf8.count)\r\n"
        }
        let reply = try exchange(Array("\(request)\r\n\(body)".utf8))
        guard let answer = Self.parse(reply) else {
            throw ToolError("\(socket): what answers there is no httpcrond, or another version of it")
        }
        if answer.status == 403 {
            throw ToolError("only root and the daemon's own user may change something: use sudo")
        }
        return answer
    }

    private func exchange(_ request: [UInt8]) throws(ToolError) -> [UInt8] {
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw ToolError("socket: \(systemMessage(errno))") }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: Self.patience, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        guard connect(descriptor) else { throw ToolError(words(errno)) }
        var rest = request[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw ToolError("\(socket): \(systemMessage(errno))") }
            rest = rest.dropFirst(count)
        }
        var reply: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw ToolError("\(socket): no answer: \(systemMessage(errno))") }
            if count == 0 { return reply }
            reply += buffer[..<count]
        }
    }

    private func connect(_ descriptor: Int32) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard socket.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
            errno = ENAMETOOLONG
            return false
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: socket.utf8) }
        return withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        } == 0
    }

    /// Why nobody answers, and what to do.
    private func words(_ code: Int32) -> String {
        switch code {
        case ENOENT, ECONNREFUSED:
            "no daemon listens on \(socket); start it (systemctl start httpcron.socket httpcron), or name the socket "
                + "that it was started with: --socket PATH"
        case EACCES:
            "\(socket): \(systemMessage(EACCES)); who is in the group httpcron may ask: "
                + "sudo usermod -aG httpcron \(getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? "USER"), "
                + "then log in again"
        default: "\(socket): \(systemMessage(code))"
        }
    }

    /// The status and the document; the connection has ended with it.
    private static func parse(_ reply: [UInt8]) -> Answer? {
        let end = Array("\r\n\r\n".utf8)
        guard let head = reply.indices.first(where: { reply[$0...].starts(with: end) }),
            reply.starts(with: "HTTP/1.1 ".utf8), reply.count > 12,
            let status = Int(String(decoding: reply[9..<12], as: UTF8.self)),
            let body = JSONValue(Array(reply[(head + 4)...]))
        else { return nil }
        return Answer(status: status, body: body)
    }

    /// Percent-encoded, but for what needs it nowhere (RFC 3986, 2.3).
    private static func encode(_ text: String) -> String {
        text.utf8.reduce(into: "") { encoded, byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                encoded.append(Character(UnicodeScalar(byte)))
            default:
                let digits = Array("0123456789ABCDEF".utf8)
                encoded += "%" + String(decoding: [digits[Int(byte >> 4)], digits[Int(byte & 15)]], as: UTF8.self)
            }
        }
    }
}

extension DaemonClient.Answer {
    /// Throws what the daemon has against it.
    func accepted(_ what: String) throws(ToolError) -> JSONValue {
        guard status < 300 else {
            var words = body["error"]?.string ?? "status \(status)"
            if case .object(let details)? = body["details"] {
                for (field, values) in details.sorted(by: { $0.key < $1.key }) {
                    words += ": \(field) \(values.array.compactMap(\.string).joined(separator: ", "))"
                }
            }
            throw ToolError("\(what): \(status == 404 ? "there is no such job in the daemon" : words)")
        }
        return body["data"] ?? .null
    }
}

extension OptionSpec {
    static let socket = OptionSpec(
        "socket", value: "PATH", "The daemon's socket, \(DaemonClient.standardSocket) if not given")
}
