internal import CronCore

/// The records of a cover, which lie grouped by job, in the order of their `seq` or against it: a merge of the groups.
/// Its memory grows with the jobs, not with their records.
final class GroupedWalk {
    /// The next record of one job.
    private struct Head: Comparable {
        /// The least is the next one: its `seq`, or that counted from above.
        var rank: UInt64
        var offset: UInt64
        let job: JobID
        let slot: Int
        /// The first and the last record of the group.
        let oldest: UInt64
        let newest: UInt64

        static func < (left: Head, right: Head) -> Bool { left.rank < right.rank }
        static func == (left: Head, right: Head) -> Bool { left.rank == right.rank && left.offset == right.offset }
    }

    private let segment: SegmentFile
    private let isNewestFirst: Bool
    private let filter: RecordFilter
    private let slab: WindowSlab
    private var heads = BinaryHeap<Head>()

    init(_ segment: SegmentFile, newestFirst: Bool, filter: RecordFilter) {
        self.segment = segment
        self.filter = filter
        isNewestFirst = newestFirst
        let entries = segment.entries(of: filter.jobs).filter { $0.newestSequence > filter.after && $0.newest != 0 }
        slab = WindowSlab(
            segment.file, slots: entries.count, goesBackward: newestFirst, readable: segment.place?.trailer)
        heads.reserve(entries.count)
        for (slot, entry) in entries.enumerated() {
            var head = Head(
                rank: ~entry.newestSequence, offset: newestFirst ? entry.newest : entry.oldest, job: entry.job,
                slot: slot, oldest: entry.oldest, newest: entry.newest)
            if newestFirst {
                // The footer gives the rank; the record is read when it is its turn.
                heads.insert(head)
                continue
            }
            if filter.after > 0 { head.offset = firstWanted(of: head) }
            if let head = settled(head) { heads.insert(head) }
        }
    }

    func next() -> Record? {
        while let head = heads.first {
            guard let view = view(head) else {
                pass(head)
                continue
            }
            let record = filter.takes(view) ? view.record(job: head.job) : nil
            advance(head, past: view)
            if let record { return record }
        }
        return nil
    }

    private func advance(_ head: Head, past view: RecordView) {
        var next = head
        if isNewestFirst {
            if view.previous == 0 || head.offset == head.oldest || view.sequence <= filter.after {
                heads.removeFirst()
                return
            }
            // A chain that does not go back is broken.
            next.offset = view.previous < head.offset ? view.previous : 0
        } else {
            if head.offset == head.newest {
                heads.removeFirst()
                return
            }
            next.offset = behind(head.offset + UInt64(view.length), head.slot)
        }
        replaceFirst(with: settled(next, after: head.offset))
    }

    /// Goes on behind a record that could be read a moment ago, and cannot be any more.
    private func pass(_ head: Head) {
        var next = head
        next.offset = 0
        replaceFirst(with: settled(next, after: head.offset))
    }

    private func replaceFirst(with head: Head?) {
        if let head { heads.replaceFirst(with: head) } else { heads.removeFirst() }
    }

    /// The head with its rank, moved to the next record of the job that can be read. nil: there is none. `last`: where
    /// the one before it lies; 0: it is the first.
    private func settled(_ head: Head, after last: UInt64 = 0) -> Head? {
        var head = head
        var last = last
        while true {
            if let view = view(head) {
                head.rank = isNewestFirst ? ~view.sequence : view.sequence
                return head
            }
            let broken = head.offset != 0 ? head.offset : last
            guard let offset = isNewestFirst ? resumed(head, before: broken) : resumed(head, behind: broken) else {
                return nil
            }
            (last, head.offset) = (broken, offset)
        }
    }

    /// The record at the head, if it is whole and the job's. What is wrong is told.
    private func view(_ head: Head) -> RecordView? {
        guard head.offset != 0 else { return nil }
        do throws(SegmentFault) {
            let view = try segment.view(at: head.offset) { [slab] (offset, length) throws(SystemError) in
                try slab.bytes(at: offset, length: length, slot: head.slot)
            }
            if view.isOf(head.job) { return view }
            throw .damaged(head.offset..<head.offset + UInt64(view.length))
        } catch {
            segment.report(error, "record")
            return nil
        }
    }

    /// Where the record lies that follows on one which ends at `offset`: there, or behind a batch's header.
    private func behind(_ offset: UInt64, _ slot: Int) -> UInt64 {
        let length = SegmentFormat.batchHeaderLength
        guard let bytes = try? slab.bytes(at: offset, length: length, slot: slot), bytes.count == length,
            BatchHeader.decode(bytes, at: offset, checksum: segment.checksum) != nil
        else { return offset }
        return offset + UInt64(length)
    }

    /// Behind damage: the job's next record that is whole.
    private func resumed(_ head: Head, behind offset: UInt64) -> UInt64? {
        guard offset < head.newest, offset < segment.limit else { return nil }
        let end = min(head.newest &+ UInt64(SegmentFormat.longestRecord), segment.limit)
        var records = scanner(offset + 8..<max(end, offset + 8))
        return found { () throws(SystemError) in try records.next() }.flatMap { $0 <= head.newest ? $0 : nil }
    }

    /// Before damage: the job's last record that is whole.
    private func resumed(_ head: Head, before offset: UInt64) -> UInt64? {
        let offset = min(offset, segment.limit)
        var length = UInt64(2 << 20)
        while offset > head.oldest {
            let begin = max(head.oldest, offset - min(length, offset))
            var records = scanner(begin..<offset)
            var last: UInt64?
            while let place = found({ () throws(SystemError) in try records.next() }) { last = place }
            if last != nil || begin == head.oldest { return last }
            length = length.multipliedReportingOverflow(by: 2).overflow ? .max : length * 2
        }
        return nil
    }

    /// The end of the file could be read: a disk that reads nothing of `range` refuses if it does not read that either.
    private func scanner(_ range: Range<UInt64>) -> RecordScanner {
        RecordScanner(
            segment.file, checksum: segment.checksum, range: range, readable: segment.place?.trailer)
    }

    private func found(_ next: () throws(SystemError) -> RecordView?) -> UInt64? {
        do throws(SystemError) { return try next()?.offset } catch {
            segment.report(.system(error), "segment")
            return nil
        }
    }

    /// Where the job's first record after `filter.after` lies: found from the newest back, which are few.
    private func firstWanted(of head: Head) -> UInt64 {
        var head = head
        head.offset = head.newest
        var first = head.offset
        while let view = view(head), view.sequence > filter.after {
            first = head.offset
            if view.previous == 0 || view.previous >= head.offset { break }
            head.offset = view.previous
        }
        return first
    }
}

extension SegmentFile {
    /// What the footer, or a walk, says of `jobs`; nil: of all.
    func entries(of jobs: Set<JobID>?) -> [SegmentEntry] {
        guard let jobs else { return entries() }
        if jobs.count <= 1_000 { return jobs.compactMap { entry(of: $0) } }
        return entries().filter { jobs.contains($0.job) }
    }
}
