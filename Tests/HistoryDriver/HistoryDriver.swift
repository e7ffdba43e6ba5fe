internal import CronCore
internal import Glibc
internal import History

/// The program, from its words to its exit code.
enum HistoryDriver {
    static func run(_ words: [String]) -> Int32 {
        do {
            var options = try DriverOptions(words)
            switch options.verb {
            case "write": return try DriverWriter(options).run()
            case "check": return try DriverCheck(options).run()
            case "fill": return try DriverFill(&options).run()
            default: throw DriverError("there is no \(options.verb)")
            }
        } catch {
            complain("\(error)")
            return error is DriverError ? 2 : 74
        }
    }
}

/// Wrong words, or a disk that was not patient enough.
struct DriverError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

func complain(_ words: String) {
    writeLine("HistoryDriver: \(words)", to: STDERR_FILENO)
}

/// One line, by one write: whoever reads it may take it at its word, and a kill cuts none in two.
func writeLine(_ line: String, to descriptor: Int32 = STDOUT_FILENO) {
    var line = line + "\n"
    line.withUTF8 { bytes in
        while write(descriptor, bytes.baseAddress, bytes.count) < 0 && errno == EINTR {}
    }
}

/// `VERB DIR --name value… word…`
struct DriverOptions {
    let verb: String
    let directory: String
    private(set) var words: [String] = []
    private var values: [String: Int] = [:]
    private static let flags: Set<String> = ["keeps", "abandons"]

    init(_ arguments: [String]) throws(DriverError) {
        guard arguments.count >= 2 else { throw DriverError("usage: HistoryDriver write|check|fill DIR …") }
        verb = arguments[0]
        directory = arguments[1]
        var rest = arguments[2...]
        while let word = rest.popFirst() {
            guard word.hasPrefix("--") else {
                words.append(word)
                continue
            }
            let name = String(word.dropFirst(2))
            if Self.flags.contains(name) {
                values[name] = 1
            } else {
                guard let text = rest.popFirst(), let value = Int(text), value >= 0 else {
                    throw DriverError("\(word) wants a number")
                }
                values[name] = value
            }
        }
    }

    func number(_ name: String, _ otherwise: Int) -> Int { values[name] ?? otherwise }
    func has(_ flag: String) -> Bool { values[flag] != nil }

    var maker: RecordMaker {
        RecordMaker(jobs: max(number("jobs", 5), 1), bodyLength: number("body", 200))
    }

    /// `Keep=` of every job.
    var keep: Int { number("keep", 10) }

    var settings: HistorySettings {
        HistorySettings(segmentSize: UInt64(number("segment", 16 << 10)), allowsNetworkFileSystem: true)
    }
}
