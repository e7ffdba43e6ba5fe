/// What a disk is asked to do that may fail, or that a crash may cut short.
enum DiskOperation: String, CaseIterable, Sendable {
    case create
    case rename
    case link
    case remove
    case write
    case sync
    case truncate
    case syncDirectory = "sync of the directory"
    case read
}

/// What becomes of the next operations of a kind.
struct DiskTrouble: Sendable {
    enum Kind: Sendable {
        /// It fails with this errno and does nothing. A sync that fails leaves pages that the kernel takes for clean
        /// and that the next power cut takes away.
        case error(Int32)
        /// A write stops half-way, which is how a full disk begins.
        case short
    }

    var operation: DiskOperation
    var kind: Kind
    /// How many operations of that kind go well before.
    var skips: Int
    /// How many operations it hits.
    var count: Int
}

/// What a disk refuses for a while.
enum DiskMood: Hashable, Sendable {
    case well
    /// No room: nothing grows and nothing new is made; what is there already can be overwritten.
    case full(Int32)
    /// Mounted read-only after an error.
    case readOnly
}

/// How a process dies.
enum Death: String, Sendable {
    /// What the kernel was handed stays.
    case kill = "kill -9"
    /// What was not synced is a matter of luck.
    case powerCut = "power cut"
}

/// What becomes of one operation.
struct DiskVerdict {
    enum Outcome {
        case done
        case short
        case failed(Int32)
        /// The process dies under it; so many quarters of it are done.
        case dies(quarters: Int)
        /// The process is dead.
        case down
    }

    var outcome: Outcome
    /// For what else is left to luck about it.
    var luck: UInt64

    /// Whether an operation that is whole or not at all takes place.
    var takesPlace: Bool {
        switch outcome {
        case .done, .short, .dies(quarters: 4): true
        case .failed, .down, .dies: false
        }
    }

    var isFailure: Bool { if case .failed = outcome { true } else { false } }

    /// How many of `count` bytes are written.
    func portion(of count: Int) -> Int {
        switch outcome {
        case .done: count
        case .short: count / 2
        case .failed, .down: 0
        case .dies(let quarters): count * quarters / 4
        }
    }
}

/// How often a disk has done what, so that one sees that each kind of trouble came.
struct DiskTally: Sendable {
    var operations = 0
    var shortWrites = 0
    var errors: [DiskOperation: Int] = [:]
    var full = 0
    var readOnly = 0
    var writtenBack = 0

    /// How often anything went wrong.
    var troubles: Int { shortWrites + full + readOnly + errors.values.reduce(0, +) }

    /// How often anything went wrong that makes the history abandon a segment.
    var refusals: Int { troubles - (errors[.read] ?? 0) }

    mutating func add(_ other: DiskTally) {
        operations += other.operations
        shortWrites += other.shortWrites
        full += other.full
        readOnly += other.readOnly
        writtenBack += other.writtenBack
        errors.merge(other.errors, uniquingKeysWith: +)
    }
}
