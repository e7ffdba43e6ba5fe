internal import CronCore

/// What `httpcron dump` was asked for.
struct DumpOptions: Equatable {
    enum Format: String, CaseIterable {
        case table
        case json
        case jsonl
        case csv
    }

    /// Rows to show; nil: all.
    var limit: Int?
    var filter = RecordFilter()
    var follows = false
    var oldestFirst = false
    var format = Format.table

    /// journalctl's numbers: 20 here, 10 lines before following.
    static let standardLimit = 20
    static let standardFollowLimit = 10

    init(_ arguments: ParsedArguments, clock: HumanClock) throws(UsageError) {
        follows = arguments.has("follow")
        oldestFirst = arguments.has("oldest-first") || follows
        if let text = arguments.value(of: "output") { format = try oneOf(text, option: "-o") }
        if follows, format == .json {
            throw UsageError("-o json is one whole document and cannot follow; use -o jsonl")
        }
        filter.since = try arguments.moment("since", clock)?.start
        filter.until = try arguments.moment("until", clock)?.start
        if let since = filter.since, let until = filter.until, until < since {
            throw UsageError("--until is before --since")
        }
        if let text = arguments.value(of: "status") {
            filter.status = try oneOf(text, option: "--status") as RecordFilter.Status
        }
        limit = try DumpOptions.limit(arguments, follows: follows, filter: filter)
    }

    private static func limit(
        _ arguments: ParsedArguments, follows: Bool, filter: RecordFilter
    ) throws(UsageError) -> Int? {
        guard let text = arguments.value(of: "lines") else {
            return follows ? standardFollowLimit : standardLimit
        }
        return try count(text, option: "-n")
    }
}

/// A number of lines: from 0, or `all` (nil).
func count(_ text: String, option: String) throws(UsageError) -> Int? {
    if text == "all" { return nil }
    guard let value = Int(text), value >= 0 else {
        throw UsageError("\(option) takes a number or all, not \"\(text)\"")
    }
    return value
}

/// The value of an option that takes one of a few words.
func oneOf<Choice: RawRepresentable & CaseIterable>(
    _ text: String, option: String
) throws(UsageError) -> Choice where Choice.RawValue == String {
    if let choice = Choice(rawValue: text) { return choice }
    let words = Choice.allCases.map(\.rawValue)
    throw UsageError(
        "\(option) takes \(words.dropLast().joined(separator: ", ")) or \(words.last ?? ""), not \"\(text)\""
            + suggestion(for: text, among: words))
}
