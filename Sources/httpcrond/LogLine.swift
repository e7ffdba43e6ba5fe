internal import CronCore

/// One line of the log: what a person reads, and the fields that a program does.
struct LogLine: Sendable {
    var priority: LogPriority
    var message: String
    /// Names the kind of line; explained in `systemd/httpcron.catalog`.
    var kind: LogKind
    /// Further journal fields, names without the `HTTPCRON_` before them.
    var fields: [LogField] = []
}

struct LogField: Sendable {
    var name: String
    var value: String
}

/// syslog(3)'s levels, as far as the daemon uses them.
enum LogPriority: UInt8, Sendable, Comparable {
    case error = 3
    case warning = 4
    case notice = 5
    case info = 6
    case debug = 7

    static func < (left: LogPriority, right: LogPriority) -> Bool {
        left.rawValue < right.rawValue
    }

    init(_ level: LogLevel) {
        switch level {
        case .err: self = .error
        case .warning: self = .warning
        case .notice: self = .notice
        case .info: self = .info
        case .debug: self = .debug
        }
    }

    var word: String {
        switch self {
        case .error: "err"
        case .warning: "warning"
        case .notice: "notice"
        case .info: "info"
        case .debug: "debug"
        }
    }
}

/// Lines that can come by the thousand a second, and are then counted and told as one.
enum LogFlood: Int, Sendable, CaseIterable {
    case successes
    case failures

    /// Lines a second that are written one by one.
    var limit: Int {
        switch self {
        case .successes: 50
        case .failures: 500
        }
    }
}
