internal import CronCore

/// The names of a directory, as the kernel shows them and as the platter has them.
struct NameTable {
    struct Change {
        var name: String
        /// nil: removed.
        var file: VirtualFile?
        /// Of a rename: what the file was called.
        var oldName: String?
    }

    private(set) var live: [String: VirtualFile] = [:]
    private var durable: [String: VirtualFile] = [:]
    /// What is not on the platter yet, in order.
    private(set) var changes: [Change] = []
    /// A sync has failed since the last one that did not.
    private var hasFailed = false

    mutating func make(_ change: Change) {
        Self.apply(change, to: &live)
        changes.append(change)
    }

    mutating func sync() {
        durable = live
        changes.removeAll()
        hasFailed = false
    }

    /// A sync that failed: the first of the changes have reached the platter all the same, the others still wait. Only a
    /// file system with a journal is expected to fail and to go on.
    mutating func syncInPart(_ luck: inout RandomSource) {
        hasFailed = true
        let count = Int.random(in: 0...changes.count, using: &luck)
        for change in changes.prefix(count) { Self.apply(change, to: &durable) }
        changes.removeFirst(count)
    }

    /// The power has gone. A file system with a journal keeps the first changes and loses the rest; one without keeps
    /// any of them.
    mutating func losePower(_ luck: inout RandomSource) {
        let hasJournal = hasFailed || Bool.random(using: &luck)
        let kept = Int.random(in: 0...changes.count, using: &luck)
        for (place, change) in changes.enumerated() where hasJournal ? place < kept : Bool.random(using: &luck) {
            Self.apply(change, to: &durable)
        }
        live = durable
        changes.removeAll()
        hasFailed = false
    }

    private static func apply(_ change: Change, to names: inout [String: VirtualFile]) {
        if let old = change.oldName { names[old] = nil }
        names[change.name] = change.file
    }
}
