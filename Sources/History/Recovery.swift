/// The table of `Format.md`, section Recovery: what an opening of the history does with each file. Pure.
enum Recovery {
    /// What is known of a file.
    struct Facts: Hashable {
        var kind: Kind
        var header: Header
        /// A cover includes all that it stands for.
        var isSuperseded = false
        /// Its history id is not its neighbours'.
        var isForeign = false
        /// `spare`, `.new`: its id is the one after the newest segment's.
        var isNext = false
        var isSealed = false
        var hasBatches = false
        /// Nothing behind the segment whose records count.
        var isLast = false
        /// The only segment of the directory, which alone knows the history id.
        var isOnly = false
        var tail = Tail.zeros

        var isEmpty: Bool { !hasBatches && tail == .zeros }
    }

    enum Kind: CaseIterable { case segment, onItsWay, temporary }
    enum Header: CaseIterable { case good, newer, bad, zero }
    /// What lies behind the last good batch, or among them, up to where the next header says that the segment ends.
    enum Tail: CaseIterable { case zeros, torn, corrupt }

    enum Decision: CaseIterable { case refuse, remove, setAside, keep, copy, copyAndSetAside }

    static func decide(_ file: Facts) -> Decision {
        switch (file.kind, file.header) {
        case (.segment, .newer): return .refuse  // 1
        case (.segment, .good) where file.isForeign: return .refuse  // 2
        case (.temporary, _): return .remove  // 3
        case (.segment, _) where file.isSuperseded: return .remove  // 4
        case (.onItsWay, .bad), (.onItsWay, .zero), (.onItsWay, .newer): return .remove  // 5
        case (.onItsWay, .good) where !file.isNext || file.isForeign: return .remove  // 6
        case (.segment, .zero) where file.tail == .zeros: return .remove  // 7
        case (.segment, .zero), (.segment, .bad): return .setAside  // 8
        case (.segment, .good) where file.isSealed: return .keep  // 9
        case (_, .good) where file.isEmpty && file.isLast && !file.isOnly: return .remove  // 10
        case (_, .good): return file.tail == .zeros ? .copy : .copyAndSetAside  // 11, 12
        }
    }
}
