/// What the command line asks for.
struct Options: Sendable {
    var seed: UInt64?
    var seeds: UInt64 = 1
    var from: UInt64?
    var seconds: UInt64?
    var steps = 40
    var jobs = 1
    var hasFaults = true
    var isVerbose = false
    /// The numbers of the happenings that are not left out.
    var only: Set<Int>?

    static let usage = """
        usage: Simulation [--seed S | --from S --seeds N | --seconds N] [--steps N] [--jobs N] [--no-faults]
                          [--only N,N…] [--verbose]

          --seed S       one world, from this seed
          --seeds N      so many worlds, one after the other; their seeds begin at --from, or at a fresh one
          --seconds N    fresh worlds for so long
          --steps N      things that happen in a world (40)
          --jobs N       threads (1)
          --no-faults    time passes, files change, somebody reads; nothing goes wrong
          --only N,N…    leave out everything but these happenings: what a failing run was shrunk to
          --verbose      tell everything as it happens

        Exit status: 0, 1 where a promise was broken, 2 for a wrong use.

        """

    /// nil: not understood.
    init?(_ arguments: some Sequence<String>) {
        var rest = Array(arguments).reversed() as [String]
        func number() -> UInt64? { rest.popLast().flatMap { UInt64($0) } }
        while let argument = rest.popLast() {
            switch argument {
            case "--no-faults": hasFaults = false
            case "--verbose": isVerbose = true
            case "--only":
                guard let list = rest.popLast() else { return nil }
                let numbers = list == "none" ? [] : list.split(separator: ",").map { Int($0) }
                guard !numbers.contains(nil) else { return nil }
                only = Set(numbers.compactMap { $0 })
            default:
                guard let value = number() else { return nil }
                switch argument {
                case "--seed": seed = value
                case "--seeds": seeds = value
                case "--from": from = value
                case "--seconds": seconds = value
                case "--steps": steps = Int(clamping: min(value, 1_000_000))
                case "--jobs": jobs = Int(clamping: max(1, min(value, 64)))
                default: return nil
                }
            }
        }
    }

    /// The command that lives through one world again.
    func replay(_ seed: UInt64, only: [Int]) -> String {
        var words = "Simulation --seed \(seed)"
        if steps != 40 { words += " --steps \(steps)" }
        if !hasFaults { words += " --no-faults" }
        return words + " --only " + (only.isEmpty ? "none" : only.map(String.init).joined(separator: ","))
    }
}
