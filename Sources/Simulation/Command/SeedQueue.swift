internal import Synchronization

/// Hands out seeds to the threads, and gathers what came of them.
final class SeedQueue: Sendable {
    private struct State {
        var next: UInt64
        var left: UInt64
        var tally = Tally()
        var failures: [(seed: UInt64, violation: Violation)] = []
    }

    private let state: Mutex<State>
    private let mayGoOn: @Sendable () -> Bool

    /// `mayGoOn`: asked before each world.
    init(from seed: UInt64, count: UInt64, while mayGoOn: @escaping @Sendable () -> Bool) {
        state = Mutex(State(next: seed, left: count))
        self.mayGoOn = mayGoOn
    }

    /// nil: that was all, or something has failed.
    func take() -> UInt64? {
        guard mayGoOn() else { return nil }
        return state.withLock { state in
            guard state.left > 0, state.failures.isEmpty else { return nil }
            state.left -= 1
            defer { state.next &+= 1 }
            return state.next
        }
    }

    /// Gives how many worlds have been lived through.
    func finish(_ seed: UInt64, _ tally: Tally, _ violation: Violation?) -> Int {
        state.withLock { state in
            state.tally.add(tally)
            if let violation { state.failures.append((seed, violation)) }
            return state.tally.seeds
        }
    }

    var tally: Tally { state.withLock { $0.tally } }
    /// The one with the lowest seed: the same whoever was faster.
    var failure: (seed: UInt64, violation: Violation)? {
        state.withLock { $0.failures.min { $0.seed < $1.seed } }
    }
}
