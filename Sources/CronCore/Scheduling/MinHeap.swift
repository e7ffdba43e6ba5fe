/// A min-heap of slots (small numbers that index a table elsewhere), each under one key, that knows where each slot
/// stands: moving or removing a slot takes O(log n), and asking for its key O(1).
///
/// Four children a node: a level costs one cache line of keys, and there are half as many levels as with two. Equal
/// keys come out by slot, so that the same input always gives the same order.
package struct MinHeap<Key: Comparable & Sendable>: Sendable {
    package struct Entry: Sendable {
        package var key: Key
        package var slot: Int32

        fileprivate func precedes(_ other: Entry) -> Bool {
            key == other.key ? slot < other.slot : key < other.key
        }
    }

    private var entries: [Entry] = []
    /// By slot: its index in `entries`, or `MinHeap.absent`.
    private var positions: [Int32] = []

    package init() {}

    package var count: Int { entries.count }

    package var isEmpty: Bool { entries.isEmpty }

    /// The entry with the smallest key.
    package var first: Entry? { entries.first }

    /// The entry with the smallest key but for that of `slot`.
    package func first(besides slot: Int32) -> Entry? {
        guard let first, first.slot == slot else { return first }
        return entries.dropFirst().prefix(width).min { $0.precedes($1) }
    }

    /// The key that `slot` stands under; nil if it is not in the heap.
    package func key(of slot: Int32) -> Key? {
        guard let index = index(of: slot) else { return nil }
        return entries[index].key
    }

    /// Makes room for this many slots at once.
    package mutating func reserve(_ count: Int) {
        entries.reserveCapacity(count)
        positions.reserveCapacity(count)
    }

    /// Puts `slot` under `key`, wherever it stood before. A slot is 0 or above.
    package mutating func set(_ slot: Int32, to key: Key) {
        let entry = Entry(key: key, slot: slot)
        guard let index = index(of: slot) else {
            while positions.count <= Int(slot) { positions.append(absent) }
            entries.append(entry)
            rise(entry, from: entries.count - 1)
            return
        }
        if entry.precedes(entries[index]) {
            rise(entry, from: index)
        } else {
            sink(entry, from: index)
        }
    }

    /// Takes `slot` out, if it is in.
    package mutating func remove(_ slot: Int32) {
        guard let index = index(of: slot) else { return }
        positions[Int(slot)] = absent
        let last = entries.removeLast()
        guard index < entries.count else { return }
        if last.precedes(entries[index]) {
            rise(last, from: index)
        } else {
            sink(last, from: index)
        }
    }

    /// Takes out and returns the entry with the smallest key.
    package mutating func popFirst() -> Entry? {
        guard let first = entries.first else { return nil }
        remove(first.slot)
        return first
    }

    private func index(of slot: Int32) -> Int? {
        guard Int(slot) < positions.count, positions[Int(slot)] != absent else { return nil }
        return Int(positions[Int(slot)])
    }

    /// Places `entry` at the hole `start` or above it.
    private mutating func rise(_ entry: Entry, from start: Int) {
        entries.withUnsafeMutableBufferPointer { entries in
            positions.withUnsafeMutableBufferPointer { positions in
                var hole = start
                while hole > 0 {
                    let parent = (hole - 1) / width
                    guard entry.precedes(entries[parent]) else { break }
                    entries[hole] = entries[parent]
                    positions[Int(entries[hole].slot)] = Int32(truncatingIfNeeded: hole)
                    hole = parent
                }
                entries[hole] = entry
                positions[Int(entry.slot)] = Int32(truncatingIfNeeded: hole)
            }
        }
    }

    /// Places `entry` at the hole `start` or below it.
    private mutating func sink(_ entry: Entry, from start: Int) {
        entries.withUnsafeMutableBufferPointer { entries in
            positions.withUnsafeMutableBufferPointer { positions in
                var hole = start
                while true {
                    let firstChild = hole * width + 1
                    guard firstChild < entries.count else { break }
                    var least = firstChild
                    for child in (firstChild + 1)..<max(firstChild + 1, min(firstChild + width, entries.count))
                    where entries[child].precedes(entries[least]) {
                        least = child
                    }
                    guard entries[least].precedes(entry) else { break }
                    entries[hole] = entries[least]
                    positions[Int(entries[hole].slot)] = Int32(truncatingIfNeeded: hole)
                    hole = least
                }
                entries[hole] = entry
                positions[Int(entry.slot)] = Int32(truncatingIfNeeded: hole)
            }
        }
    }

    /// What is wrong with the heap, for tests; nil: every parent precedes its children, and every position is right.
    package var brokenInvariant: String? {
        for (index, entry) in entries.enumerated() {
            if index > 0, entry.precedes(entries[(index - 1) / width]) { return "entry \(index) precedes its parent" }
            if self.index(of: entry.slot) != index { return "slot \(entry.slot) is not at \(index)" }
        }
        let placed = positions.count { $0 != absent }
        return placed == entries.count ? nil : "\(placed) positions for \(entries.count) entries"
    }
}

/// Children of a node.
private let width = 4

/// The position of a slot that is not in the heap.
private let absent: Int32 = -1
