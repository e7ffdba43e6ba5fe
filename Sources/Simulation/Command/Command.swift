internal import CronCore
internal import Glibc
internal import Threads

/// The program: lives through worlds, and tells what they broke.
enum Command {
    /// Gives the exit status.
    static func run(_ arguments: [String]) -> Int32 {
        guard let options = Options(arguments.dropFirst()) else {
            say(Options.usage, to: STDERR_FILENO)
            return 2
        }
        let first = options.seed ?? options.from ?? UInt64.random(in: 1...999_999_999)
        let count = options.seed != nil ? 1 : options.seconds != nil ? .max : options.seeds
        say(
            count == 1
                ? "seed \(first)" : count == .max ? "seeds from \(first)" : "seeds \(first) to \(first &+ count - 1)")
        let began = monotonicSeconds()
        let end = options.seconds.map { began + Double($0) } ?? .infinity
        let queue = SeedQueue(from: first, count: count) { monotonicSeconds() < end }
        live(queue, options)
        if let failure = queue.failure {
            tell(failure.seed, failure.violation, options)
            return 1
        }
        let seconds = monotonicSeconds() - began
        say(queue.tally.summary(seconds: seconds))
        let missing = queue.tally.missing
        guard options.hasFaults, queue.tally.seeds >= 1_000, !missing.isEmpty else { return 0 }
        say("this never came, so that nothing is proved: \(missing.joined(separator: ", "))")
        return 1
    }

    private static func live(_ queue: SeedQueue, _ options: Options) {
        let work: @Sendable () -> Void = {
            while let seed = queue.take() {
                let plan = Plan(seed: seed, steps: options.steps, hasFaults: options.hasFaults)
                let world = World(plan, details: true, listener: options.isVerbose ? { say($0) } : nil)
                let violation = world.run(only: options.only)
                let count = queue.finish(seed, world.tally, violation)
                if count.isMultiple(of: 10_000) { say("\(count) seeds") }
            }
        }
        guard options.jobs > 1 else { return work() }
        let threads = (0..<options.jobs).compactMap { try? OSThread(name: "world-\($0)", body: work) }
        if threads.isEmpty { work() }
        for thread in threads { thread.join() }
    }

    /// Shrinks what failed, and tells it as a story.
    private static func tell(_ seed: UInt64, _ violation: Violation, _ options: Options) {
        say("VIOLATION at seed \(seed): \(violation.promise.rawValue)\n  \(violation.words)")
        let plan = Plan(seed: seed, steps: options.steps, hasFaults: options.hasFaults)
        let numbers = plan.happenings.map(\.number).filter { options.only?.contains($0) ?? true }
        var shrinker = Shrinker(plan, numbers, violation)
        shrinker.run()
        say(
            "shrunk from \(numbers.count) happenings to \(shrinker.numbers.count), in \(shrinker.trials) trials; the story:"
        )
        _ = World(plan, listener: { say("  \($0)") }).run(only: Set(shrinker.numbers))
        say("VIOLATION: \(shrinker.violation.promise.rawValue)\n  \(shrinker.violation.words)")
        say("replay: \(options.replay(seed, only: shrinker.numbers))")
    }
}

/// `CLOCK_MONOTONIC`.
private func monotonicSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// A line, at once: what was said last matters most if the program dies.
private func say(_ line: String, to descriptor: Int32 = STDOUT_FILENO) {
    var bytes = Array("\(line)\n".utf8)[...]
    while !bytes.isEmpty {
        let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard count > 0 else { return }
        bytes = bytes.dropFirst(count)
    }
}
