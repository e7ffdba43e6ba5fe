internal import CronCore
internal import Glibc
internal import Systemd
internal import Threads

/// The log's own thread: journald may be slow, and the loop must not wait for it.
final class Logger: Sendable {
    private enum Message: Sendable {
        case line(LogLine, at: Timestamp)
        case entry(LogEntry, at: Timestamp)
        case settings(level: LogPriority, logsSuccess: Bool)
        case close
    }

    private let mailbox: Mailbox<Message>
    private let thread: OSThread

    init() throws(ThreadError) {
        let mailbox = Mailbox<Message>()
        let toJournal = Journal.isStandardError
        self.mailbox = mailbox
        thread = try OSThread(name: "logger") {
            var sink = LogSink(toJournal: toJournal)
            while true {
                // With lines omitted, it wakes once more to say how many.
                for message in sink.hasOmitted ? mailbox.wait(milliseconds: 1_000) : mailbox.wait() {
                    switch message {
                    case .line(let line, let at): sink.take(line, at: at)
                    case .entry(let entry, let at): sink.take(entry, at: at)
                    case .settings(let level, let logsSuccess):
                        sink.level = level
                        sink.logsSuccess = logsSuccess
                    case .close:
                        sink.flush()
                        return
                    }
                }
                sink.flush()
            }
        }
    }

    func log(_ line: LogLine) {
        mailbox.post(.line(line, at: SystemClock.now().wall))
    }

    /// Put into words on the logger's thread, and only if it is written.
    func log(_ entry: LogEntry) {
        mailbox.post(.entry(entry, at: SystemClock.now().wall))
    }

    func log(_ priority: LogPriority, _ kind: LogKind, _ message: String, _ fields: [LogField] = []) {
        log(LogLine(priority: priority, message: message, kind: kind, fields: fields))
    }

    /// `LogLevel=` and `LogSuccess=`.
    func apply(_ settings: DaemonSettings) {
        mailbox.post(.settings(level: LogPriority(settings.logLevel), logsSuccess: settings.logsSuccess))
    }

    /// Writes what is left and ends the thread.
    func close() {
        mailbox.post(.close)
        thread.join()
    }
}

/// Where lines end up: the journal with their fields, or stderr as text. Lives on the logger's thread.
private struct LogSink {
    let toJournal: Bool
    var level = LogPriority.info
    var logsSuccess = true
    private var second: Int64 = 0
    private var written = [Int](repeating: 0, count: LogFlood.allCases.count)
    private var buffer: [UInt8] = []

    init(toJournal: Bool) {
        self.toJournal = toJournal
    }

    mutating func take(_ line: LogLine, at: Timestamp) {
        enter(at)
        write(line, at: at)
    }

    mutating func take(_ entry: LogEntry, at: Timestamp) {
        enter(at)
        if let flood = entry.flood {
            if flood == .successes && !logsSuccess { return }
            written[flood.rawValue] += 1
            if written[flood.rawValue] > flood.limit { return }
        }
        write(LogLine(entry), at: at)
    }

    /// The limits are by the second.
    private mutating func enter(_ at: Timestamp) {
        if at.seconds != second { tellOmitted(at: at) }
        second = at.seconds
    }

    /// Whether lines were left out that nobody has been told of yet.
    var hasOmitted: Bool {
        LogFlood.allCases.contains { written[$0.rawValue] > $0.limit }
    }

    /// Writes out what has gathered for stderr; the journal has its entries already.
    mutating func flush() {
        if second != SystemClock.now().wall.seconds { tellOmitted(at: SystemClock.now().wall) }
        var rest = buffer[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            // A terminal that is gone loses lines, and nothing else.
            guard count > 0 else { break }
            rest = rest.dropFirst(count)
        }
        buffer.removeAll(keepingCapacity: true)
    }

    private mutating func tellOmitted(at: Timestamp) {
        for flood in LogFlood.allCases {
            let omitted = written[flood.rawValue] - flood.limit
            written[flood.rawValue] = 0
            guard omitted > 0 else { continue }
            let what = flood == .successes ? "successful attempts" : "failed attempts"
            write(
                LogLine(
                    priority: flood == .successes ? .info : .notice,
                    message: "\(omitted) more \(what) in that second; the history has each of them",
                    kind: .omitted, fields: [LogField(name: "OMITTED", value: "\(omitted)")]), at: at)
        }
    }

    private mutating func write(_ line: LogLine, at: Timestamp) {
        guard line.priority <= level else { return }
        if toJournal {
            var fields = [
                Array("MESSAGE=\(line.message)".utf8),
                Array("PRIORITY=\(line.priority.rawValue)".utf8),
                Array("MESSAGE_ID=\(line.kind.messageID)".utf8),
                Array("SYSLOG_IDENTIFIER=httpcrond".utf8),
            ]
            for field in line.fields { fields.append(Array("HTTPCRON_\(field.name)=\(field.value)".utf8)) }
            if (try? Journal().send(fields)) != nil { return }
            // journald did not take it (restarting, or the entry too large): stderr still reaches it as text.
        }
        let clock = at.iso8601Microseconds.dropFirst(11).prefix(12)
        buffer += "\(clock)Z \(line.priority.word) \(line.message)\n".utf8
    }
}
