internal import CronCore
internal import History
internal import Systemd

extension Daemon {
    /// The history's threads have written, synced, or met a disk that refuses: the engine is told what it acts on.
    func historyMoved() {
        if history.syncedThrough > announced.synced { announced.hangsSince = nil }
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
        watchForStall()
        carryOut()
    }

    /// One line and one event for each change of state, not for each record.
    private func tellDiskState() {
        let state = history.diskState
        let refuses = state != .ok || announced.hangsSince != nil
        guard refuses != announced.diskRefuses else {
            // For another reason than before.
            if refuses { sayStatus() }
            return
        }
        announced.diskRefuses = refuses
        if case .refusing(let error) = state {
            logger.log(
                .error, .diskRefuses,
                "the history cannot be written: \(error); calls go on, records wait in memory, "
                    + "and writing is tried again each second; \(error.remedy ?? "mend the disk")")
        } else if let since = announced.hangsSince {
            logger.log(
                .error, .diskRefuses,
                "the disk hangs: what was written at \(since.iso8601) is still not on it; calls go on, records wait in "
                    + "memory; look at the disk (journalctl -k)")
        } else {
            logger.log(.notice, .diskTakes, "the history is written again; what had waited is on the disk")
        }
        handle(.diskRefuses(announced.diskRefuses))
        sayStatus(atOnce: true)
    }

    /// A disk that hangs refuses nothing, and nothing rings: what wants to be on it is looked after by a timer.
    func watchForStall() {
        guard let awaited = announced.awaitedSync, announced.hangsSince == nil else {
            stallTimer?.disarm()
            return
        }
        let deadline = (awaited.since.boot + Self.stalled).microseconds
        if stallTimer?.deadline != deadline { stallTimer?.arm(at: deadline) }
    }

    /// The timer has fired.
    func hasStalled() {
        announced.hangsSince = announced.awaitedSync?.since.wall
        tellDiskState()
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
    var awaitedSync: (through: SequenceNumber, since: Moment)?
    /// Since when, if that is so long that the disk must hang.
    var hangsSince: Timestamp?
    var status = ""
    /// On the monotonic clock, in microseconds.
    var statusAt: Int64 = 0
    /// Job files in error, by their names.
    var refusedFiles: [String] = []

    mutating func awaitSync(of sequence: SequenceNumber) {
        awaitedSync = (sequence, awaitedSync?.since ?? SystemClock.now())
    }

    mutating func noteSync(through sequence: SequenceNumber) {
        guard let awaited = awaitedSync else { return }
        awaitedSync = sequence >= awaited.through ? nil : (awaited.through, SystemClock.now())
    }
}
