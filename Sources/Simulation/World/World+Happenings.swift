internal import CronCore
internal import History

// What happens to a world.

extension World {
    func carryOut(_ happening: Happening) {
        switch happening.kind {
        case .death(let death, let after, let again, let down):
            downFor = down
            if let again { dieAgain(again.death, after: again.after) }
            disk.plan(death, after: after)
        case .stop(let patience, let down): stop(patience, downFor: down)
        case .disk(let mood, let span):
            disk.setMood(mood)
            later(span, .disk)
        case .trouble(let trouble): disk.add(trouble)
        case .flip(let luck): flip(luck)
        case .lag(let span):
            (writeDelay, syncDelay) = (0...20_000, 20_000...3_000_000)
            later(span, .lag)
        case .step(let span):
            clock.step(by: span)
            model.see(clock.wall)
            life?.tell(.clockStepped)
        case .suspend(let span): clock.advance(to: clock.boot + span)
        case .server(let host, let trouble, let span): network.trouble(host, trouble, until: clock.boot + span)
        case .reload, .remove, .inError: changeFiles(happening.kind)
        case .read(let after): disk.planReading(after: after)
        case .readSlowly(let span):
            guard let snapshot = try? HistorySnapshot.open(disk) else { return }
            let ledger = model.ledger
            later(
                span,
                .slowReader(
                    snapshot, synced: ledger.lastSynced, droppable: ledger.droppable, starts: tally.starts))
        case .compact: life?.tell(.historyTooLarge)
        case .run(let name): life?.ask(.run(JobID(name), by: "uid 0"))
        case .pause(let name, let span):
            let pause = Pause(
                since: clock.wall, until: span.map { clock.wall + $0 }, reason: "happening \(happening.number)",
                by: "uid 0")
            life?.ask(.pause(JobID(name), pause))
        case .resume(let name): life?.ask(.resume(JobID(name), by: "uid 0"))
        }
        afterStep()
    }

    private func changeFiles(_ kind: Happening.Kind) {
        switch kind {
        case .reload(let name, let version):
            let job = maker.job(name, version: version, keepsSchedule: version < 4)
            let loses = !job.isEnabled || job.schedule != jobs[name]?.schedule
            setJob(job)
            changeFile(of: job.id, .jobLoaded(job), losesSchedule: loses)
        case .remove(let name):
            guard let job = jobs.removeValue(forKey: name) else { return }
            changeFile(of: job.id, .jobRemoved(job.id), losesSchedule: true)
        case .inError(let name):
            guard let job = jobs[name] else { return }
            life?.tell(.jobInError(job.id))
        default: return
        }
        life?.tell(.jobsComplete)
    }

    /// What passed while the job was paused is accounted for before its schedule goes.
    private func changeFile(of job: JobID, _ event: Event, losesSchedule: Bool) {
        let passed = losesSchedule ? life?.lastPassed(job) : nil
        let before = model.ledger.last
        life?.tell(event)
        guard let passed, !model.hasNoted(passed, of: job, after: before) else { return }
        model.fail(.occurrences, "\(job) passed \(passed.iso8601) paused, and its schedule goes without a note of that")
    }

    /// An orderly stop.
    func stop(_ patience: TimeSpan, downFor down: TimeSpan) {
        guard let stopping = life else { return }
        downFor = down
        stopping.drain()
        pass(to: clock.boot + patience)
        guard life === stopping else { return }
        if !stopping.hasDrained { stopping.tell(.drainNow) }
        pass(to: clock.boot + .seconds(60))
        guard life === stopping, !model.isOver else { return }
        if !stopping.hasDrained { model.fail(.idle, "the drain did not end") }
        let synced = model.ledger.synced
        stopping.history.close()
        // Who has read meanwhile need not have seen what a disk that refused took at the last moment.
        checkReadings(through: synced)
        if disk.isDown { return afterStep() }
        bury(nil)
    }

    /// A bit of some file turns over. What lies in the batch that it hits may be gone from now on.
    private func flip(_ seed: UInt64) {
        var luck = RandomSource(seed: seed)
        let names = ((try? disk.names()) ?? []).filter { SegmentName($0)?.range != nil }
        guard let name = names.randomElement(using: &luck), let file = disk.file(name), !file.isFlipped else {
            return
        }
        let map = BatchMap(file.bytes)
        // The headers have a copy, and both are not hit: that would cost the whole file.
        let first = Int(SegmentFormat.firstBatchOffset)
        guard map.end > first else { return }
        let offset = Int.random(in: first..<min(file.bytes.count, map.end + 64), using: &luck)
        file.flip(bit: Int(luck.next() & 7), at: offset)
        model.isDamaged = true
        for sequence in map.sequences(at: offset) {
            guard let entry = model.ledger.entry(sequence) else { continue }
            model.ledger.change(sequence) { $0.mayBeDamaged = true }
            model.taint(entry.record.header.job)
        }
        tell("bit flipped in \(name) at \(offset): \(map.sequences(at: offset))")
    }

    /// Nothing goes wrong any more: everything that waits comes to its end.
    func calmDown() {
        tell("all is well from here on")
        disk.heal()
        network.heal()
        (writeDelay, syncDelay) = (20...1_500, 500...9_000)
        startSoon()
        pass(to: clock.boot + .seconds(10))
        for job in jobsInOrder { life?.tell(.jobLoaded(job)) }
        if plan.seed.isMultiple(of: 2) { for job in jobsInOrder { life?.ask(.resume(job.id, by: "uid 0")) } }
        var isIdle = false
        for _ in 0..<120 where !isIdle {
            // No multiple of a schedule's: one that is due each 15 s would have a call in flight at every look.
            pass(to: clock.boot + .milliseconds(29_917))
            if model.isOver { return }
            isIdle = life?.isIdle ?? false
        }
        guard isIdle else { return model.fail(.idle, "an hour was not enough") }
        if let token = model.desk.unanswered { model.fail(.answered, "request \(token) has no answer") }
        stop(.minutes(2), downFor: .zero)
        guard !model.isOver else { return }
        if model.ledger.synced != model.ledger.last {
            model.fail(.idle, "it stopped at \(model.ledger.last) and has \(model.ledger.synced) on the disk")
        }
        start()
    }
}
