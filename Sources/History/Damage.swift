/// A part of a history that cannot be read, and what that costs.
package struct Damage: Hashable, Sendable, CustomStringConvertible {
    /// The path of the file.
    package var file: String
    package var range: Range<UInt64>
    /// What was found, in words for the operator.
    package var words: String

    package init(file: String, range: Range<UInt64>, words: String) {
        self.file = file
        self.range = range
        self.words = words
    }

    package var description: String {
        range.isEmpty ? "\(file): \(words)" : "\(file): bytes \(range.lowerBound) to \(range.upperBound): \(words)"
    }
}

/// What a snapshot and its cursors come across; each thing once, and at most as many as fit a screen many times over.
final class DamageLog {
    private(set) var found: [Damage] = []
    private var known: Set<Damage> = []
    private static let most = 10_000

    func add(_ damage: Damage) {
        guard found.count < Self.most, known.insert(damage).inserted else { return }
        found.append(damage)
    }
}
