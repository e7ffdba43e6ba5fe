import CronCore
import Synchronization

/// A source of random numbers that closures may share.
final class SharedRandom: Sendable {
    private let source: Mutex<RandomSource>

    init(seed: UInt64) {
        source = Mutex(RandomSource(seed: seed))
    }

    func next() -> UInt64 { source.withLock { $0.next() } }
}
