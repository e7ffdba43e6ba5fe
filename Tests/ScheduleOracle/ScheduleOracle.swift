internal import CronCore
internal import Glibc

/// Reads questions from standard input and writes an answer a line.
struct ScheduleOracle {
    private var zones: [String: TimeZoneRules] = ["UTC": .utc]
    private let directory: String

    init() {
        directory = getenv("TZDIR").map { String(cString: $0) } ?? "/usr/share/zoneinfo"
    }

    consuming func run() {
        while let line = readLine() {
            do {
                print(try answer(line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)))
            } catch {
                print("error: \(error.message)")
            }
        }
    }

    private mutating func answer(_ words: [String]) throws(OracleError) -> String {
        switch (words.first, words.count) {
        case ("next", 5):
            return try next(expression(words[1]), zone(words[2]), moment(words[3]), count: number(words[4]))
        case ("latest", 5):
            let schedule = Schedule.cron([try expression(words[1])], try zone(words[2]))
            let latest = schedule.latest(atOrBefore: try moment(words[4]), after: try moment(words[3]))
            return latest.map { String($0.seconds) } ?? "none"
        case ("offset", 3):
            let zone = try zone(words[1])
            let moment = try moment(words[2])
            return "\(zone.offset(at: moment)) \(zone.abbreviation(at: moment))"
        case ("local", 3):
            switch try zone(words[1]).resolve(CivilDateTime(clockSeconds: number(words[2]))) {
            case .unique(let moment): return "unique \(moment.seconds)"
            case .gap(let end): return "gap \(end.seconds)"
            case .fold(let first, let second): return "fold \(first.seconds) \(second.seconds)"
            }
        case ("transitions", 4):
            return try transitions(zone(words[1]), after: moment(words[2]), until: moment(words[3]))
        default:
            throw OracleError("not a question")
        }
    }

    private func next(
        _ expression: CronExpression, _ zone: TimeZoneRules, _ start: Timestamp, count: Int64
    ) -> String {
        var moment = start
        var answer: [String] = []
        for _ in 0..<count {
            guard let next = expression.next(after: moment, in: zone) else { break }
            answer.append(String(next.seconds))
            moment = next
        }
        return answer.joined(separator: " ")
    }

    private func transitions(_ zone: TimeZoneRules, after start: Timestamp, until end: Timestamp) -> String {
        var moment = start
        var answer: [String] = []
        while let next = zone.nextTransition(after: moment), next <= end {
            answer.append(String(next.seconds))
            moment = next
        }
        return answer.joined(separator: " ")
    }

    private func expression(_ text: String) throws(OracleError) -> CronExpression {
        do { return try CronExpression(parsing: text) } catch { throw OracleError(error.message) }
    }

    private func moment(_ text: String) throws(OracleError) -> Timestamp {
        Timestamp(seconds: try number(text))
    }

    private func number(_ text: String) throws(OracleError) -> Int64 {
        guard let number = Int64(text) else { throw OracleError("\(text) is no number") }
        return number
    }

    private mutating func zone(_ name: String) throws(OracleError) -> TimeZoneRules {
        if let zone = zones[name] { return zone }
        guard let bytes = Self.contents(of: "\(directory)/\(name)") else { throw OracleError("no zone \(name)") }
        do {
            let zone = try TimeZoneRules(name: name, tzif: bytes)
            zones[name] = zone
            return zone
        } catch {
            throw OracleError("\(name): \(error.message)")
        }
    }

    private static func contents(of path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(file, &buffer, buffer.count)
            guard count > 0 else { return count == 0 ? bytes : nil }
            bytes += buffer[..<count]
        }
    }
}

struct OracleError: Error {
    let message: String

    init(_ message: String) {
        self.message = message
    }
}
