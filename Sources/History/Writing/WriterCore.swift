internal import CronCore
internal import Synchronization
internal import Threads

/// What the writer thread does: turns records into batches, one write each, and never waits for a sync. Decides nothing
/// by time but the next try while the disk refuses, which its caller clocks.
final class WriterCore {
    private let storage: any Storage
    private let settings: HistorySettings
    private let history: HistoryID
    let inbox: WriterInbox
    private let status: WriterStatus
    private let syncs: Mailbox<Syncer.Step>
    private let spares: SpareMaker

    private var queue = PendingQueue()
    /// Sealed but not yet known to be so, oldest first; the last one is being written, unless it is sealed too.
    private var segments: [ActiveSegment] = []
    private var active: ActiveSegment?
    /// Where the chain stands before the next segment.
    private var chainEnd: SegmentEnd
    private var nextSequence: SequenceNumber
    /// Files of segments that were given up and could not be removed. The header of each says where the segment before
    /// it ends, and that one's id may be given again: nothing is begun before they are gone.
    private var leftovers: [SegmentName] = []
    /// In a row, since the disk last took something.
    private var failures = 0
    private var isClosing = false

    init(
        storage: any Storage, settings: HistorySettings, history: HistoryID, chainEnd: SegmentEnd,
        nextSequence: SequenceNumber, inbox: WriterInbox, status: WriterStatus, syncs: Mailbox<Syncer.Step>,
        spares: SpareMaker
    ) {
        self.storage = storage
        self.settings = settings
        self.history = history
        self.chainEnd = chainEnd
        self.nextSequence = nextSequence
        self.inbox = inbox
        self.status = status
        self.syncs = syncs
        self.spares = spares
    }

    /// Whether `retry` wants to be called in a second.
    var waitsToRetry: Bool { failures > 1 && active == nil }

    /// Takes in what was posted, and writes. false: closed, and all is done that can be.
    func handle(_ records: PendingQueue, _ messages: [WriterInbox.Message]) -> Bool {
        queue.append(contentsOf: records)
        noteProgress()
        var seals = false
        for message in messages {
            switch message {
            case .sealed(let live):
                segments.removeAll { $0.live === live }
                status.sealed(through: live.id)
            case .failed(let live, let error): syncFailed(live, error)
            case .seal: seals = true
            case .close:
                isClosing = true
                // However often it has refused: it may have room by now.
                failures = min(failures, 2)
            }
        }
        // A closing history tries a disk that refuses once more, and then gives up.
        if isClosing, failures > 2 { return false }
        if !waitsToRetry || isClosing { write() }
        if seals || isClosing { sealActive() }
        tellHeld()
        return !(isClosing && segments.isEmpty)
    }

    /// Tries the disk again; with nothing to write, by beginning a segment.
    func retry() {
        write()
        if !queue.hasUnwritten, active == nil, let segment = begin() { announce(segment) }
        tellHeld()
    }

    /// Written or not, what is held is bounded: of what is written only the copy is dropped, for the case that the
    /// segment must be abandoned.
    private func tellHeld() {
        queue.shed(to: settings.unsyncedLimit)
        inbox.heldBytes.store(queue.bytes, ordering: .relaxed)
        inbox.unwrittenBytes.store(queue.unwrittenBytes, ordering: .relaxed)
    }

    private func noteProgress() {
        queue.drop(through: status.syncedThrough)
        guard status.diskState == .ok else { return }
        // After a second failure the disk refuses until a sync has succeeded, be it of a segment that is sealed by now.
        if failures > 1 || active?.live.marks.isNamed == true { failures = 0 }
    }

    private func write() {
        queue.gatherLost()
        while queue.hasUnwritten {
            guard let segment = active ?? begin(), writeBatch(to: segment) else {
                if failures > 1 { return }
                continue
            }
            if segment.builder.offset >= settings.segmentSize { sealActive() }
        }
    }

    /// One batch, one write. false: it failed, and the segment is abandoned.
    private func writeBatch(to segment: ActiveSegment) -> Bool {
        let builder = segment.builder
        let offset = builder.offset
        let durable = segment.live.marks.durable.batch
        var needsSync = false
        var last: SequenceNumber = 0
        var lost: UInt64 = 0
        builder.beginBatch()
        while !builder.isFull, let pending = queue.takeUnwritten() {
            last = builder.add(pending.record)
            needsSync = needsSync || pending.needsSync
            lost &+= pending.lost
        }
        let bytes = builder.endBatch(
            durable: durable, at: settings.now(), predecessorIsSynced: isFirst(segment))
        do throws(SystemError) {
            try segment.live.file.writeAll(bytes, at: offset, path: path(segment.live))
        } catch {
            failed(segment, error)
            return false
        }
        segment.noteBatch(durable: durable)
        if lost > 0 { tell(lost: lost) }
        segment.live.wrote(builder.lastBatch, through: last)
        nextSequence = max(nextSequence, last &+ 1)
        status.wrote(through: last)
        if !segment.isAnnounced {
            announce(segment)
        } else if needsSync {
            syncs.post(.sync(segment.live))
        }
        return true
    }

    private func announce(_ segment: ActiveSegment) {
        segment.isAnnounced = true
        syncs.post(.activate(segment.live))
    }

    /// Whether everything before `segment` is on the disk.
    private func isFirst(_ segment: ActiveSegment) -> Bool {
        segments.first === segment
    }

    /// Begins a segment: in the spare, or in a new file. nil: the disk refuses.
    private func begin() -> ActiveSegment? {
        let id = chainEnd.id + 1
        let header = SegmentHeader(
            lo: id, hi: id, salt: settings.random(), history: history, createdAt: settings.now(), flags: 0,
            firstSequence: nextSequence, predecessor: chainEnd, ownEnd: .none)
        var name = SegmentName.spare
        do throws(SystemError) {
            try removeLeftovers()
            var file = spares.take()
            if file == nil {
                name = .new(id)
                do throws(SystemError) { try storage.remove(name.text) } catch  where error.isMissing {}
                file = try storage.create(name.text)
            }
            guard let file else { return nil }
            let segment = ActiveSegment(header, file: file, temporaryName: name)
            segments.append(segment)
            active = segment
            do throws(SystemError) {
                try file.writeAll(segment.builder.headerBytes(), at: 0, path: path(segment.live))
            } catch {
                failed(segment, error)
                return active
            }
            return segment
        } catch {
            refuse(error)
            return nil
        }
    }

    /// Ends the active segment, if there is one. Its footer is the syncer's to write: it proves that everything before
    /// it is on the disk, so that must be so.
    private func sealActive() {
        guard let segment = active else { return }
        let builder = segment.builder
        let bytes = builder.footer(
            durable: segment.live.marks.durable.batch, at: settings.now(), predecessorIsSynced: isFirst(segment))
        segment.footer = Array(bytes)
        if !segment.isAnnounced { announce(segment) }
        chainEnd = builder.segmentEnd
        active = nil
        tellToSeal(segment)
    }

    private func tellToSeal(_ segment: ActiveSegment) {
        let begin = segment.builder.offset - UInt64(segment.footer.count)
        syncs.post(.seal(segment.live, footer: segment.footer, at: begin))
    }

    private func syncFailed(_ live: LiveSegment, _ error: SystemError) {
        if let segment = segments.first(where: { $0.live === live }) { failed(segment, error) }
        syncs.post(.resume)
        // What the syncer was told since its failure it has passed over. Where a write had failed at the same time, and
        // `live` was abandoned for that, another segment has begun meanwhile, which wants its name and its syncs.
        for segment in segments where segment.isAnnounced { tellAgain(segment) }
    }

    private func tellAgain(_ segment: ActiveSegment) {
        if !segment.live.marks.isNamed { syncs.post(.activate(segment.live)) }
        if segment === active { syncs.post(.sync(segment.live)) } else { tellToSeal(segment) }
    }

    /// Abandons `segment` and all that builds on it. What they held and was not acknowledged is written again.
    private func failed(_ segment: ActiveSegment, _ error: SystemError) {
        guard let place = segments.firstIndex(where: { $0 === segment }) else { return }
        for lost in segments[place...].reversed() {
            let marks = lost.live.abandon()
            // One whose name the disk may not have is taken back: a power cut could lose the name later, and with it
            // what only its header says, where the segment before it ends.
            if !marks.isActivated, discard(lost.live, isNamed: marks.isNamed) {
                chainEnd = lost.builder.header.predecessor
            } else {
                chainEnd = lost.end(durable: marks.durable.batch)
            }
        }
        segments.removeSubrange(place...)
        active = nil
        queue.drop(through: status.syncedThrough)
        // What the segments before these hold is not lost: their turn with the syncer comes.
        queue.rewind(after: max(status.syncedThrough, segments.last?.live.marks.written.sequence ?? 0))
        refuse(error)
    }

    /// Removes a segment of which nothing counts. false: its name cannot be had again.
    private func discard(_ live: LiveSegment, isNamed: Bool) -> Bool {
        let name = isNamed ? SegmentName.raw(live.id) : live.temporaryName
        do throws(SystemError) {
            try storage.remove(name.text)
        } catch  where !error.isMissing {
            guard isNamed else {
                leftovers.append(name)
                return true
            }
            if live.temporaryName == .spare { spares.release() }
            return false
        } catch {}
        if live.temporaryName == .spare { spares.release() }
        return true
    }

    private func removeLeftovers() throws(SystemError) {
        while let name = leftovers.last {
            do throws(SystemError) { try storage.remove(name.text) } catch  where error.isMissing {}
            leftovers.removeLast()
            if name == .spare { spares.release() }
        }
    }

    /// Counts a failure. The first one is followed by another try at once; the second means that the disk refuses.
    private func refuse(_ error: SystemError) {
        failures += 1
        if failures > 1 {
            status.set(.refusing(error))
        } else {
            let words = "\(error.reason); what was not on the disk yet is written again, into a new segment"
            status.tell(Damage(file: error.path, range: 0..<0, words: words))
        }
    }

    private func tell(lost count: UInt64) {
        let words = "\(count) records did not fit UnsyncedLimit= while the disk took none; each job has a note of them"
        status.tell(Damage(file: storage.path, range: 0..<0, words: words))
    }

    private func path(_ live: LiveSegment) -> String {
        let name = live.marks.isNamed ? SegmentName.raw(live.id) : live.temporaryName
        return "\(storage.path)/\(name.text)"
    }
}
