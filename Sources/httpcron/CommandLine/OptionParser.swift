/// One option as `--help` shows it and as the parser takes it.
struct OptionSpec: Sendable {
    let long: String
    let short: Character?
    /// What stands for the value in `--help`; nil: the option takes none.
    let value: String?
    let help: String

    init(_ long: String, short: Character? = nil, value: String? = nil, _ help: String) {
        self.long = long
        self.short = short
        self.value = value
        self.help = help
    }
}

/// A command line taken apart: options by their long name, in the order given, and what is not an option.
struct ParsedArguments: Equatable {
    private(set) var values: [String: [String]] = [:]
    var operands: [String] = []

    func has(_ long: String) -> Bool {
        values[long] != nil
    }

    /// The last one given wins, as everywhere in Unix.
    func value(of long: String) -> String? {
        values[long]?.last
    }

    mutating func add(_ long: String, _ value: String) {
        values[long, default: []].append(value)
    }
}

/// A command line that makes no sense; exit status 2.
struct UsageError: Error, Equatable {
    let message: String

    init(_ message: String) {
        self.message = message
    }
}

/// Options as getopt_long(3) takes them: `--flag value`, `--flag=value`, `-n20`, `-n 20`, `-fq`, and `--` before
/// operands that begin with a dash. Options and operands may be mixed.
struct OptionParser {
    private let byLong: [String: OptionSpec]
    private let byShort: [Character: OptionSpec]

    init(_ options: [OptionSpec]) {
        byLong = Dictionary(options.map { ($0.long, $0) }) { first, _ in first }
        byShort = Dictionary(options.compactMap { spec in spec.short.map { ($0, spec) } }) { first, _ in first }
    }

    func parse(_ arguments: some Collection<String>) throws(UsageError) -> ParsedArguments {
        var parsed = ParsedArguments()
        var rest = Array(arguments)[...]
        while let argument = rest.popFirst() {
            if argument == "--" {
                parsed.operands += rest
                break
            }
            if argument.hasPrefix("--") {
                try long(argument.dropFirst(2), &rest, &parsed)
            } else if argument.hasPrefix("-"), argument != "-" {
                try short(argument.dropFirst(), &rest, &parsed)
            } else {
                parsed.operands.append(argument)
            }
        }
        return parsed
    }

    private func long(
        _ text: Substring, _ rest: inout ArraySlice<String>, _ parsed: inout ParsedArguments
    ) throws(UsageError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        let attached = parts.count > 1 ? String(parts[1]) : nil
        guard let spec = byLong[name] else {
            throw UsageError("unknown option --\(name)" + suggestion(for: name, among: byLong.keys, prefix: "--"))
        }
        guard spec.value != nil else {
            guard attached == nil else { throw UsageError("--\(name) takes no value") }
            parsed.add(name, "")
            return
        }
        guard let value = attached ?? rest.popFirst() else { throw UsageError(missingValue("--\(name)", spec)) }
        parsed.add(name, value)
    }

    private func short(
        _ cluster: Substring, _ rest: inout ArraySlice<String>, _ parsed: inout ParsedArguments
    ) throws(UsageError) {
        var cluster = cluster
        while let letter = cluster.popFirst() {
            guard let spec = byShort[letter] else { throw UsageError("unknown option -\(letter)") }
            guard spec.value != nil else {
                parsed.add(spec.long, "")
                continue
            }
            guard let value = cluster.isEmpty ? rest.popFirst() : String(cluster) else {
                throw UsageError(missingValue("-\(letter)", spec))
            }
            parsed.add(spec.long, value)
            return
        }
    }

    private func missingValue(_ option: String, _ spec: OptionSpec) -> String {
        "\(option) needs a value: \(option) \(spec.value ?? "VALUE")"
    }
}
