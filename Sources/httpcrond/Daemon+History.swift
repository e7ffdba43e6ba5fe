internal import CronCore
internal import History

extension Daemon {
    /// The history's threads have written, synced, or met a disk that refuses: the engine is told what it acts on.
    func historyMoved() {
        tellDiskState()
        for finding in history.takeFindings() { logger.log(.warning, .historyDamaged, finding.description) }
        let sealed = history.sealedThrough
        if sealed != announced.sealed {
            announced.sealed = sealed
            lookAtUse()
        }
        let written = history.writtenThrough
        let synced = history.syncedThrough
        if written > announced.written {
            announced.written = written
            tell(.written(written))
        }
        if synced > announced.synced {
            announced.synced = synced
            announced.noteSync(through: synced)
            tell(.synced(synced))
            sayStatus()
        }
        carryOut()
    }

    /// One line and one event for each change of state, not for each record.
    private func tellDiskState() {
        let state = history.diskState
        guard (state == .ok) == announced.diskRefuses else {
            // For another reason than before.
            if state != .ok { sayStatus() }
            return
        }
        announced.diskRefuses = state != .ok
        if case .refusing(let error) = state {
            logger.log(
                .error, .diskRefuses,
                "the history cannot be written: \(error); calls go on, records wait in memory, "
                    + "and writing is tried again each second; \(error.remedy ?? "mend the disk")")
        } else {
            logger.log(.notice, .diskTakes, "the history is written again; what had waited is on the disk")
        }
        handle(.diskRefuses(announced.diskRefuses))
        sayStatus(atOnce: true)
    }
}

/// What has been told already: to the engine, so that it hears news only, and to the service manager.
struct AnnouncedState {
    var written: SequenceNumber = 0
    var synced: SequenceNumber = 0
    /// The last segment that is final.
    var sealed: UInt64 = 0
    var diskRefuses = false
    /// A record that wants to be on the disk, and since when nothing has come nearer to that; nil: there is none.
    var awaitedSync: (through: SequenceNumber, since: Timestamp)?
    var status = ""
    /// On the monotonic clock, in microseconds.
    var statusAt: Int64 = 0
    /// Job files in error, by their names.
    var refusedFiles: [String] = []

    mutating func awaitSync(of sequence: SequenceNumber) {
        awaitedSync = (sequence, awaitedSync?.since ?? SystemClock.now().wall)
    }

    mutating func noteSync(through sequence: SequenceNumber) {
        guard let awaited = awaitedSync else { return }
        awaitedSync = sequence >= awaited.through ? nil : (awaited.through, SystemClock.now().wall)
    }
}
