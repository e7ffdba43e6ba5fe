/// A job's identity in the record, the API and the keys: its `Id=`, or the name of its file.
package struct JobID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) {
        self.text = text
    }

    package var description: String { text }

    package static func < (left: JobID, right: JobID) -> Bool {
        left.text < right.text
    }

    /// The 64 bits by which segment footers are sorted. Not keyed: a history must read the same on any machine.
    package var hash64: UInt64 {
        var hash = SipHash(key: UUID(high: 0, low: 0))
        hash.update(text.utf8)
        return hash.finish().low
    }
}

/// The 128 random bits made with a history and copied with it: two hosts with the same job files never derive the same
/// run id, and so never send the same idempotency key.
package struct HistoryID: Hashable, Sendable {
    package let value: UUID

    package init(_ value: UUID) {
        self.value = value
    }
}

/// A run's identity, derived and never drawn, so that a repeat after a crash carries the same one.
package struct RunID: Hashable, Sendable, CustomStringConvertible {
    package let value: UUID

    package init(_ value: UUID) {
        self.value = value
    }

    /// The run of one occurrence. `epoch` counts the job's clock corrections.
    package init(history: HistoryID, job: JobID, occurrence: Timestamp, epoch: UInt32) {
        var hash = SipHash(key: history.value)
        hash.update("occurrence\0".utf8)
        hash.update(job.text.utf8)
        hash.update(CollectionOfOne(0))
        hash.update(UInt64(bitPattern: occurrence.microseconds))
        hash.update(UInt64(epoch))
        self.value = UUID(version8Hash: hash.finish())
    }

    /// The run of `job` that the end of another run triggered.
    package init(history: HistoryID, job: JobID, triggeredBy run: RunID, trigger: Trigger) {
        var hash = SipHash(key: history.value)
        hash.update("trigger\0".utf8)
        hash.update(job.text.utf8)
        hash.update(CollectionOfOne(0))
        hash.update(run.value.high)
        hash.update(run.value.low)
        hash.update(UInt64(trigger.rawValue))
        self.value = UUID(version8Hash: hash.finish())
    }

    package var description: String { value.description }
}

/// A recorded attempt's identity: a UUID of version 7.
package struct ExecutionID: Hashable, Sendable, CustomStringConvertible {
    package let value: UUID

    package init(_ value: UUID) {
        self.value = value
    }

    package var description: String { value.description }
}
