import CronCore
import History

/// One way in which the segment of a fixture was damaged, and the judgement of what is made of it.
struct Case {
    let fixture: Fixture
    let bytes: [UInt8]
    /// Where `bytes` is not what it was; behind the shorter of the two all of it.
    let hit: [Range<Int>]

    init(_ fixture: Fixture, _ bytes: [UInt8]) {
        self.fixture = fixture
        self.bytes = bytes
        hit = Self.differences(fixture.bytes, bytes)
    }

    /// Whether anything changed that counts.
    var isDamage: Bool { hit.contains { $0.lowerBound < fixture.void.lowerBound } }

    /// nil: everything that was not touched is there, and what is lost is told.
    func problem(_ judge: Judge, _ tally: inout Tally) -> String? {
        let disk = fixture.disk(bytes)
        let lost = hit.reduce(into: Set<SequenceNumber>()) { $0.formUnion(fixture.records(in: $1)) }
        let isHeadless = headersAreGone
        let mayLack = { (number: SequenceNumber) in
            lost.contains(number) || isHeadless && fixture.map.sequences.contains(number)
        }
        let reading = Reading(disk, judge, mayLack: mayLack, thoroughly: true)
        if let problem = reading.problem { return problem }
        let isLossy = reading.records.count < fixture.truth.count
        if isLossy { tally.count("cost records") }
        if looksWhole {
            tally.count("cut off between two batches of the newest segment")
        } else {
            if isLossy, !isTold(reading.damage) {
                return "records are lost and the reader does not say so: \(reading.damage)"
            }
            let findings = Checker.findings(disk)
            if !isTold(findings) { return "not noticed: \(findings)" }
        }
        return Aftermath.problem(disk, before: reading, judge, mayLack: mayLack)
    }

    /// Format.md: the newest segment, cut off exactly between two batches, cannot be told from one that ends there; what
    /// only `verify` looks at is where the header's zeros end.
    private var looksWhole: Bool {
        guard fixture.form == .active else { return false }
        let first = hit.first?.lowerBound ?? bytes.count
        let ends = [8_192] + fixture.map.batches.map(\.range.upperBound)
        guard let end = bytes.count < 8_192 ? bytes.count : ends.last(where: { $0 <= first }) else { return false }
        return bytes[min(end, bytes.count)...].allSatisfy { $0 == 0 }
    }

    /// Both copies of the header are hit.
    private var headersAreGone: Bool {
        [0..<256, 4_096..<4_352].allSatisfy { copy in hit.contains { $0.overlaps(copy) } }
    }

    private func isTold(_ damage: [Damage]) -> Bool {
        var places = hit.map { UInt64($0.lowerBound)..<UInt64($0.upperBound) }
        // What is cut off is told of by what is left of the batch, or by where the file ends; a file of which nothing is
        // left counts as missing.
        if bytes.count < fixture.bytes.count {
            let batch = fixture.map.batches.first { $0.range.contains(bytes.count) }
            let begin = min(batch?.range.lowerBound ?? bytes.count, bytes.count)
            places = [UInt64(begin)..<UInt64(fixture.bytes.count)]
            if bytes.isEmpty, damage.contains(where: { $0.words.hasPrefix("missing") }) { return true }
        }
        return damage.contains { damage in
            damage.file == fixture.path
                && places.contains {
                    damage.range.overlaps($0) || damage.range.isEmpty && $0.contains(damage.range.lowerBound)
                        || damage.range == 0..<UInt64(bytes.count)
                }
        }
    }

    private static func differences(_ old: [UInt8], _ new: [UInt8]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var place = 0
        let both = min(old.count, new.count)
        while place < both {
            if old[place] == new[place] {
                place += 1
                continue
            }
            let begin = place
            while place < both, old[place] != new[place] { place += 1 }
            ranges.append(begin..<place)
        }
        if old.count != new.count { ranges.append(both..<max(old.count, new.count)) }
        return ranges
    }
}
