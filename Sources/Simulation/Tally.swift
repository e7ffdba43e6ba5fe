internal import CronCore

/// What came to pass, so that one sees that everything did.
struct Tally: Sendable {
    var seeds = 0
    var span = TimeSpan.zero
    var starts = 0
    var refusedStarts = 0
    var deathsInRecovery = 0
    var records = 0
    var sent = 0
    var readings = 0
    var compactions = 0
    var deathsInCompaction = 0
    /// Starts that found records shed, and notes of them.
    var shed = 0
    /// Worlds that ended early, for too much was damaged.
    var lost = 0
    /// Records that a power cut took though it left later ones.
    var holes = 0
    var happenings: [String: Int] = [:]
    var disk = DiskTally()

    mutating func add(_ other: Tally) {
        seeds += other.seeds
        span = span + other.span
        starts += other.starts
        refusedStarts += other.refusedStarts
        deathsInRecovery += other.deathsInRecovery
        records += other.records
        sent += other.sent
        readings += other.readings
        compactions += other.compactions
        deathsInCompaction += other.deathsInCompaction
        shed += other.shed
        holes += other.holes
        lost += other.lost
        happenings.merge(other.happenings, uniquingKeysWith: +)
        disk.add(other.disk)
    }
}

extension Tally {
    /// Kinds of trouble that never came, of those that a long run must have seen: an injector that injects nothing
    /// proves nothing.
    var missing: [String] {
        let deaths = [Death.kill, .powerCut].flatMap { [$0.rawValue, "\($0.rawValue), and again in the recovery"] }
        let others = [
            "stop", "full disk", "quota used up", "read-only disk", "short write", "bit flip", "slow disk",
            "clock set forward", "clock set back", "suspend", "job changed", "job removed", "job file in error",
            "reader", "slow reader", "compaction", "run by hand", "pause", "pause with an end", "resumption",
        ]
        let servers = ServerTrouble.allCases.map { "server \($0.rawValue)" }
        var missing = (deaths + others + servers).filter { happenings[$0, default: 0] == 0 }
        missing += DiskOperation.allCases.filter { disk.errors[$0, default: 0] == 0 }.map { "failed \($0.rawValue)" }
        let counts = [
            ("short writes", disk.shortWrites), ("a full disk that refuses", disk.full),
            ("a read-only disk that refuses", disk.readOnly), ("pages written back", disk.writtenBack),
            ("deaths in the recovery", deathsInRecovery), ("deaths in a compaction", deathsInCompaction),
            ("readings", readings), ("compactions", compactions), ("notes of what was lost", shed),
        ]
        return missing + counts.filter { $0.1 == 0 }.map(\.0)
    }

    /// The last lines of a run that broke nothing.
    func summary(seconds: Double) -> String {
        let days = span.microseconds / 86_400_000_000
        let rate = Int(Double(seeds) / max(seconds, 0.001))
        var parts = happenings.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        parts += disk.errors.sorted { $0.key.rawValue < $1.key.rawValue }.map {
            "\($0.value) failed \($0.key.rawValue)"
        }
        parts += ["\(disk.shortWrites) short writes", "\(disk.full) refused for want of room"]
        parts += ["\(disk.readOnly) refused as read-only", "\(disk.writtenBack) written back by the kernel"]
        return """
            \(parts.joined(separator: ", "))
            \(seeds) seeds without a violation: \(days) simulated days, \(starts) starts, \(deathsInRecovery) deaths in \
            the recovery and \(deathsInCompaction) in a compaction, \(refusedStarts) refused starts, \(sent) requests, \(records) records, \(disk.operations) disk \
            operations, \(readings) readings, \(compactions) compactions, \(shed) notes of what was lost, \(holes) records lost before others that were kept, \(lost) worlds given up for too much damage; \(rate) seeds/s
            """
    }
}
