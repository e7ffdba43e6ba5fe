import CChecksum
import CronCore

/// What a hostile server can put into a body: anything that it could know or guess, which is all but the salt.
struct Forger {
    private var random: RandomSource
    private let target: SegmentMap
    /// The segment that the body will lie in, and an older one of the same history.
    private let bytes: [UInt8]
    private let older: [UInt8]
    /// What it takes for the salt.
    var guess: UInt64

    init(_ random: RandomSource, target: SegmentMap, bytes: [UInt8], older: [UInt8]) {
        self.random = random
        self.target = target
        self.bytes = bytes
        self.older = older
        guess = 0
        let salts = [0, .max, SegmentMap(older).salt, self.random.next(), target.salt ^ 1]
        guess = salts[Int(self.random.next() % UInt64(salts.count))]
    }

    /// A body of `length` bytes that will lie at `place`, of pieces at the multiples of 8 where a reader looks.
    mutating func body(at place: Int, length: Int, onlyBatches: Bool) -> [UInt8] {
        var body: [UInt8] = []
        while body.count < length {
            while (place + body.count) % 8 != 0 { body.append(0) }
            body += onlyBatches ? batch(at: place + body.count) : piece(at: place + body.count)
        }
        return Array(body.prefix(length))
    }

    private mutating func piece(at place: Int) -> [UInt8] {
        switch random.next() % 8 {
        case 0, 1: batch(at: place)
        case 2: record(at: place)
        case 3: header()
        case 4: copied(from: bytes)
        case 5: copied(from: older)
        // Just what the older segment has in this place.
        case 6: Array(older[min(place, older.count)..<min(place + 512, older.count)]) + [0]
        default: header() + [UInt8](repeating: 0, count: 64) + batch(at: place) + batch(at: place + 512)
        }
    }

    private mutating func copied(from source: [UInt8]) -> [UInt8] {
        let map = SegmentMap(source)
        guard let batch = map.batches.randomElement(using: &random) else { return [0] }
        return Array(source[batch.range])
    }

    /// A batch of one record that never was, right in everything but the salt.
    private mutating func batch(at place: Int) -> [UInt8] {
        let payload = record(at: place + 64)
        var batch: [UInt8] = []
        batch.resize(to: 64)
        batch.set(UInt32(0x1a42_4348), at: 0)
        batch.set(UInt32(payload.count), at: 8)
        batch.set(salted(payload, at: place + 64), at: 12)
        batch.set(UInt32(target.batches.count + 1), at: 16)
        batch.set(UInt32(random.next() % 10), at: 20)
        batch.set(UInt64(target.batches.last?.range.lowerBound ?? 0), at: 24)
        batch.set(UInt32(1), at: 40)
        batch.set(UInt8(1), at: 44)
        batch.set(UInt64(1 << 40), at: 48)
        batch.set(UInt64(1 << 40), at: 56)
        batch.set(salted(Array(batch[8...]), at: place), at: 4)
        return batch + payload
    }

    /// A state of a job that never was.
    private mutating func record(at place: Int) -> [UInt8] {
        let name = Array("forged".utf8)
        var record: [UInt8] = []
        record.resize(to: 80)
        record.set(UInt32(80), at: 4)
        record.set(UInt8(4), at: 8)
        record.set(UInt16(name.count), at: 10)
        record.set(UInt64(1 << 40), at: 16)
        record.overwrite(name + [1], at: 64)
        record.set(salted(Array(record[4...]), at: place + 4), at: 0)
        return record
    }

    /// A segment's header, whose checksum needs no salt.
    private mutating func header() -> [UInt8] {
        var header = Array(bytes[..<256])
        header.set(random.next(), at: 32)
        let crc = header.withUnsafeBytes { httpcron_crc32c(0, $0.baseAddress, 252) }
        header.set(crc, at: 252)
        return header
    }

    private func salted(_ piece: [UInt8], at place: Int) -> UInt32 {
        var seed: [UInt8] = []
        seed.resize(to: 16)
        seed.set(guess, at: 0)
        seed.set(UInt64(place), at: 8)
        let start = seed.withUnsafeBytes { httpcron_crc32c(0, $0.baseAddress, 16) }
        return piece.withUnsafeBytes { httpcron_crc32c(start, $0.baseAddress, $0.count) }
    }
}
