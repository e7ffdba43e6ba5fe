/// The table of `Format.md`, section Recovery: what an opening of the history does with each file. Pure.
enum Recovery {
    /// What is known of a file.
    struct Facts: Hashable {
        var kind: Kind
        var header: Header
        var standing = CoversRule.Standing.counts
        /// Its history id is not the newest segment's.
        var isForeign = false
        /// `spare`, `.new`: its id is the one after the newest segment's, and that does not have its first record.
        var isNext = false
        var isSealed = false
        var hasBatches = false
        /// Nothing behind the segment whose records count.
        var isLast = false
        /// The only segment of the directory, which alone knows the history id.
        var isOnly = false
        var tail = Tail.zeros

        var isEmpty: Bool { !hasBatches && tail == .zeros }

        fileprivate var nobodyNeedsIt: Bool { isLast && !isOnly }
    }

    enum Kind: CaseIterable { case raw, cover, onItsWay, temporary }
    enum Header: CaseIterable { case good, newer, bad, zero }
    /// What lies behind the last good batch, or among them, up to where the next header says that the segment ends.
    enum Tail: CaseIterable { case zeros, torn, corrupt }

    enum Decision: CaseIterable { case refuse, remove, setAside, leave, keep, copy, copyAndSetAside }

    static func decide(_ file: Facts) -> Decision {
        switch (file.kind, file.header, file.standing) {
        case (_, .newer, _): .refuse  // 1
        case (.raw, .good, _) where file.isForeign: .refuse  // 2
        case (.cover, .good, _) where file.isForeign: .refuse  // 2
        case (.onItsWay, .good, _) where file.isForeign: .refuse  // 2
        case (.cover, .good, .conflicting), (.cover, .good, .conflictingUnread): .refuse  // 3
        case (.temporary, _, _): .remove  // 4
        case (.raw, _, .superseded), (.cover, _, .superseded): .remove  // 5
        case (.onItsWay, .bad, _), (.onItsWay, .zero, _): .remove  // 6
        case (.onItsWay, .good, _) where !file.isNext: .remove  // 7
        case (_, .zero, _) where file.tail == .zeros: .remove  // 8
        case (_, .bad, _), (_, .zero, _): .setAside  // 9
        case (.cover, .good, .replaced): .setAside  // 10
        case (.raw, .good, .shadowed), (.cover, .good, .shadowed): .leave  // 11
        case (.cover, .good, _): .keep  // 12
        case (.raw, .good, _) where file.isSealed: .keep  // 13
        case (_, .good, _) where file.isEmpty && file.nobodyNeedsIt: .remove  // 14
        case (_, .good, _): file.tail == .zeros ? .copy : .copyAndSetAside  // 15, 16
        }
    }
}
