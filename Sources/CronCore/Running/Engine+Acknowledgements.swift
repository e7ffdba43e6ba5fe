// What waits for the disk, and what happens when it refuses.

extension Engine {
    /// Lets the attempt's request wait for its start record, or sends it at once if nothing is to be waited for.
    mutating func awaitRecord(_ index: Int32, at now: Moment, into effects: inout [Effect]) {
        let sequence = runs[index].startSequence
        let atMostOnce = runs[index].definition?.delivery == .atMostOnce
        let awaited = AwaitedStart(sequence: sequence, run: runs.key(of: index))
        if atMostOnce {
            guard sequence > synced else { return send(index, at: now, into: &effects) }
            awaitingSync.append(awaited)
            effects.append(.sync)
        } else {
            guard sequence > written, !diskRefuses else { return send(index, at: now, into: &effects) }
            awaitingWrite.append(awaited)
        }
    }

    /// `.written`: at-least-once requests may leave.
    mutating func acknowledgeWritten(_ sequence: SequenceNumber, at now: Moment, into effects: inout [Effect]) {
        written = max(written, sequence)
        while let start = awaitingWrite.first, start.sequence <= written {
            _ = awaitingWrite.popFirst()
            sendAwaited(start, at: now, into: &effects)
        }
    }

    /// `.synced`: at-most-once requests may leave, and what happened may show outside.
    mutating func acknowledgeSynced(_ sequence: SequenceNumber, at now: Moment, into effects: inout [Effect]) {
        synced = max(synced, sequence)
        acknowledgeWritten(sequence, at: now, into: &effects)
        while let start = awaitingSync.first, start.sequence <= synced {
            _ = awaitingSync.popFirst()
            sendAwaited(start, at: now, into: &effects)
        }
        while let announcement = announcements.first, announcement.sequence <= synced {
            _ = announcements.popFirst()
            make(announcement, recorded: true, at: now, into: &effects)
        }
    }

    private mutating func sendAwaited(_ start: AwaitedStart, at now: Moment, into effects: inout [Effect]) {
        guard let index = runs.index(of: start.run), runs[index].phase == .awaitingRecord,
            runs[index].startSequence == start.sequence
        else { return }
        send(index, at: now, into: &effects)
    }

    /// Shows something outside once the record `sequence` is on the disk, or at once while the disk refuses.
    mutating func announce(
        _ subject: Announcement.Subject, after sequence: SequenceNumber, into effects: inout [Effect]
    ) {
        if diskRefuses {
            log(subject, recorded: false, into: &effects)
        } else {
            announcements.append(Announcement(sequence: sequence, subject: subject))
        }
    }

    private mutating func make(
        _ announcement: Announcement, recorded: Bool, at now: Moment, into effects: inout [Effect]
    ) {
        if case .release(let key) = announcement.subject {
            releaseTriggered(key, at: now, into: &effects)
        } else {
            log(announcement.subject, recorded: recorded, into: &effects)
        }
    }

    private func log(_ subject: Announcement.Subject, recorded: Bool, into effects: inout [Effect]) {
        switch subject {
        case .attempt(let report):
            let execution = report.execution.execution
            if let location = report.location, let status = execution.response.httpStatus, 300...399 ~= status,
                !execution.succeeded
            {
                effects.append(.log(.redirectNotFollowed(execution.header.job, location: location)))
            }
            effects.append(.log(report.entry(recorded: recorded)))
            effects.append(.attempted(execution, lateness: report.lateness))
        case .failing(let execution, let failuresInARow):
            effects.append(
                .log(.failing(execution.execution, failuresInARow: Int(failuresInARow), recorded: recorded)))
        case .control(let token, let answer, let entry):
            effects.append(.log(entry))
            effects.append(.answer(token, answer))
        case .release:
            break
        }
    }

    /// `.diskRefuses`. Jobs go on without the record: requests and lines no longer wait. At-most-once runs do, but
    /// without holding a place, so that they delay nobody.
    mutating func changeDisk(refuses: Bool, at now: Moment, into effects: inout [Effect]) {
        guard refuses != diskRefuses else { return }
        diskRefuses = refuses
        if refuses {
            while let start = awaitingWrite.popFirst() { sendAwaited(start, at: now, into: &effects) }
            while let announcement = announcements.popFirst() {
                make(announcement, recorded: false, at: now, into: &effects)
            }
            parkAwaiting(at: now, into: &effects)
        } else {
            unparkAll(at: now, into: &effects)
        }
        fillPlaces(at: now, into: &effects)
    }

    /// Those whose start is on its way keep it: it will be synced, or the run will be noted. That of a job that nothing
    /// may start any more ends here: its request must not leave once the disk takes records again.
    private mutating func parkAwaiting(at now: Moment, into effects: inout [Effect]) {
        while let start = awaitingSync.popFirst() {
            guard let index = runs.index(of: start.run), runs[index].phase == .awaitingRecord,
                runs[index].startSequence == start.sequence
            else { continue }
            let slot = runs[index].job
            if stage != .running {
                cutShort(index, at: now, into: &effects)
            } else if mayBegin(Int(slot)) {
                park(index, at: now)
            } else {
                let (reason, detail) = noteForStopping(slot)
                end(index, noting: reason, detail: detail, at: now, into: &effects)
                vacate(slot)
            }
        }
    }

    private mutating func unparkAll(at now: Moment, into effects: inout [Effect]) {
        guard stage == .running else { return }
        for slot in slots.indices where slots[slot].underWay > 0 {
            var index = slots[slot].firstRun
            while index != none {
                let next = runs[index].next
                if runs[index].phase == .parked {
                    alarms.remove(index)
                    begin(index, at: now, into: &effects)
                }
                index = next
            }
        }
    }
}
