/// Runs that wait for a place with one host, in the order they were due. A run that ends while it waits stays in line
/// until its turn; its key then names nothing, and it is passed over.
struct WaitingLine {
    private struct Entry {
        var dueAt: Timestamp
        var arrival: UInt64
        var run: RunKey

        func precedes(_ other: Entry) -> Bool {
            dueAt == other.dueAt ? arrival < other.arrival : dueAt < other.dueAt
        }
    }

    private var entries: [Entry] = []

    var isEmpty: Bool { entries.isEmpty }

    /// When the first in line was due.
    var firstDueAt: Timestamp? { entries.first?.dueAt }

    mutating func insert(_ run: RunKey, dueAt: Timestamp, arrival: UInt64) {
        let entry = Entry(dueAt: dueAt, arrival: arrival, run: run)
        var hole = entries.count
        entries.append(entry)
        while hole > 0, entry.precedes(entries[(hole - 1) / 2]) {
            entries[hole] = entries[(hole - 1) / 2]
            hole = (hole - 1) / 2
        }
        entries[hole] = entry
    }

    mutating func popFirst() -> RunKey? {
        guard let first = entries.first else { return nil }
        let entry = entries.removeLast()
        guard !entries.isEmpty else { return first.run }
        var hole = 0
        while true {
            var child = 2 * hole + 1
            guard child < entries.count else { break }
            if child + 1 < entries.count, entries[child + 1].precedes(entries[child]) { child += 1 }
            guard entries[child].precedes(entry) else { break }
            entries[hole] = entries[child]
            hole = child
        }
        entries[hole] = entry
        return first.run
    }
}
