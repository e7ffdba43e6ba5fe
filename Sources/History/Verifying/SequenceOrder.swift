internal import CronCore

/// Watches over `seq` through a whole history: what is there twice, and what is missing between raw segments. In a cover
/// much is missing by intent, and behind damage nothing is known.
final class SequenceOrder {
    private let log: DamageLog
    private var segment: SegmentFile?
    private var lastID: UInt64 = 0
    /// The greatest one of the segments before.
    private var floor: SequenceNumber = 0
    private var newest: SequenceNumber = 0
    /// What the next record of a raw segment should have; nil: not known.
    private var expected: SequenceNumber?
    private var seen = SequenceSet()
    private var repeated: (count: UInt64, range: Range<UInt64>, first: SequenceNumber, last: SequenceNumber)?

    /// In the order of the records: what is missing, and notes that say how many records were lost.
    private enum Event {
        case gap(file: String, range: Range<UInt64>, from: SequenceNumber, through: SequenceNumber)
        case lost(UInt64)
    }

    private var events: [Event] = []
    private static let mostEvents = 100_000

    init(_ log: DamageLog) {
        self.log = log
    }

    func begin(_ segment: SegmentFile) {
        self.segment = segment
        newest = 0
        // A segment that is missing is told by the chain.
        if segment.header.isCover || segment.header.lo != lastID &+ 1 { expected = nil }
        lastID = segment.header.hi
        seen = SequenceSet()
    }

    /// `jobsLast`: the one of the same job's record before it in this segment.
    func take(_ view: RecordView, jobsLast: SequenceNumber) {
        guard let segment else { return }
        let sequence = view.sequence
        let isAgain =
            segment.header.isGrouped ? sequence <= jobsLast || !seen.insert(sequence) : sequence <= newest
        if isAgain || sequence <= floor { note(view) }
        if let expected, sequence > expected, events.count < Self.mostEvents {
            let range = view.offset..<view.offset + UInt64(view.length)
            events.append(.gap(file: segment.path, range: range, from: expected, through: sequence - 1))
        }
        newest = max(newest, sequence)
        expected = segment.header.isCover ? nil : newest &+ 1
    }

    private func note(_ view: RecordView) {
        let range = view.offset..<view.offset + UInt64(view.length)
        guard var known = repeated else {
            repeated = (1, range, view.sequence, view.sequence)
            return
        }
        known.count += 1
        known.range = known.range.lowerBound..<range.upperBound
        known.first = min(known.first, view.sequence)
        known.last = max(known.last, view.sequence)
        repeated = known
    }

    /// A note stands for `count` records that the disk refused for too long.
    func allow(_ count: UInt64) {
        if count > 1, events.count < Self.mostEvents { events.append(.lost(count - 1)) }
    }

    /// Something could not be read.
    func interrupt() {
        expected = nil
    }

    func end() {
        if let segment, let known = repeated {
            log.add(
                Damage(
                    .repeated, file: segment.path, range: known.range,
                    words: "repeated: \(known.count) records have a seq that one before them has, or has passed "
                        + "(\(known.first) to \(known.last))"))
        }
        repeated = nil
        floor = max(floor, newest)
        segment = nil
    }

    /// A gap is no loss where notes behind it account for it.
    func finish() {
        var accounted: UInt64 = 0
        var missing: [Damage] = []
        for event in events.reversed() {
            switch event {
            case .lost(let count): accounted = accounted.addingReportingOverflow(count).partialValue
            case .gap(let file, let range, let from, let through):
                let count = through - from + 1
                if count <= accounted {
                    accounted -= count
                } else {
                    let words = "missing: seq \(from) to \(through), before this record"
                    missing.append(Damage(.missing, file: file, range: range, words: words))
                }
            }
        }
        for damage in missing.reversed() { log.add(damage) }
    }
}

/// Numbers that were seen: a bit each, in pages that are made as they are needed; bounded.
struct SequenceSet {
    private var pages: [UInt64: [UInt64]] = [:]
    private var page: [UInt64] = []
    private var pageNumber: UInt64?
    private static let bitsInPage: UInt64 = 1 << 15
    /// 64 MiB.
    private static let mostPages = 16_384

    /// false: it was there.
    mutating func insert(_ number: UInt64) -> Bool {
        let wanted = number / Self.bitsInPage
        if wanted != pageNumber, !turn(to: wanted) { return true }
        let bit = number % Self.bitsInPage
        let mask: UInt64 = 1 << (bit & 63)
        let isNew = page[Int(bit >> 6)] & mask == 0
        page[Int(bit >> 6)] |= mask
        return isNew
    }

    /// false: there is no room for another one.
    private mutating func turn(to wanted: UInt64) -> Bool {
        if let pageNumber {
            pages[pageNumber] = page
            self.pageNumber = nil
        }
        if let known = pages.removeValue(forKey: wanted) {
            page = known
        } else {
            guard pages.count < Self.mostPages else { return false }
            page = [UInt64](repeating: 0, count: Int(Self.bitsInPage / 64))
        }
        pageNumber = wanted
        return true
    }
}
