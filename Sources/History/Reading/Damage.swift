/// A part of a history that cannot be read, and what that costs.
package struct Damage: Hashable, Sendable, CustomStringConvertible {
    package enum Kind: String, Sendable, CaseIterable {
        /// It had been recorded, and cannot be read any more.
        case corrupt
        /// Written while the daemon or the system died; never acknowledged.
        case torn
        /// Not there at all.
        case missing
        /// There twice.
        case repeated
        /// No damage of its own: what was done about some.
        case notice
    }

    package var kind: Kind
    /// The path of the file.
    package var file: String
    package var range: Range<UInt64>
    /// What was found, in words for the operator.
    package var words: String

    package init(_ kind: Kind = .corrupt, file: String, range: Range<UInt64>, words: String) {
        self.kind = kind
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
    /// How many there was no room for.
    private(set) var omitted = 0
    /// Why the disk read nothing where there must be something: who goes on from what is there must not take that for
    /// nothing.
    private(set) var refusal: SystemError?
    private var known: Set<Damage> = []
    private static let most = 10_000

    func add(_ damage: Damage) {
        guard found.count < Self.most else {
            omitted += 1
            return
        }
        if known.insert(damage).inserted { found.append(damage) }
    }

    func add(refusal error: SystemError) { refusal = refusal ?? error }
}
