import CronCore
import Glibc
import History

/// A history of a few segments, one of which is to be damaged.
struct Fixture: Sendable {
    /// What the segment that is damaged is, and where it stands.
    enum Form: String, CaseIterable, Sendable {
        /// Sealed, with segments before and behind it.
        case sealed
        /// The newest, not sealed: zeros behind its batches.
        case active
        /// Abandoned after a failed sync; the next one has the last word on where it ends.
        case abandoned
        /// The sealed copy that recovery made of an active one.
        case recovered
        /// What compaction joined, grouped by job.
        case grouped
    }

    let form: Form
    var contents: [String: [UInt8]]
    let name: String
    let truth: [Record]
    let map: SegmentMap
    /// Records that other segments hold: what an abandoned one has behind its end is written again in the next.
    let elsewhere: Set<SequenceNumber>
    /// What the segment was before each of its writes, oldest first.
    let versions: [[UInt8]]
    /// The other segments of the directory, and what the segment was copied from.
    let others: [[UInt8]]
    /// What the next segment says does not count.
    let void: Range<Int>
    var bytes: [UInt8] { contents[name] ?? [] }
    var path: String { "/disk/\(name)" }

    init(_ form: Form, seed: UInt64, segmentSize: UInt64 = 16 << 10) throws {
        // A second time with the last body longer, so that a sealed segment is exactly as long as it is asked to be.
        var made = try Making(form, seed: seed, segmentSize: segmentSize, padding: 0)
        let length = made.contents[made.name]?.count ?? 0
        if form == .sealed || form == .recovered || form == .grouped, length < Int(segmentSize) {
            made = try Making(form, seed: seed, segmentSize: segmentSize, padding: Int(segmentSize) - length)
        }
        self.form = form
        contents = made.contents
        name = made.name
        truth = made.truth
        map = SegmentMap(made.contents[made.name] ?? [])
        let besides = made.contents.filter { $0.key != made.name }.sorted { $0.key < $1.key }.map(\.value)
        elsewhere = besides.reduce(into: []) { $0.formUnion(SegmentMap($1).sequences) }
        let isCopy = form == .recovered || form == .grouped
        versions = isCopy ? [] : made.versions.dropLast()
        others = besides + (isCopy ? made.versions.suffix(1) : [])
        let all = made.contents[made.name]?.count ?? 0
        let next = made.contents[SegmentName.raw(4).text]
        void = form == .abandoned ? Int(next?.integer(at: 88) as UInt64? ?? 0)..<all : all..<all
    }

    /// The records that are lost where `range` is.
    func records(in range: Range<Int>) -> Set<SequenceNumber> {
        map.sequences(in: range).subtracting(elsewhere)
    }

    func disk() -> MemoryDisk { MemoryDisk(contents) }

    /// Another with `bytes` in the segment's place.
    func disk(_ bytes: [UInt8]) -> MemoryDisk {
        var contents = contents
        contents[name] = bytes
        return MemoryDisk(contents)
    }
}

/// The writing of a fixture.
private struct Making {
    var contents: [String: [UInt8]] = [:]
    var name = SegmentName.raw(3).text
    var truth: [Record] = []
    var versions: [[UInt8]] = []
    private var maker: RecordMaker

    init(_ form: Fixture.Form, seed: UInt64, segmentSize: UInt64, padding: Int) throws {
        maker = RecordMaker(seed: seed)
        let disk = MemoryDisk()
        var settings = HistorySettings.fixed(seed: seed, segmentSize: segmentSize)
        let writer = try StepwiseWriter(disk, settings: settings)
        write(writer, records: 2)
        writer.seal()
        writer.settle()
        // Room for the footer, and for what the last body is padded with.
        var length = 8_192
        let target = form == .abandoned ? Int(segmentSize) - 4_096 : Int(segmentSize) - 1_800
        while length < target {
            write(writer, records: maker.number(1...4))
            versions.append(disk.file(name)?.bytes ?? [])
            length = SegmentMap(versions.last ?? []).end
        }
        write(writer, run: maker.execution(maker.jobs[0], maker.run(), body: maker.bytes(40 + padding)))
        versions.append(disk.file(name)?.bytes ?? [])
        switch form {
        case .active: break
        case .sealed:
            writer.seal()
            writer.settle()
            versions.append(disk.file(name)?.bytes ?? [])
            write(writer, records: 2)
        case .abandoned:
            disk.fail { _, operation in if case .sync = operation { .error(EIO) } else { nil } }
            post(writer, (0..<5).map { _ in maker.any() })
            writer.write()
            writer.sync()
            disk.fail { _, _ in nil }
            versions.append(disk.file(name)?.bytes ?? [])
            writer.settle()
        case .recovered:
            let left = MemoryDisk(disk.contents)
            settings = HistorySettings.fixed(seed: seed + 1, segmentSize: segmentSize)
            let next = try StepwiseWriter(left, settings: settings)
            write(next, records: 2)
            name = SegmentName.cover(3, 3).text
            contents = left.contents
        case .grouped:
            writer.seal()
            writer.settle()
            versions.append(disk.file(name)?.bytes ?? [])
            try compact(disk, writer)
            write(writer, records: 2)
        }
        if form != .recovered { contents = disk.contents }
        contents["spare"] = nil
    }

    /// Everything so far into one file; what it does not keep is as if it had not been.
    private mutating func compact(_ disk: MemoryDisk, _ writer: StepwiseWriter) throws(HistoryError) {
        let rules = RetentionRules(jobs: [:], keepRemoved: .seconds(1 << 30))
        let order = CompactionOrder(rules: rules, through: writer.sealedThrough)
        _ = try Compaction.run(disk, settings: .fixed(seed: 5), order: order) { _ in true }
        truth = try disk.records()
        name = SegmentName.cover(1, 3).text
    }

    private mutating func write(_ writer: StepwiseWriter, records: Int) {
        post(writer, (0..<records).map { _ in maker.any() })
        writer.settle()
    }

    private mutating func write(_ writer: StepwiseWriter, run record: Record) {
        post(writer, [record])
        writer.settle()
    }

    private mutating func post(_ writer: StepwiseWriter, _ records: [Record]) {
        writer.append(records, needsSync: true)
        truth += records
    }
}
