internal import CLinux
internal import Configuration
internal import CronCore
internal import History
internal import Synchronization
internal import Threads

/// The thread that makes the history smaller: when nothing else wants the processor or the disk, and resting as long as
/// it works. It also looks how much the history takes, since listing files and asking a file system can block.
final class Compactor: Sendable {
    enum Answer: Sendable {
        /// The history has reached a bound; in words.
        case tooLarge(String)
        case ended(CompactionOutcome)
    }

    /// What one compaction is to do.
    struct Order: Sendable {
        var files: JobScan.Memory
        var keepRemoved: TimeSpan
        var bounds: HistoryBounds
        /// The last segment that was final before the active one was asked to be sealed.
        var sealedBefore: UInt64
    }

    private enum Request: Sendable {
        case look(HistoryBounds)
        case compact(Order)
        case close
    }

    private let requests = Mailbox<Request>()
    private let answers = Mailbox<Answer>()
    private let stop = StopFlag()
    private let ended = Bell()

    /// `directory`: of the history that `history` writes.
    init(directory: String, segmentSize: UInt64, history: HistoryWriter) throws(ThreadError) {
        let (requests, answers, stop, ended) = (requests, answers, stop, ended)
        let thread = try OSThread(name: "compactor") {
            httpcron_be_idle()
            var desk = CompactorDesk(directory: directory, segmentSize: segmentSize, history: history, stop: stop)
            defer { ended.ring() }
            while true {
                for request in requests.wait() {
                    switch request {
                    case .look(let bounds):
                        if let words = desk.look(bounds) { answers.post(.tooLarge(words)) }
                    case .compact(let order): answers.post(.ended(desk.compact(order)))
                    case .close: return
                    }
                }
            }
        }
        thread.detach()
    }

    /// Rung when there are answers to take.
    var bell: Bell { answers.bell }

    func takeAnswers() -> [Answer] { answers.take() }

    /// Looks how much the history takes; `.tooLarge` follows if that is too much.
    func look(_ bounds: HistoryBounds) { requests.post(.look(bounds)) }

    /// Compacts; `.ended` follows.
    func compact(_ order: Order) { requests.post(.compact(order)) }

    /// Ends a compaction under way: it gives up at its next piece, leaving no trace. Does not wait for that.
    func giveUp() { stop.set() }

    /// Ends the thread, and waits for that, but for a disk that hangs no longer than 10 s. Whether it has ended: if not,
    /// the history must not be unlocked before the process ends.
    func close() -> Bool {
        stop.set()
        requests.post(.close)
        return ended.wait(milliseconds: 10_000)
    }
}

/// Says to a thread at work that it is to stop.
final class StopFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }

    func set() { flag.store(true, ordering: .relaxed) }
}

/// How a compaction ended.
struct CompactionOutcome: Sendable {
    enum Result: Sendable {
        case done(CompactionReport)
        case nothingToDo
        /// The daemon stops.
        case gaveUp
        case failed(HistoryError)
    }

    var result: Result
    var took: TimeSpan
    /// What the history still takes beyond what it may, in words.
    var excess: String?

    /// Failed, or given up.
    var hasFailed: Bool {
        switch result {
        case .done, .nothingToDo: false
        case .gaveUp, .failed: true
        }
    }
}
