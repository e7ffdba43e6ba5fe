/// Finds the fewest happenings with which a world still breaks a promise: delta debugging (Zeller and Hildebrandt,
/// "Simplifying and isolating failure-inducing input", 2002). Each trial is a world from its beginning.
struct Shrinker {
    private let plan: Plan
    private(set) var trials = 0
    /// What is broken with the fewest.
    private(set) var violation: Violation
    private(set) var numbers: [Int]
    private static let mostTrials = 2_000

    init(_ plan: Plan, _ numbers: [Int], _ violation: Violation) {
        self.plan = plan
        self.numbers = numbers
        self.violation = violation
    }

    mutating func run() {
        var pieces = 2
        while numbers.count > 0, trials < Self.mostTrials {
            let length = max(1, (numbers.count + pieces - 1) / pieces)
            var isSmaller = false
            var begin = 0
            while begin < numbers.count {
                let rest = Array(numbers[..<begin] + numbers[min(begin + length, numbers.count)...])
                if fails(rest) {
                    numbers = rest
                    isSmaller = true
                } else {
                    begin += length
                }
            }
            if isSmaller { continue }
            if length == 1 { return }
            pieces = min(pieces * 2, numbers.count)
        }
    }

    private mutating func fails(_ numbers: [Int]) -> Bool {
        trials += 1
        guard let found = World(plan).run(only: Set(numbers)), found.promise == violation.promise else { return false }
        violation = found
        return true
    }
}
