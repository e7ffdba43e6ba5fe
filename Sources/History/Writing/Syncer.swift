internal import CronCore
internal import Threads

/// Carries out what waits for the disk: the syncs, and the steps of a segment's life that need them. Its work comes in
/// order, so what a segment builds on is on the disk before it. After a failure it does nothing until the writer has
/// taken notice.
final class Syncer {
    enum Step: Sendable {
        /// The segment's first batch is written: give it its name.
        case activate(LiveSegment)
        /// Something written in it wants to be on the disk.
        case sync(LiveSegment)
        /// It is complete but for its footer, which belongs at this offset.
        case seal(LiveSegment, footer: [UInt8], at: UInt64)
        /// The writer knows of the last failure.
        case resume
        case stop
    }

    private let storage: any Storage
    private let status: WriterStatus
    private let inbox: WriterInbox
    private let spares: SpareMaker
    private var hasFailed = false

    init(_ storage: any Storage, status: WriterStatus, inbox: WriterInbox, spares: SpareMaker) {
        self.storage = storage
        self.status = status
        self.inbox = inbox
        self.spares = spares
    }

    /// Carries out one step. false: it was the last one.
    func handle(_ step: Step) -> Bool {
        switch step {
        case .stop: return false
        case .resume: hasFailed = false
        case .activate(let segment): attempt(segment) { () throws(SystemError) in try activate(segment) }
        case .sync(let segment): attempt(segment) { () throws(SystemError) in try sync(segment) }
        case .seal(let segment, let footer, let offset):
            attempt(segment) { () throws(SystemError) in try seal(segment, footer, at: offset) }
        }
        return true
    }

    private func attempt(_ segment: LiveSegment, _ body: () throws(SystemError) -> Void) {
        guard !hasFailed, !segment.marks.isAbandoned else { return }
        do throws(SystemError) {
            try body()
        } catch {
            // Nothing may be tried again on a file whose sync failed: not even by a step that waits already.
            segment.abandon()
            hasFailed = true
            inbox.post(.failed(segment, error))
        }
    }

    private func activate(_ segment: LiveSegment) throws(SystemError) {
        let mark = segment.marks.written
        try segment.file.sync()
        let name = segment.temporaryName
        let target = SegmentName.raw(segment.id).text
        guard
            try segment.name(
                by: { () throws(SystemError) in try storage.rename(name.text, to: target) },
                hasName: { (try? storage.open(target)) != nil })
        else { return }
        try storage.sync()
        guard segment.activated() else { return }
        if name == .spare { spares.release() } else { spares.request() }
        acknowledge(mark, of: segment)
    }

    /// One sync serves all that was written before it began; whoever asked for it meanwhile finds it done.
    private func sync(_ segment: LiveSegment) throws(SystemError) {
        let marks = segment.marks
        guard marks.written != marks.durable else { return }
        try segment.file.sync()
        acknowledge(marks.written, of: segment)
    }

    /// A footer proves what lies before it, and the end of the file that it is the end of what was written: each of the
    /// three is on the disk before the next.
    private func seal(_ segment: LiveSegment, _ footer: [UInt8], at offset: UInt64) throws(SystemError) {
        let mark = segment.marks.written
        try segment.file.sync()
        acknowledge(mark, of: segment)
        try segment.file.writeAll(footer, at: offset, path: "\(storage.path)/\(SegmentName.raw(segment.id).text)")
        try segment.file.sync()
        try segment.file.truncate(to: offset + UInt64(footer.count))
        try segment.file.sync()
        inbox.post(.sealed(segment))
    }

    private func acknowledge(_ mark: LiveSegment.Mark, of segment: LiveSegment) {
        guard segment.synced(mark) else { return }
        status.set(.ok)
        status.synced(through: mark.sequence)
    }
}
