/// What is due by the wall clock: the jobs, and among them the compaction of the history. One heap.
struct Agenda: Sendable {
    /// Somebody who is due.
    enum Item: Equatable {
        /// By its slot.
        case job(Int32)
        case compaction
    }

    /// A job stands in the slot behind its own: the first one is the compaction's.
    private var heap = MinHeap<Timestamp>()

    /// Whatever is due first.
    var first: (key: Timestamp, item: Item)? {
        heap.first.map { ($0.key, $0.slot == compactionSlot ? .compaction : .job($0.slot - 1)) }
    }

    /// The job that is due first.
    var firstJob: (key: Timestamp, slot: Int32)? {
        heap.first(besides: compactionSlot).map { ($0.key, $0.slot - 1) }
    }

    /// When the history is to be compacted; nil: at no time.
    var compactionAt: Timestamp? {
        get { heap.key(of: compactionSlot) }
        set {
            if let newValue { heap.set(compactionSlot, to: newValue) } else { heap.remove(compactionSlot) }
        }
    }

    /// When the job in `slot` is due.
    func key(of slot: Int32) -> Timestamp? { heap.key(of: slot + 1) }

    /// Puts the job in `slot` under `key`, wherever it stood before.
    mutating func set(_ slot: Int32, to key: Timestamp) { heap.set(slot + 1, to: key) }

    mutating func remove(_ slot: Int32) { heap.remove(slot + 1) }

    /// Makes room for this many jobs at once.
    mutating func reserve(_ count: Int) { heap.reserve(count + 1) }

    /// See ``MinHeap/brokenInvariant``.
    var brokenInvariant: String? { heap.brokenInvariant }
}

private let compactionSlot: Int32 = 0
