import CronCore
import History

/// A hostile server answers with what looks like a part of a history. Its answer is stored in a record, and then the
/// disk damages what is around it, so that the readers look for the next batch in the middle of it.
struct Forged {
    let options: Options

    func run() throws -> Int32 {
        var report = Report()
        let count = options.isLong ? 1_000_000 : 1_000
        let workers = options.workers
        let seed = options.seed
        let tallies = try Workers.run(workers) { number in
            var tally = Tally()
            for attempt in stride(from: number, to: count, by: workers) {
                let name = seed &* 10_000_019 &+ UInt64(attempt)
                let problem = Forgery.problem(seed: name, &tally)
                tally.add("forgery \(name)", problem)
            }
            return tally
        }
        report.add("forged bodies", Tally.sum(tallies))
        // One who could know the salt would be believed: it is the salt that protects, and this test would notice.
        var control = Tally()
        for attempt in 0..<20 {
            let problem = try Forgery(seed: seed &+ UInt64(attempt), knowsSalt: true).problem(&control)
            control.add("control \(attempt)", problem == nil ? "a forger who knows the salt is not noticed" : nil)
        }
        report.add("control: forgers who know the salt are believed", control)
        return report.end()
    }
}

/// One attempt: a segment with one record whose body is the forger's.
private struct Forgery {
    private var maker: RecordMaker
    private let truth: [Record]
    private let contents: [String: [UInt8]]
    private let name: String
    /// Where in the segment the body lies, and the batch around it.
    private let body: Range<Int>
    private let batch: Range<Int>
    private let map: SegmentMap

    init(seed: UInt64, knowsSalt: Bool) throws {
        maker = RecordMaker(seed: seed)
        let length = maker.number(200...6_000)
        // Twice the same, to learn where the body will lie; an attacker may guess that, but never the salt.
        let filler = [UInt8](repeating: 0xa5, count: length)
        let plain = try Self.write(seed: seed, body: filler, mayCompact: !knowsSalt)
        name = plain.name
        let segment = plain.contents[name] ?? []
        let begin = Self.place(of: filler, in: segment)
        var forger = Forger(maker.random, target: SegmentMap(segment), bytes: segment, older: plain.older)
        if knowsSalt { forger.guess = SegmentMap(segment).salt }
        let forged = forger.body(at: begin, length: length, onlyBatches: knowsSalt)
        let written = try Self.write(seed: seed, body: forged, mayCompact: !knowsSalt)
        (truth, contents) = (written.truth, written.contents)
        body = begin..<begin + length
        map = SegmentMap(written.contents[name] ?? [])
        batch = map.batches.first { $0.range.contains(begin) }?.range ?? 0..<0
    }

    static func problem(seed: UInt64, _ tally: inout Tally) -> String? {
        do { return try Forgery(seed: seed, knowsSalt: false).problem(&tally) } catch { return "\(error)" }
    }

    private static func place(of filler: [UInt8], in bytes: [UInt8]) -> Int {
        var place = 8_192
        while place + filler.count <= bytes.count {
            if bytes[place] == 0xa5, Array(bytes[place..<place + filler.count]) == filler { return place }
            place += 1
        }
        return 8_192
    }

    /// `mayCompact`: a grouped cover is read by its footer, which even a forger who knows the salt does not get into.
    private static func write(
        seed: UInt64, body: [UInt8], mayCompact: Bool
    ) throws -> (truth: [Record], name: String, contents: [String: [UInt8]], older: [UInt8]) {
        var maker = RecordMaker(seed: seed ^ 0xb0d1)
        let disk = MemoryDisk()
        let writer = try StepwiseWriter(disk, settings: .fixed(seed: seed, segmentSize: 64 << 10))
        var truth: [Record] = []
        func write(_ records: [Record]) {
            writer.append(records, needsSync: true)
            writer.settle(makingSpares: false)
            truth += records
        }
        for _ in 0..<3 { write(maker.wholeRun()) }
        writer.seal()
        writer.settle(makingSpares: false)
        let older = disk.file(SegmentName.raw(2).text)?.bytes ?? []
        for _ in 0..<maker.number(1...3) { write(maker.wholeRun()) }
        write([maker.execution(maker.jobs[0], maker.run(), body: body)])
        for _ in 0..<maker.number(1...3) { write(maker.wholeRun()) }
        if maker.chance(60) { writer.close() }
        var name = SegmentName.raw(3).text
        if mayCompact, !writer.isOpen, maker.chance(50) {
            let order = CompactionOrder(rules: RetentionRules(jobs: [:], keepRemoved: .seconds(1 << 30)))
            let report = try Compaction.run(disk, settings: .fixed(seed: seed ^ 0xc0), order: order) { _ in true }
            name = report?.name ?? name
            truth = try disk.records()
        }
        return (truth, name, disk.contents.filter { SegmentName($0.key)?.range != nil }, older)
    }

    /// Damages what is around the body in several ways.
    func problem(_ tally: inout Tally) -> String? {
        var maker = maker
        let bytes = contents[name] ?? []
        let judge = Judge(truth: truth)
        for way in 0..<6 {
            var damaged = bytes
            let hit: Range<Int>
            switch way {
            case 0: hit = batch.lowerBound..<batch.lowerBound + 64
            case 1: hit = batch.lowerBound + 8..<batch.lowerBound + 12
            case 2: hit = batch.lowerBound..<body.lowerBound
            case 3: hit = max(body.lowerBound - maker.number(1...600), 8_192)..<body.lowerBound
            case 4: hit = body.upperBound..<batch.upperBound
            default:
                let place = maker.number(batch.lowerBound...body.lowerBound - 1)
                hit = place..<place + 1
            }
            let zeros = maker.chance(50)
            for place in hit { damaged[place] = zeros ? 0 : damaged[place] ^ UInt8(maker.number(1...255)) }
            if hit.isEmpty || damaged == bytes { continue }
            var files = contents
            files[name] = damaged
            let disk = MemoryDisk(files)
            let lost = map.sequences(in: hit)
            let mayLack = { (number: SequenceNumber) in lost.contains(number) }
            let reading = Reading(disk, judge, mayLack: mayLack, thoroughly: true)
            tally.count("resynchronised")
            if let problem = reading.problem { return "way \(way): \(problem)" }
            if let problem = Aftermath.problem(disk, before: reading, judge, mayLack: mayLack) {
                return "way \(way): \(problem)"
            }
        }
        return nil
    }
}
