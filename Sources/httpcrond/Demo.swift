internal import CronCore
internal import Glibc

/// `--demo`: a temporary directory with a few job files, and a server on loopback for them to call.
struct Demo {
    let directory: String
    let server: DemoServer

    /// Throws a sentence for stderr.
    init() throws(DemoError) {
        do {
            server = try DemoServer()
        } catch {
            throw DemoError(message: "the demo's server: \(error.call): \(String(cString: strerror(error.errno)))")
        }
        // The six capitals are mkdtemp(3)'s: it puts a name of its own in their place.
        var template = Array("\(Self.temporaryDirectory)/httpcron-demo.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw DemoError(message: "no temporary directory: \(String(cString: strerror(errno)))")
        }
        directory = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        for (name, text) in Self.jobs(port: server.port) {
            try write(text, to: "\(jobsDirectory)/\(name).job")
        }
    }

    var jobsDirectory: String { "\(directory)/jobs.d" }
    var stateDirectory: String { "\(directory)/state" }

    /// Said before the first call.
    var greeting: String {
        """
        A server on 127.0.0.1:\(server.port) that answers, fails, dawdles and hangs up, and five jobs that call it.
        Job files: \(jobsDirectory)
        Ctrl-C ends it.

        """
    }

    /// Said after the last one.
    var farewell: String {
        """

        Everything above is in the history, \(stateDirectory)/history. Read it with:
          \(Self.tool) dump --state \(stateDirectory)
          \(Self.tool) dump --state \(stateDirectory) ok -o json -n 2
        """
    }

    /// How to call the tool: from a checkout through `swift run`, elsewhere by its name.
    private static var tool: String {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let path = String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
        return path.contains("/.build") ? "swift run httpcron" : "httpcron"
    }

    private static var temporaryDirectory: String {
        getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    }

    private func write(_ text: String, to path: String) throws(DemoError) {
        mkdir(jobsDirectory, 0o755)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw DemoError(message: "\(path): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw DemoError(message: "\(path): \(String(cString: strerror(errno)))")
        }
    }

    private static func jobs(port: UInt16) -> [(name: String, text: String)] {
        let target = "http://127.0.0.1:\(port)"
        return [
            ("ok", "[Job]\nDescription=Answers at once\nEvery=1s\n\n[Request]\nURL=\(target)/ok\n"),
            (
                "broken",
                """
                [Job]
                Description=Answers 500, is tried again, and tells the job “alert” when it gives up
                Every=6s
                OnFailure=alert

                [Request]
                URL=\(target)/broken

                [Retry]
                MaxRetries=2
                Backoff=fixed
                BackoffDelay=1s

                """
            ),
            ("slow", "[Job]\nDescription=Takes its time\nEvery=4s\n\n[Request]\nURL=\(target)/slow\n"),
            (
                "reset",
                "[Job]\nDescription=Hangs up\nEvery=5s\n\n[Request]\nURL=\(target)/reset\n\n[Retry]\nMaxRetries=0\n"
            ),
            (
                "alert",
                """
                [Job]
                Description=Called when another job fails
                OnDemand=yes

                [Request]
                URL=\(target)/ok
                Body={"failed":"${failed.job}","error":"${failed.error}"}

                """
            ),
        ]
    }
}

/// The demo could not be set up.
struct DemoError: Error {
    let message: String
}
