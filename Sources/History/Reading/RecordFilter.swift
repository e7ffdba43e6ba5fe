internal import CronCore

/// Which records a cursor hands out; what it does not take is not decoded.
struct RecordFilter {
    /// nil: everybody's.
    var jobs: Set<JobID>?
    var skipsStarts = false
    /// Only what came after it.
    var after: SequenceNumber = 0

    func takes(_ view: RecordView) -> Bool {
        view.sequence > after && !(skipsStarts && view.kind == SegmentFormat.startKind)
    }

    func takes(_ job: JobID) -> Bool { jobs?.contains(job) ?? true }
}

/// Job ids by the bytes of their names: the same few come again and again, and a text for each record costs an
/// allocation. Bounded: begins anew when it has seen many.
struct JobNames {
    private var known: [UInt32: JobID] = [:]
    private static let most = 4_096

    mutating func job(_ name: UnsafeRawBufferPointer) -> JobID {
        let key = Checksum.plain(name)
        if let job = known[key], job.text.utf8.elementsEqual(name) { return job }
        let job = JobID(String(decoding: name, as: UTF8.self))
        if known.count >= Self.most { known.removeAll(keepingCapacity: true) }
        known[key] = job
        return job
    }
}
