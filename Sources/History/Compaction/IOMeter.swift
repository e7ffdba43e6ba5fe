/// Counts what a compaction reads and writes, and lets its caller hold it up, or end it, after each piece.
final class IOMeter {
    /// What is told in one go, about.
    static let piece = 256 << 10
    private let pace: (Int) -> Bool
    private var pending = 0

    init(_ pace: @escaping (Int) -> Bool) {
        self.pace = pace
    }

    func spend(_ bytes: Int) throws(CompactionFault) {
        pending += bytes
        if pending >= Self.piece { try settle() }
    }

    /// Tells what was not told yet.
    func settle() throws(CompactionFault) {
        defer { pending = 0 }
        if !pace(pending) { throw .stopped }
    }
}
