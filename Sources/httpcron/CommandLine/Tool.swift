internal import CronCore
internal import Glibc

/// The command line, from its words to the exit status.
enum Tool {
    /// The exit status: 0; 1, the answer is no, or it could not be had; 2, the command line makes no sense.
    static func run(_ arguments: [String]) -> Int32 {
        // A reader that goes away is an error of write(2), not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        do {
            return try carryOut(arguments)
        } catch let error as UsageError {
            complain(error.message)
            return 2
        } catch let error as ToolError {
            complain(error.message)
            return 1
        } catch {
            complain("\(error)")
            return 1
        }
    }

    private static func carryOut(_ arguments: [String]) throws -> Int32 {
        let (before, name, after) = split(arguments)
        guard let name else {
            let parsed = try OptionParser(OptionSpec.everywhere).parse(before)
            if parsed.has("version") { return show("httpcron \(Version.text)\n") }
            if parsed.has("help") { return show(Help.overall()) }
            throw UsageError("what to do? A verb is missing: \(verbNames.joined(separator: ", ")); see httpcron --help")
        }
        if name == "help" { return show(try verbNamed(after.first)) }
        guard let verb = Verb.all.first(where: { $0.name == name }) else { throw unknown(name) }
        let parsed: ParsedArguments
        do {
            parsed = try OptionParser(verb.allOptions).parse(before + after)
        } catch {
            throw UsageError("\(error.message); see httpcron \(name) --help")
        }
        if parsed.has("help") { return show(Help.of(verb)) }
        if parsed.has("version") { return show("httpcron \(Version.text)\n") }
        return try verb.run(parsed)
    }

    private static var verbNames: [String] { Verb.all.map(\.name) }

    private static func unknown(_ name: String) -> UsageError {
        UsageError("unknown verb \"\(name)\"\(suggestion(for: name, among: verbNames)); see httpcron --help")
    }

    private static func verbNamed(_ name: String?) throws(UsageError) -> String {
        guard let name else { return Help.overall() }
        guard let verb = Verb.all.first(where: { $0.name == name }) else { throw unknown(name) }
        return Help.of(verb)
    }

    /// The options before the verb, the verb, and what follows it.
    private static func split(_ arguments: [String]) -> ([String], String?, [String]) {
        let takesValue = Set(OptionSpec.everywhere.filter { $0.value != nil }.map { "--" + $0.long })
        var index = 0
        while index < arguments.count, arguments[index].hasPrefix("-"), arguments[index] != "-" {
            index += takesValue.contains(arguments[index]) ? 2 : 1
        }
        guard index < arguments.count else { return (arguments, nil, []) }
        return (Array(arguments[..<index]), arguments[index], Array(arguments[(index + 1)...]))
    }

    private static func show(_ text: String) -> Int32 {
        let output = Output(descriptor: STDOUT_FILENO)
        output.write(text)
        return output.finish()
    }
}
