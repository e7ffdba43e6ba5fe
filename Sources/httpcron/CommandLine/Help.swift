/// What `--help` prints.
enum Help {
    static func overall() -> String {
        let verbs = Verb.all.map { ("\($0.name) \($0.operands)", $0.summary) }
        return """
            httpcron VERB [OPTIONS…]

            Look after the jobs of httpcrond, cron for HTTP calls: see what they did, what they will do, and why.
            It reads the files and needs no running daemon, but for run, pause, resume, reload and status.

            Verbs:
            \(columns(verbs))

            Options:
            \(columns(OptionSpec.everywhere.map(row)))

            "httpcron VERB --help" tells more of each. Exit status: 0, 1 if the answer is no or something failed,
            2 for a command line that makes no sense.

            See httpcron(8).

            """
    }

    static func of(_ verb: Verb) -> String {
        var text = "httpcron \(verb.name) [OPTIONS…] \(verb.operands)\n\n\(verb.description)\n"
        if !verb.options.isEmpty { text += "\nOptions:\n\(columns(verb.options.map(row)))\n" }
        text += "\nEverywhere:\n\(columns(OptionSpec.everywhere.map(row)))\n"
        if !verb.examples.isEmpty {
            text += "\nExamples:\n\(columns(verb.examples.map { ($0.command, $0.purpose) }))\n"
        }
        return text
    }

    private static func row(_ spec: OptionSpec) -> (String, String) {
        let short = spec.short.map { "-\($0), " } ?? "    "
        return ("\(short)--\(spec.long)\(spec.value.map { "=\($0)" } ?? "")", spec.help)
    }

    /// Two columns, indented; a text of several lines goes on under itself.
    private static func columns(_ rows: [(String, String)]) -> String {
        let width = min(rows.map(\.0.count).max() ?? 0, 44)
        return rows.map { left, right in
            let indent = "\n" + String(repeating: " ", count: width + 4)
            let lines = right.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: indent)
            let first = "  " + left.padding(to: width)
            return left.count > width ? first + indent + lines : first + "  " + lines
        }.joined(separator: "\n")
    }
}

extension String {
    /// Filled up with spaces on the right.
    func padding(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
