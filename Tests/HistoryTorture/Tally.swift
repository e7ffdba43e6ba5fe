import Glibc

/// What was tried, and what went wrong.
struct Tally: Sendable {
    /// Damaged forms, states or cases that were tried.
    private(set) var tried = 0
    private(set) var failed = 0
    /// Failures of one kind, and the first of them: those whose words differ in numbers only are of one kind.
    private(set) var failures: [String: (count: Int, first: String)] = [:]
    /// Anything else that is worth a number in the output.
    var counts: [String: Int] = [:]

    private static let mostKinds = 100

    mutating func count(_ what: String, by number: Int = 1) {
        if number > 0 { counts[what, default: 0] += number }
    }

    /// One more form was tried. `problem`: what is wrong with it; nil: nothing.
    mutating func add(_ name: @autoclosure () -> String, _ problem: String?) {
        tried += 1
        guard let problem else { return }
        failed += 1
        let kind = problem.filter { !$0.isNumber }
        guard failures[kind] != nil || failures.count < Self.mostKinds else { return }
        failures[kind, default: (0, "\(name()): \(problem)")].count += 1
    }

    mutating func add(_ other: Tally) {
        tried += other.tried
        failed += other.failed
        failures.merge(other.failures) { ($0.count + $1.count, $0.first) }
        counts.merge(other.counts) { $0 + $1 }
    }

    static func sum(_ tallies: [Tally]) -> Tally {
        tallies.reduce(into: Tally()) { $0.add($1) }
    }
}

/// What a subcommand prints: a line for each thing it tried, and the count of them at the end.
struct Report {
    private var passed = 0
    private var failed = 0
    private var skipped = 0

    mutating func add(_ name: String, _ tally: Tally) {
        for (count, first) in tally.failures.values.sorted(by: { $0.count > $1.count }).prefix(8) {
            print("    \(count) times as \(first.prefix(400))")
        }
        let counts = tally.counts.sorted { $0.key < $1.key }.map { ", \($0.value) \($0.key)" }.joined()
        let isGood = tally.failed == 0 && tally.tried > 0
        print("\(isGood ? "ok    " : "FAILED") \(name): \(tally.tried) tried, \(tally.failed) wrong\(counts)")
        fflush(nil)
        if isGood { passed += 1 } else { failed += 1 }
    }

    /// The last line. Gives the exit code.
    func end() -> Int32 {
        print("\(passed) passed, \(failed) failed, \(skipped) skipped")
        return failed == 0 ? 0 : 1
    }
}
