import CronCore
import Testing

/// Which records a compaction keeps, told newest first.
@Suite struct RetentionSelectorTests {
    static let now = Timestamp(seconds: 1_000_000)

    /// A record in a word: `e` a success, `f` a failure, `r` a failure with a retry to come, `s` a start, `n` a note,
    /// `p` pending, `b` accounting began, `a` absent, `?` unknown; then the number of its run, if it has one.
    struct History {
        var traits: [RecordTraits] = []

        /// Oldest first.
        init(_ words: String) {
            for word in words.split(separator: " ") {
                let run = Int(word.dropFirst()).map { RunID(UUID(high: UInt64($0), low: 1)) }
                let sequence = SequenceNumber(traits.count + 1)
                let kind: RecordTraits.Kind =
                    switch word.first {
                    case "e", "f", "r": .execution
                    case "s": .start
                    case "n": .note
                    case "p": .pending
                    case "b": .state(1)
                    case "a": .state(2)
                    default: .unknown
                    }
                var record = RecordTraits(
                    kind: kind, sequence: sequence, at: Timestamp(seconds: 1_000_000 - 100 + Int64(sequence)), run: run)
                record.hasFailed = word.first == "f" || word.first == "r"
                record.awaitsRetry = word.first == "r"
                // The attempt of a run that has this many executions already.
                let earlier = traits.filter { $0.run == run && $0.kind == .execution }.count
                record.attempt = earlier + 1
                if kind == .start || kind == .execution, let run {
                    record.execution = ExecutionID(UUID(high: run.value.high, low: UInt64(earlier)))
                }
                traits.append(record)
            }
        }

        /// The `seq` of what is kept, oldest first.
        func kept(
            _ retention: Retention, openRuns: UInt32 = 0, causes: Set<ExecutionID> = [], ifRoom: Bool = true
        ) -> [Int] {
            var selector = RetentionSelector(retention, openRuns: openRuns, now: now, causes: causes)
            return traits.reversed().filter {
                let verdict = selector.decide($0)
                return verdict == .keep || (ifRoom && verdict == .keepIfRoom)
            }.map { Int($0.sequence) }.reversed()
        }
    }

    struct Row: CustomTestStringConvertible {
        var words: String
        var retention = Retention(keep: 2)
        var openRuns: UInt32 = 0
        var kept: [Int]
        var testDescription: String { words }
    }

    @Test(arguments: [
        // Starts with an end go; the newest executions stay.
        Row(words: "s1 e1 s2 e2 s3 e3", kept: [4, 6]),
        // The newest record stays, whatever it is, and the newest execution even at Keep=0.
        Row(words: "e1 e2 p3", retention: Retention(keep: 0), kept: [2, 3]),
        Row(words: "s1 e1 s2", retention: Retention(keep: 0), kept: [2, 3]),
        // A start without an end, for as long as the end would stay.
        Row(words: "s1 s2 e2 s3 e3", kept: [3, 5]),
        Row(words: "s2 e2 s1 s3 e3", kept: [2, 3, 5]),
        // Notes, unknown kinds and executions are counted each by themselves.
        Row(words: "n n n ? ? ? e1 e2 e3", kept: [2, 3, 5, 6, 8, 9]),
        // Of states the newest of each kind; a pending one only if its run is open.
        Row(words: "b a b a p1 e1 e2", kept: [3, 4, 6, 7]),
        Row(words: "p1 e2 e3 e4 e5", openRuns: 1, kept: [1, 4, 5]),
        // The record that leaves a run open, and none before it.
        Row(words: "s1 r1 e2 e3 e4", openRuns: 1, kept: [2, 4, 5]),
        Row(words: "s1 r1 s1 e2 e3 e4", openRuns: 1, kept: [3, 5, 6]),
        Row(words: "s1 e2 e3 e4", openRuns: 1, kept: [1, 3, 4]),
        // While an open run is searched, what ended another one after its first attempt stays: its failure looks open.
        Row(
            words: "s9 r1 e1 e2 e3", retention: Retention(keep: 1, keepFailures: 5), openRuns: 1,
            kept: [1, 2, 3, 5]),
        Row(words: "s9 r1 n1 e2 e3 n n n", retention: Retention(keep: 3), openRuns: 1, kept: [1, 2, 3, 4, 5, 6, 7, 8]),
        Row(words: "r1 e1 e2 e3", retention: Retention(keep: 1, keepFailures: 5), kept: [1, 4]),
        // Failures beyond the newest executions, and what is young.
        Row(words: "f1 f2 f3 e4 f5 e6", retention: Retention(keep: 2, keepFailures: 2), kept: [2, 3, 5, 6]),
        Row(words: "e1 e2 e3 e4", retention: Retention(keep: 1, keepFor: .seconds(98)), kept: [3, 4]),
        Row(
            words: "f1 e2 f3 e4 e5", retention: Retention(keep: 1, keepFor: .seconds(97), keepFailures: 1),
            kept: [3, 4, 5]),
    ])
    func `each rule keeps what it says`(row: Row) {
        #expect(History(row.words).kept(row.retention, openRuns: row.openRuns) == row.kept)
    }

    @Test func `what triggered an open run stays`() {
        let history = History("e1 e2 e3 e4 e5")
        let cause = ExecutionID(UUID(high: 2, low: 0))
        #expect(history.kept(Retention(keep: 1), causes: [cause]) == [2, 5])
    }

    @Test func `without room only what a start needs stays, and what is no execution`() {
        let history = History("n b s9 r1 e1 e2 e3")
        #expect(history.kept(Retention(keep: 100), openRuns: 1, ifRoom: false) == [1, 2, 3, 5, 7])
    }

    @Test func `it says when nothing older can be kept`() {
        var selector = RetentionSelector(Retention(keep: 2, keepFailures: 1), openRuns: 0, now: Self.now)
        #expect(selector.mayKeep(records: 1, executions: 0, failures: 0, others: 0))
        for traits in History("e1 e2").traits { _ = selector.decide(traits) }
        #expect(!selector.mayKeep(records: 9, executions: 5, failures: 0, others: 0))
        #expect(selector.mayKeep(records: 9, executions: 5, failures: 1, others: 0))
        #expect(selector.mayKeep(records: 9, executions: 5, failures: 0, others: 1))
        #expect(selector.mayKeep(records: 9, executions: 5, failures: 0, others: nil))
        var searching = RetentionSelector(Retention(keep: 0), openRuns: 1, now: Self.now)
        _ = searching.decide(History("e1").traits[0])
        #expect(searching.mayKeep(records: 1, executions: 0, failures: 0, others: 0))
    }

    @Test func `a removed job keeps its history for KeepRemoved`() {
        let rules = RetentionRules(jobs: [JobID("a"): Retention(keep: 7)], keepRemoved: .days(1))
        let old = Self.now - .days(2)
        func retention(_ job: String, _ newest: Timestamp, schedule: UInt64 = 0, openRuns: UInt32 = 0) -> Retention? {
            let account = Account(
                cursor: newest, epoch: 0, failuresInARow: 0, openRuns: openRuns, schedule: schedule, isPaused: true)
            return rules.retention(of: JobID(job), newest: newest, account: account, now: Self.now)
        }
        #expect(retention("a", old, schedule: 1) == Retention(keep: 7))
        #expect(retention("b", old) == nil)
        #expect(retention("b", Self.now - .hours(23)) == Retention())
        // Its file went while no daemon was there to say so.
        #expect(retention("b", old, schedule: 1) == Retention())
        // The end of its last run is in a newer segment, and says that the job is paused, but not why.
        #expect(retention("b", old, openRuns: 1) == Retention())
    }
}
