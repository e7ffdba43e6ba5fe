internal import CronCore

/// Records that are not on the disk yet, in order: the ones at the head are written, and kept in case their sync fails.
/// Bounded: what is too much loses bodies first, then whole records, oldest first, which leave a note behind. Pure.
struct PendingQueue {
    private struct Slot {
        var sequence: SequenceNumber
        /// Estimated bytes of memory.
        var bytes: Int
        var content: PendingRecord
        /// Dropped for want of memory: `content` is a note that says so.
        var isLost = false
    }

    private var slots: [Slot] = []
    /// Slots before it are gone.
    private var head = 0
    /// Slots before it have been written.
    private var next = 0
    /// Bodies before it are gone; records before it, states apart, are lost.
    private var strippedThrough = 0
    private var lostThrough = 0
    private var lostCount = 0
    private var lostAfterGathering = 0
    /// Estimated bytes of memory, and how many of them are not even written.
    private(set) var bytes = 0
    private(set) var unwrittenBytes = 0

    /// A slot that has nothing left to lose but its place.
    private static let slotBytes = 256
    private static let mostLost = 4_096

    var isEmpty: Bool { head == slots.count }
    var hasUnwritten: Bool { next < slots.count }

    mutating func append(_ record: Record, sequence: SequenceNumber, needsSync: Bool) {
        let size = Self.size(of: record)
        bytes += size
        unwrittenBytes += size
        slots.append(
            Slot(sequence: sequence, bytes: size, content: PendingRecord(record, needsSync: needsSync)))
    }

    mutating func append(contentsOf other: PendingQueue) {
        guard !other.isEmpty else { return }
        bytes += other.bytes
        unwrittenBytes += other.bytes
        lostCount += other.lostCount
        slots.append(contentsOf: other.slots[other.head...])
    }

    /// The next record to be written; nil: all are.
    mutating func takeUnwritten() -> PendingRecord? {
        guard next < slots.count else { return nil }
        defer { next += 1 }
        unwrittenBytes -= slots[next].bytes
        return slots[next].content
    }

    /// Everything after `sequence` must be written again.
    mutating func rewind(after sequence: SequenceNumber) {
        while next > head, slots[next - 1].sequence > sequence {
            next -= 1
            unwrittenBytes += slots[next].bytes
        }
    }

    /// Forgets what is on the disk.
    mutating func drop(through sequence: SequenceNumber) {
        while head < next, slots[head].sequence <= sequence {
            bytes -= slots[head].bytes
            if slots[head].isLost { lostCount -= 1 }
            head += 1
        }
        if head == slots.count {
            slots.removeAll(keepingCapacity: slots.count <= 4_096)
            (head, next, strippedThrough, lostThrough, bytes, unwrittenBytes) = (0, 0, 0, 0, 0, 0)
        } else if head > 1_024, head > slots.count / 2 {
            slots.removeFirst(head)
            next -= head
            strippedThrough = max(0, strippedThrough - head)
            lostThrough = max(0, lostThrough - head)
            head = 0
        }
    }

    /// Makes room until at most `limit` bytes are held.
    mutating func shed(to limit: Int) {
        guard bytes > limit else { return }
        strippedThrough = max(strippedThrough, head)
        while bytes > limit, strippedThrough < slots.count {
            strip(strippedThrough)
            strippedThrough += 1
        }
        lostThrough = max(lostThrough, head)
        while bytes > limit, lostThrough < slots.count {
            lose(lostThrough, keepingStates: true)
            lostThrough += 1
        }
        if lostCount > 2 * lostAfterGathering + Self.mostLost { gatherLost() }
        guard bytes > limit else { return }
        for place in head..<slots.count where bytes > limit { lose(place, keepingStates: false) }
        gatherLost()
    }

    /// Makes one note a job of what was lost, in the place of the job's newest lost record. What is written and what is
    /// not are kept apart: only the second is lost for certain.
    mutating func gatherLost() {
        guard lostCount > 0 else { return }
        let written = gathered(head..<next)
        let unwritten = gathered(next..<slots.count)
        // Whatever is lost was found by a walk from the front, so what these have not reached is as it was.
        let (unstripped, unlost) = (slots.count - strippedThrough, slots.count - lostThrough)
        slots = written + unwritten
        (head, next) = (0, written.count)
        strippedThrough = max(0, slots.count - unstripped)
        lostThrough = max(0, slots.count - unlost)
        lostCount = slots.reduce(0) { $0 + ($1.isLost ? 1 : 0) }
        lostAfterGathering = lostCount
        bytes = slots.reduce(0) { $0 + $1.bytes }
        unwrittenBytes = unwritten.reduce(0) { $0 + $1.bytes }
    }

    private func gathered(_ range: Range<Int>) -> [Slot] {
        var notes: [JobID: Note] = [:]
        var kept: [Slot] = []
        for slot in slots[range].reversed() {
            if slot.isLost, case .note(let note) = slot.content.record {
                let newer = notes.updateValue(notes[note.header.job]?.gathering(note) ?? note, forKey: note.header.job)
                if newer != nil { continue }
            }
            kept.append(slot)
        }
        return kept.reversed().map { slot in
            var slot = slot
            if slot.isLost, let whole = notes[slot.content.record.header.job] {
                slot.content = PendingRecord(.note(whole), needsSync: true, lost: whole.count)
            }
            return slot
        }
    }

    private mutating func strip(_ place: Int) {
        guard case .execution(var execution) = slots[place].content.record,
            let body = execution.response.body, !body.isEmpty
        else { return }
        execution.response.body = []
        execution.response.bodyTruncated = true
        let needsSync = slots[place].content.needsSync
        slots[place].content = PendingRecord(.execution(execution), needsSync: needsSync)
        shrink(place, to: slots[place].bytes - body.count)
    }

    private mutating func lose(_ place: Int, keepingStates: Bool) {
        guard !slots[place].isLost else { return }
        let record = slots[place].content.record
        if case .state = record, keepingStates { return }
        slots[place].content = PendingRecord(.note(Note(lost: record)), needsSync: true, lost: 1)
        slots[place].isLost = true
        lostCount += 1
        shrink(place, to: Self.slotBytes)
    }

    private mutating func shrink(_ place: Int, to size: Int) {
        let saved = slots[place].bytes - size
        slots[place].bytes = size
        bytes -= saved
        if place >= next { unwrittenBytes -= saved }
    }

    /// About what a record takes in memory.
    static func size(of record: Record) -> Int {
        let fixed = slotBytes + record.header.job.text.utf8.count
        guard case .execution(let execution) = record else { return fixed * 2 }
        let failure = execution.response.failure
        return fixed * 3 + (execution.response.body?.count ?? 0) + (failure?.error.utf8.count ?? 0)
            + (failure?.detail.utf8.count ?? 0)
    }
}

/// A record on its way to the disk. An object, because it moves from hand to hand.
final class PendingRecord: Sendable {
    let record: Record
    let needsSync: Bool
    /// How many lost records this note stands for.
    let lost: UInt64

    init(_ record: Record, needsSync: Bool, lost: UInt64 = 0) {
        self.lost = lost
        self.record = record
        self.needsSync = needsSync
    }
}

extension Note {
    /// What stands for a record that was lost.
    fileprivate init(lost record: Record) {
        let (first, last): (Timestamp, Timestamp)
        switch record {
        case .start(let start): (first, last) = (start.run.scheduledAt, start.run.scheduledAt)
        case .execution(let execution): (first, last) = (execution.run.scheduledAt, execution.run.scheduledAt)
        case .note(let note): (first, last) = (note.first, note.last)
        case .state(let state): (first, last) = (state.header.recordedAt, state.header.recordedAt)
        }
        self.init(
            header: record.header, reason: .lost, count: 1, first: first, last: last,
            detail: "records that the disk refused for too long")
    }

    /// The same, standing for `older` too.
    fileprivate func gathering(_ older: Note) -> Note {
        var note = self
        note.count &+= older.count
        note.first = min(first, older.first)
        note.last = max(last, older.last)
        return note
    }
}
