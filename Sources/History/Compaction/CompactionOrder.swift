package import CronCore

/// What a compaction is to do.
package struct CompactionOrder: Sendable {
    package var rules: RetentionRules
    /// The highest segment that may be taken: ``HistoryWriter/sealedThrough``; `.max` where no daemon writes.
    package var through: UInt64
    /// Bytes that the history may have afterwards: the oldest executions go first, whatever `Keep=` says, but never a
    /// job's newest record, nor what an open run needs. nil: no bound.
    package var maxUse: UInt64?

    package init(rules: RetentionRules, through: UInt64 = .max, maxUse: UInt64? = nil) {
        self.rules = rules
        self.through = through
        self.maxUse = maxUse
    }
}

/// What a compaction did.
package struct CompactionReport: Sendable {
    /// The file name of the cover.
    package var name: String
    /// How many segments it stands for now.
    package var segments: Int
    package var recordsRead: UInt64
    package var recordsKept: UInt64
    /// Lengths of the files that were joined, and of the one that they became.
    package var bytesBefore: UInt64
    package var bytesAfter: UInt64
    /// What could not be read, what became of it, and files that could not be removed.
    package var damage: [Damage]

    package init(
        name: String, segments: Int, recordsRead: UInt64, recordsKept: UInt64, bytesBefore: UInt64,
        bytesAfter: UInt64, damage: [Damage]
    ) {
        self.name = name
        self.segments = segments
        self.recordsRead = recordsRead
        self.recordsKept = recordsKept
        self.bytesBefore = bytesBefore
        self.bytesAfter = bytesAfter
        self.damage = damage
    }
}
