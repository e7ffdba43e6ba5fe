internal import CronCore

/// Carries one compaction out: tried again for damage that comes to light in the midst of it, at most once an input.
final class CompactionAttempt {
    private let plan: CompactionRun
    private let storage: any Storage
    private let settings: HistorySettings
    private let order: CompactionOrder
    private let meter: IOMeter
    private let now: Timestamp
    private let log = DamageLog()
    private var bytesBefore: UInt64 = 0

    init(
        _ plan: CompactionRun, _ storage: any Storage, _ settings: HistorySettings, _ order: CompactionOrder,
        _ meter: IOMeter
    ) {
        self.plan = plan
        self.storage = storage
        self.settings = settings
        self.order = order
        self.meter = meter
        now = settings.now()
    }

    /// Bytes that the cover takes at most.
    var needed: UInt64 { bytesBefore }

    func run() throws(CompactionFault) -> CompactionReport {
        bytesBefore = try sum(of: plan.inputs)
        while true {
            do throws(CompactionFault) {
                return try join()
            } catch {
                guard case .damaged(let number, let range) = error, !plan.inputs[number].isDamaged else { throw error }
                try salvage(from: number, range)
            }
        }
    }

    private func sum(of inputs: [CompactionInput]) throws(CompactionFault) -> UInt64 {
        var sum: UInt64 = 0
        for input in inputs {
            sum &+= try faultable { () throws(SystemError) in try input.segment.file.size() }
        }
        return sum
    }

    /// Damage was met in an input. The first time all of them are looked through, so that there is one more try, and not
    /// one for each.
    private func salvage(from number: Int, _ range: Range<UInt64>) throws(CompactionFault) {
        let isFirst = !plan.inputs.contains { $0.isDamaged }
        for (place, input) in plan.inputs.enumerated() where place == number || (isFirst && !input.isDamaged) {
            var found = try input.inspect()
            if place == number, found.isEmpty {
                found = [Damage(file: input.segment.path, range: range, words: "corrupt footer or record")]
            }
            guard !found.isEmpty else { continue }
            for damage in found { log.add(damage) }
            try input.salvage(in: storage, salt: settings.random(), log: log)
        }
    }

    private func join() throws(CompactionFault) -> CompactionReport {
        let range = try summary()
        let merge = try CompactionMerge(plan.inputs, order: order, now: now, meter: meter)
        let cutoff = try cutoff(merge, range)
        let cover = try faultable { () throws(SystemError) in
            try clearTemporaries()
            return try CoverWriter(header(through: range.last), in: storage, writtenAt: range.at, meter: meter)
        }
        var findings: [Damage] = []
        do throws(CompactionFault) {
            try cover.begin()
            try merge.run(CoverSink(cover, cutoff: cutoff))
            cover.builder.amend { $0.widen(from: range.first, through: range.last) }
            try cover.finish()
            guard try cover.verify() else { throw .history(.copyDiffers(file: cover.path)) }
            findings = try faultable { () throws(SystemError) in
                let kept = try setAside()
                // A damaged cover has the name, of segments that could not be removed and have replaced it.
                if plan.unread.contains(cover.target) { try storage.remove(cover.target.text) }
                try cover.commit()
                return kept
            }
        } catch {
            cover.discard()
            throw error
        }
        findings += dropInputs(of: cover.target)
        return CompactionReport(
            name: cover.target.text, segments: plan.inputs.count, recordsRead: merge.recordsRead,
            recordsKept: cover.recordCount, bytesBefore: bytesBefore, bytesAfter: cover.length,
            damage: log.found + plan.missing + findings)
    }

    /// The range of `seq` that the cover stands for, and when the newest batch in it was written: a start goes on from
    /// there, whatever is kept.
    private func summary() throws(CompactionFault) -> (first: SequenceNumber, last: SequenceNumber, at: Timestamp) {
        var (first, last): (SequenceNumber, SequenceNumber) = (0, 0)
        var at: Timestamp?
        for (number, input) in plan.inputs.enumerated() {
            let part = try input.summary(number)
            if first == 0 { first = part.first }
            let header = input.segment.header
            last = max(last, part.last, header.lastSequence, max(header.firstSequence, 1) - 1)
            if part.last > 0 || at == nil { at = part.at }
        }
        return (first, last, at ?? now)
    }

    private func header(through last: SequenceNumber) -> SegmentHeader {
        let first = plan.inputs[0].segment.header
        return SegmentHeader(
            lo: plan.lo, hi: plan.hi, salt: settings.random(), history: first.history, createdAt: now,
            flags: SegmentFormat.coverFlag | SegmentFormat.groupedFlag, firstSequence: first.firstSequence,
            predecessor: first.predecessor, ownEnd: plan.end, lastSequence: last)
    }

    /// From which `seq` on there is room for records that may go.
    private func cutoff(
        _ merge: CompactionMerge, _ range: (first: SequenceNumber, last: SequenceNumber, at: Timestamp)
    ) throws(CompactionFault) -> SequenceNumber {
        guard let maxUse = order.maxUse else { return 0 }
        let room = maxUse > plan.otherBytes ? maxUse - plan.otherBytes : 0
        guard bytesBefore > room else { return 0 }
        let sizes = SizeSink(from: range.first, through: range.last)
        try merge.run(sizes)
        return sizes.cutoff(for: room)
    }

    /// What an earlier compaction may have left.
    private func clearTemporaries() throws(SystemError) {
        for name in try storage.names() {
            if case .temporary? = SegmentName(name) { try storage.remove(name) }
        }
    }

    /// Gives the damaged files another name, so that they stay when their own is removed.
    private func setAside() throws(SystemError) -> [Damage] {
        let shelf = BadShelf(storage)
        var findings: [Damage] = []
        for name in plan.inputs.filter({ $0.isDamaged }).map(\.segment.name) + plan.unread {
            findings += try shelf.keep(name, as: name)
        }
        return findings
    }

    /// Removes what the cover stands for. What cannot be removed is superseded all the same, and told.
    private func dropInputs(of cover: SegmentName) -> [Damage] {
        var findings: [Damage] = []
        do throws(SystemError) {
            let names = try storage.names().compactMap { SegmentName($0) }.filter { $0.isSuperseded(by: cover) }
            for name in names.sorted(by: { $0.text < $1.text }) {
                do throws(SystemError) { try storage.remove(name.text) } catch { findings.append(leftOver(error)) }
            }
            try storage.sync()
        } catch {
            findings.append(leftOver(error))
        }
        return findings
    }

    private func leftOver(_ error: SystemError) -> Damage {
        let words = "\(error); the next start removes what \(storage.path) does not need any more"
        return Damage(file: error.path, range: 0..<0, words: words)
    }
}
