import CronCore

@testable import History

/// An input as a history: two bytes of what is around the segment and what is done with it, the segment's header, and
/// its batches. The zeros between are left out, or most mutations would hit those.
struct HostileSegment {
    let disk: MemoryDisk
    let retention: Retention
    let maxUse: UInt64?
    /// Nothing is on its way to a name.
    let isSettled: Bool

    private struct Around: OptionSet {
        let rawValue: UInt8

        static let mended = Around(rawValue: 1)
        static let new = Around(rawValue: 1 << 1)
        static let spare = Around(rawValue: 1 << 2)
        static let before = Around(rawValue: 1 << 3)
        static let behind = Around(rawValue: 1 << 4)
        static let activeBehind = Around(rawValue: 1 << 5)
        static let secondCopy = Around(rawValue: 1 << 6)
        static let cover = Around(rawValue: 1 << 7)
    }

    static let prefixLength = 2 + SegmentFormat.headerLength

    /// nil: it is too short.
    init?(_ input: UnsafeBufferPointer<UInt8>, in world: SegmentWorld) {
        guard input.count >= Self.prefixLength else { return nil }
        let around = Around(rawValue: input[0])
        let header = Array(input[2..<Self.prefixLength])
        var bytes = header
        bytes.resize(to: Int(SegmentFormat.firstBatchOffset))
        bytes.overwrite(header, at: Int(SegmentFormat.secondHeaderOffset))
        bytes += input[Self.prefixLength...]
        var behind = around.contains(.activeBehind) ? world.activeBehind : world.behind
        if around.contains(.mended) {
            let mender = SegmentMender(bytes)
            bytes = mender.bytes
            if input[1] & 32 != 0 { behind = Self.naming(mender.end, behind) }
        }
        var contents = around.contains(.before) ? world.before : [:]
        if !around.isDisjoint(with: [.behind, .activeBehind]) { contents[SegmentName.raw(4).text] = behind }
        if around.contains(.cover) { contents[SegmentName.cover(3, 3).text] = world.cover }
        contents[Self.name(bytes, around).text] = bytes
        if around.contains(.secondCopy) { contents[SegmentName.new(4).text] = bytes }
        disk = MemoryDisk(contents)
        isSettled = around.isDisjoint(with: [.new, .spare, .secondCopy])
        retention = Retention(
            keep: 1 + Int(input[1] & 3), keepFor: input[1] & 4 == 0 ? .zero : .days(3_000),
            keepFailures: input[1] & 8 == 0 ? 0 : 2)
        maxUse = input[1] & 16 == 0 ? nil : 10_000
    }

    /// The name that the header is good for, if there is one.
    private static func name(_ bytes: [UInt8], _ around: Around) -> SegmentName {
        if around.contains(.spare) { return .spare }
        let (lo, hi): (UInt64, UInt64) = (bytes.integer(at: 16), bytes.integer(at: 24))
        let isCover = bytes.integer(at: 64, as: UInt64.self) & SegmentFormat.coverFlag != 0
        guard lo > 0, lo <= hi, hi < .max else { return .raw(3) }
        return around.contains(.new) ? .new(lo) : isCover ? .cover(lo, hi) : .raw(lo)
    }

    /// `segment` as one that was written behind `end`.
    private static func naming(_ end: SegmentEnd, _ segment: [UInt8]) -> [UInt8] {
        var segment = segment
        segment.set(end.id, at: 80)
        segment.set(end.length, at: 88)
        segment.set(end.lastBatch, at: 96)
        segment.set(end.crc, at: 104)
        segment.closeHeader()
        return segment
    }
}

/// Segments as the code writes them: the one that is to be damaged in each of its forms, and what may lie beside it.
struct SegmentWorld {
    let before: [String: [UInt8]]
    let behind: [UInt8]
    let activeBehind: [UInt8]
    /// The third segment: sealed, not sealed, as recovery copies it, and joined with those before it by a compaction.
    let forms: [[UInt8]]

    var cover: [UInt8] { forms[2] }

    static let made = try? SegmentWorld()

    private init() throws {
        let disk = MemoryDisk()
        var maker = RecordMaker(seed: 1)
        let writer = try StepwiseWriter(disk, settings: .fixed(seed: 1))
        func write(_ records: [Record], sealing: Bool) -> [String: [UInt8]] {
            for record in records {
                writer.append([record], needsSync: true)
                writer.settle(makingSpares: false)
            }
            if sealing { writer.seal() }
            writer.settle(makingSpares: false)
            return disk.contents
        }
        before = write(maker.wholeRun() + maker.wholeRun(), sealing: true)
        let name = SegmentName.raw(3).text
        let (first, last) = (maker.wholeRun(), maker.wholeRun())
        let active = write(first + (0..<6).map { _ in maker.any() } + last, sealing: false)
        let sealed = write([], sealing: true)
        activeBehind = write(maker.wholeRun(), sealing: false)[SegmentName.raw(4).text] ?? []
        behind = write([], sealing: true)[SegmentName.raw(4).text] ?? []
        let recovered = MemoryDisk(active)
        _ = try HistoryStore.prepare(recovered, settings: .fixed(seed: 2))
        let compacted = MemoryDisk(sealed)
        let rules = RetentionRules(jobs: [:], keepRemoved: .seconds(1 << 30))
        _ = try Compaction.run(compacted, settings: .fixed(seed: 3), order: CompactionOrder(rules: rules)) { _ in true }
        forms = [
            sealed[name] ?? [], active[name] ?? [], recovered.contents[SegmentName.cover(3, 3).text] ?? [],
            compacted.contents[SegmentName.cover(1, 3).text] ?? [],
        ]
    }

    /// What a fuzzer begins with.
    var seeds: [[UInt8]] {
        forms.flatMap { form in
            ([[0x09, 0x20], [0x19, 0x31], [0x28, 0x06], [0x0b, 0x0a], [0x01, 0x13]] as [[UInt8]]).map {
                $0 + form[..<SegmentFormat.headerLength] + form[Int(SegmentFormat.firstBatchOffset)...]
            }
        }
    }
}
