import CronCore
import History

/// Each bit of a segment, one at a time, the other way round.
struct Flips {
    let options: Options

    func run() throws -> Int32 {
        let workers = options.workers
        return try options.sweep("flips") { fixture, worker, isWhole, tally in
            Flipping(fixture).run(from: worker, stride: workers, everyBit: isWhole, &tally)
        }
    }
}

/// One worker's share.
private struct Flipping {
    let fixture: Fixture
    let disk: MemoryDisk
    let judge: Judge

    init(_ fixture: Fixture) {
        self.fixture = fixture
        disk = fixture.disk()
        judge = Judge(truth: fixture.truth)
    }

    /// Bytes from `first` on, each `stride`th of them; one bit of each, or every one. One of a byte's bits is looked at
    /// from every side, and recovered from: where there is anything, and of the zeros between here and there.
    func run(from first: Int, stride: Int, everyBit: Bool, _ tally: inout Tally) {
        for byte in Swift.stride(from: first, to: fixture.void.lowerBound, by: stride) {
            let isZero = byte < 8_192 && byte % 4_096 >= 256
            for bit in 0..<8 where everyBit || bit == byte % 8 {
                disk.file(fixture.name)?.damage { $0[byte] ^= 1 << bit }
                let thoroughly = bit == byte % 8 && (!isZero || byte % 61 == 0)
                let recovers = thoroughly && byte % 5 == 0
                tally.add(
                    "bit \(bit) of byte \(byte)", problem(byte, thoroughly: thoroughly, recovers: recovers, &tally))
                disk.file(fixture.name)?.damage { $0[byte] ^= 1 << bit }
            }
        }
    }

    private func problem(_ byte: Int, thoroughly: Bool, recovers: Bool, _ tally: inout Tally) -> String? {
        let lost = fixture.records(in: byte..<byte + 1)
        let reading = Reading(disk, judge, mayLack: { lost.contains($0) }, thoroughly: thoroughly)
        if let problem = reading.problem { return problem }
        let isLost = reading.records.count < fixture.truth.count
        if isLost, !names(byte, in: reading.damage) {
            return "records are lost and the reader does not say so: \(reading.damage)"
        }
        let findings = Checker.findings(disk)
        guard names(byte, in: findings) else { return "not noticed: \(findings)" }
        tally.count("noticed")
        return recovers ? Aftermath.problem(disk, before: reading, judge, mayLack: { lost.contains($0) }) : nil
    }

    private func names(_ byte: Int, in damage: [Damage]) -> Bool {
        damage.contains { $0.file == fixture.path && $0.range.contains(UInt64(byte)) }
    }
}
