import CronCore
import Foundation
import Testing

/// `RANDOM_WALKS=5000 swift test --filter RandomWalk` walks further; a seed that fails is printed and replays.
@Suite struct RandomWalkTests {
    private static let count = ProcessInfo.processInfo.environment["RANDOM_WALKS"].flatMap(UInt64.init) ?? 50

    @Test func `whatever happens, each occurrence gives exactly one run or one note`() {
        walk(.accountable, from: 0)
    }

    @Test func `whatever happens to clocks and job files too, no promise is broken`() {
        walk(.anything, from: 1_000_000)
    }

    private func walk(_ kind: RandomWalk.Kind, from first: UInt64) {
        for seed in first..<first + Self.count {
            let walk = RandomWalk(seed: seed, kind: kind)
            walk.run(steps: 40)
            for complaint in walk.complaints { Issue.record(Comment(rawValue: complaint)) }
            guard walk.complaints.isEmpty else { return }
        }
    }
}
