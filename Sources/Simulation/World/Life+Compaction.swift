internal import CronCore
internal import History

// The compactor's thread, as steps: between the pieces of its work the rest of the daemon goes on.

extension Life {
    /// Joins what is sealed. Time passes while it does.
    func runCompaction() {
        let model = world.model
        let order = world.compactionOrder(through: history.sealedThrough)
        world.learnWhatWasShed(through: history.syncedThrough)
        let oracle = model.beginCompaction(order, at: world.clock.wall, through: history.syncedThrough)
        let before = world.disk.tally
        world.tell("a compaction begins, through segment \(order.through)")
        do throws(HistoryError) {
            let report = try Compaction.run(world.disk, settings: world.clock.historySettings, order: order) { _ in
                self.pace()
            }
            if let report { take(report, oracle) }
        } catch {
            world.tell("the compaction failed: \(error)")
            if world.disk.isDown { world.tally.deathsInCompaction += 1 }
            if !world.disk.isDown, world.disk.mood == .well, world.disk.tally.troubles == before.troubles {
                model.fail(.compaction, "it fails on a disk that works: \(error)")
            }
        }
        if !world.disk.isDown { tell(.compacted) }
    }

    private func take(_ report: CompactionReport, _ oracle: RetentionOracle) {
        world.tally.compactions += 1
        world.tell("compacted into \(report.name): \(report.recordsRead) records, \(report.recordsKept) kept")
        for damage in report.damage { world.tell("found \(damage)") }
        guard !world.disk.isDown, let file = world.disk.file(report.name) else { return }
        let map = BatchMap(file.bytes)
        let cover = Set(map.sequences)
        if UInt64(cover.count) != report.recordsKept || cover.count != map.sequences.count {
            world.model.fail(
                .compaction, "\(report.name) has \(map.sequences.count) records, not \(report.recordsKept)")
        }
        world.model.endCompaction(oracle, cover: cover, through: map.lastSequence)
        world.check(world.disk.examine(), through: world.model.ledger.synced, mayReturn: false)
    }

    /// Between two pieces of work. false: give up.
    private func pace() -> Bool {
        world.passBriefly(world.random(0...400_000), in: self)
        return !isDraining
    }
}
