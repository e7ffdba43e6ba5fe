/// What the command line says.
struct Options: Sendable {
    var isLong = false
    var seed: UInt64 = 1
    var workers = 2
    /// The subcommand, and what it takes.
    var words: [String] = []

    /// nil: it makes no sense.
    init?(_ arguments: some Collection<String>) {
        var rest = Array(arguments)
        while !rest.isEmpty {
            let word = rest.removeFirst()
            switch word {
            case "--long": isLong = true
            case "--seed", "--workers":
                guard !rest.isEmpty, let number = UInt64(rest.removeFirst()) else { return nil }
                if word == "--seed" { seed = number } else { workers = Int(clamping: min(max(number, 1), 64)) }
            case _ where word.hasPrefix("-"): return nil
            default: words.append(word)
            }
        }
        if words.isEmpty { return nil }
    }
}
