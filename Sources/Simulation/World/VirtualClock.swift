internal import CronCore
internal import History
internal import Synchronization

/// Both clocks of a machine that does not exist, and the random bits that the history asks for.
final class VirtualClock: Sendable {
    private let wallMicroseconds: Atomic<Int64>
    private let bootMicroseconds = Atomic<Int64>(1_000_000_000)
    private let draws = Atomic<UInt64>(0)
    private let seed: UInt64

    init(wall: Timestamp, seed: UInt64) {
        wallMicroseconds = Atomic(wall.microseconds)
        self.seed = seed
    }

    var wall: Timestamp { Timestamp(microseconds: wallMicroseconds.load(ordering: .relaxed)) }
    var boot: Instant { Instant(microseconds: bootMicroseconds.load(ordering: .relaxed)) }
    var now: Moment { Moment(wall: wall, boot: boot) }

    /// Time passes, for both clocks.
    func advance(to instant: Instant) {
        guard instant > boot else { return }
        step(by: instant - boot)
        bootMicroseconds.store(instant.microseconds, ordering: .relaxed)
    }

    /// The wall clock is set.
    func step(by span: TimeSpan) {
        wallMicroseconds.add(span.microseconds, ordering: .relaxed)
    }

    func draw() -> UInt64 {
        let count = draws.add(1, ordering: .relaxed).newValue
        var random = RandomSource(seed: seed ^ count &* 0xd6e8_feb8_6659_fd93)
        return random.next()
    }

    /// What a history is opened with that lives by this clock: small segments, so that much happens to few records.
    var historySettings: HistorySettings {
        HistorySettings(segmentSize: 16 << 10, unsyncedLimit: 64 << 10, now: { self.wall }, random: { self.draw() })
    }
}
