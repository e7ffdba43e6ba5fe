import CronCore
import History

/// What the readers make of a disk.
struct Reading {
    /// Oldest first.
    private(set) var records: [Record] = []
    private(set) var damage: [Damage] = []
    /// What is wrong with what one of the ways of reading gave, or what kept the history from being opened.
    private(set) var problem: String?

    /// Reads everything once, oldest first; `thoroughly`: newest first, and job by job both ways, too. Each of them must
    /// give what was written but for what `mayLack` says; they need not give the same, since a job's records have
    /// checksums of their own and are found one through the other, also where the batch around one is damaged.
    init(_ disk: MemoryDisk, _ judge: Judge, mayLack: (SequenceNumber) -> Bool, thoroughly: Bool) {
        do throws(HistoryError) {
            let snapshot = try HistorySnapshot.open(disk)
            records = Self.all(snapshot.oldestFirst(jobs: nil))
            problem = judge.problem(records, mayLack: mayLack)
            if thoroughly, problem == nil { problem = Self.problem(snapshot, judge, mayLack) }
            damage = snapshot.damage
        } catch {
            problem = "cannot be opened: \(error)"
        }
    }

    private static func problem(
        _ snapshot: HistorySnapshot, _ judge: Judge, _ mayLack: (SequenceNumber) -> Bool
    ) -> String? {
        if let problem = judge.problem(all(snapshot.newestFirst(jobs: nil)).reversed(), mayLack: mayLack) {
            return "newest first: \(problem)"
        }
        for (job, judge) in judge.byJob {
            if let problem = judge.problem(all(snapshot.newestFirst(jobs: [job])).reversed(), mayLack: mayLack) {
                return "job \(job), newest first: \(problem)"
            }
            if let problem = judge.problem(all(snapshot.oldestFirst(jobs: [job])), mayLack: mayLack) {
                return "job \(job), oldest first: \(problem)"
            }
        }
        let jobs = Set(judge.byJob.filter { $0.judge.truth.contains { !mayLack($0.header.sequence) } }.map(\.job))
        let named = Set(snapshot.jobs)
        return named.isSuperset(of: jobs) ? nil : "jobs \(named), and records of \(jobs)"
    }

    private static func all(_ cursor: RecordCursor) -> [Record] {
        var cursor = cursor
        var records: [Record] = []
        while let record = cursor.next() { records.append(record) }
        return records
    }
}

/// Holds what was found against what was written.
struct Judge {
    /// Oldest first, each with a number of its own.
    let truth: [Record]
    /// The same for each job by itself.
    let byJob: [(job: JobID, judge: Judge)]

    init(truth: [Record]) {
        self.init(truth: truth, jobs: Set(truth.map(\.header.job)))
    }

    private init(truth: [Record], jobs: Set<JobID>) {
        self.truth = truth
        byJob = jobs.map { job in
            (job, Judge(truth: truth.filter { $0.header.job == job }, jobs: []))
        }
    }

    /// What is wrong with `found`: everything in it must have been written, whole and in order, and what is lacking
    /// must be among `mayLack`. nil: nothing.
    func problem(_ found: [Record], mayLack: (SequenceNumber) -> Bool) -> String? {
        var place = 0
        for record in found {
            let number = record.header.sequence
            while place < truth.count, truth[place].header.sequence < number {
                let missing = truth[place].header.sequence
                if !mayLack(missing) { return "record \(missing) is lost" }
                place += 1
            }
            guard place < truth.count, truth[place].header.sequence == number else {
                let isKnown = truth.contains { $0.header.sequence == number }
                return "record \(number) \(isKnown ? "is out of order, or there twice" : "was never written")"
            }
            if truth[place] != record { return "record \(number) is not what was written" }
            place += 1
        }
        while place < truth.count {
            let missing = truth[place].header.sequence
            if !mayLack(missing) { return "record \(missing) is lost" }
            place += 1
        }
        return nil
    }
}

extension HistorySettings {
    /// The same numbers and moments every time.
    static func fixed(seed: UInt64, segmentSize: UInt64 = 16 << 10) -> HistorySettings {
        let source = SharedRandom(seed: seed)
        return HistorySettings(
            segmentSize: segmentSize, now: { Timestamp(seconds: 1_800_000_000) }, random: { source.next() })
    }
}
