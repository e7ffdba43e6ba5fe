internal import Configuration
internal import CronCore
internal import History
internal import Systemd

/// The compaction under way, or about to be.
struct CompactionState {
    /// Why one was asked for before its time.
    var reason = ""
    /// The last segment that was final before the active one was asked to be sealed.
    var sealedBefore: UInt64 = 0
    var counts = CompactionCounts()
}

extension Daemon {
    /// Carries out `.compact`, a moment later: it is due at a whole second, as most calls are, and they come first. They
    /// wait for the writer to have their starts, which is busy for milliseconds with the footer of a segment that ends.
    func prepareCompaction(_ cause: CompactionCause) {
        if cause == .early { logger.log(.notice, .compactingEarly, "compacting the history now: \(compaction.reason)") }
        compactionTimer?.arm(at: (SystemClock.now().boot + .milliseconds(250)).microseconds)
    }

    /// Seals the active segment, so that it can have part, and asks the reader for the job files, which say what is to be
    /// kept. Gathering that from a hundred thousand of them takes 40 ms, and is for the compactor.
    func beginCompaction() {
        guard stop == .running else { return endCompaction() }
        compaction.sealedBefore = history.sealedThrough
        history.seal()
        reader.giveJobFiles()
        sayStatus(atOnce: true)
    }

    /// nil: the reader has never seen them.
    func jobFilesCame(_ files: JobScan.Memory?) {
        guard let files else {
            logger.log(
                .error, .compactionFailed,
                "the history is not compacted: what is to be kept is in the job files, and their directory could not "
                    + "be used; mend that, then: systemctl reload httpcron; it is tried again at \(nextCompaction)")
            return endCompaction()
        }
        // Too late for one that began before the stop.
        guard stop == .running else { return endCompaction() }
        compactor.compact(
            Compactor.Order(
                files: files, keepRemoved: settings.keepRemoved, bounds: bounds,
                sealedBefore: compaction.sealedBefore))
    }

    /// Takes until there is nothing left: only an owner who found his mailbox empty is rung for the next message.
    func compactorAnswered() {
        while true {
            let answers = compactor.takeAnswers()
            guard !answers.isEmpty else { return }
            for answer in answers {
                switch answer {
                case .tooLarge(let reason):
                    compaction.reason = reason
                    handle(.historyTooLarge)
                case .ended(let outcome):
                    if outcome.hasFailed {
                        compaction.counts.failed += 1
                    } else {
                        compaction.counts.done += 1
                        compaction.counts.lastAt = SystemClock.now().wall
                    }
                    for line in LogLine.lines(outcome, next: nextCompaction) { logger.log(line) }
                    endCompaction()
                }
            }
        }
    }

    private func endCompaction() {
        handle(.compacted)
        sayStatus(atOnce: true)
        tidyTimer?.arm(at: (SystemClock.now().boot + .seconds(2)).microseconds)
    }

    private var nextCompaction: String {
        engine.status.nextCompactionAt?.iso8601 ?? "the next start"
    }

    /// A segment was sealed, or the settings were read: the compactor looks how much the history takes.
    func lookAtUse() {
        guard stop == .running else { return }
        compactor.look(bounds)
    }

    private var bounds: HistoryBounds {
        HistoryBounds(maxUse: settings.historyMaxUse, keepFree: settings.historyKeepFree)
    }
}
