internal import CronCore
internal import Sockets
internal import Systemd
internal import Threads

/// Looks names up on a few threads of its own, since a resolver may block for many seconds and the loop may not at
/// all. Everything but the lookups themselves happens on the loop: threads are handed one name at a time.
///
/// A name is asked for once however many requests wait for it, and its addresses are kept for a minute. One dead name,
/// or twenty, must not hold up the others, so only names that answered quickly last time may use every thread; see
/// ``Lane``.
final class Resolver {
    /// How many of the threads a name may count on, by what it did last time.
    enum Lane: Int {
        /// It was slow, or the resolver failed.
        case slow = 12
        /// Never asked before.
        case unknown = 24
        /// It answered, and quickly.
        case good = 32
    }

    /// What is known of a name.
    private struct Known {
        var addresses: [String]
        var until: Instant
        var lane: Lane
    }

    private struct Question {
        var waiting: [AttemptKey]
        var askedAt: Instant
    }

    private final class Worker {
        let inbox = Mailbox<WorkerOrder>()
    }

    /// Addresses are used again for so long: libcurl's own default.
    private static let lifetime = TimeSpan.seconds(60)
    /// A lookup that takes longer puts its name in the slow lane.
    private static let slowness = TimeSpan.seconds(1)
    private static let maxKnown = 4_096
    /// Idle threads beyond these end.
    private static let spareWorkers = 2

    /// Called for every request that waited for the name.
    var answered: (HostName, LookupAnswer, [AttemptKey]) -> Void = { _, _, _ in }

    private let lookup: @Sendable (HostName) -> LookupAnswer
    private let answers = Mailbox<WorkerAnswer>()
    private var bell: EventSource?
    private var known: [HostName: Known] = [:]
    private var questions: [HostName: Question] = [:]
    /// Asked for, and waiting for a thread; oldest first, a queue for each lane.
    private var queues: [Lane: [HostName]] = [.good: [], .unknown: [], .slow: []]
    private var workers: [Int: Worker] = [:]
    private var idle: [Int] = []
    private var nextWorker = 0

    /// `lookup` runs on the threads. Dropping the resolver ends them, each after the name it is busy with.
    init(loop: EventLoop, lookup: @escaping @Sendable (HostName) -> LookupAnswer) throws(SystemdError) {
        self.lookup = lookup
        bell = try loop.onReadable(answers.bell.descriptor) { [unowned self] in takeAnswers() }
    }

    deinit {
        for worker in workers.values { worker.inbox.post(.end) }
    }

    /// The name's addresses if they were looked up within the last minute.
    func cached(_ name: HostName, now: Instant) -> [String]? {
        guard let entry = known[name], now < entry.until else { return nil }
        return entry.addresses
    }

    /// Asks for the name for `key`; `answered` follows, unless `forget` comes first.
    func ask(for name: HostName, key: AttemptKey, now: Instant) {
        if questions[name] != nil {
            questions[name]?.waiting.append(key)
            return
        }
        questions[name] = Question(waiting: [key], askedAt: now)
        queues[known[name]?.lane ?? .unknown, default: []].append(name)
        dispatch()
    }

    /// `key` waits no longer. The lookup goes on: the next request may want the answer.
    func forget(_ key: AttemptKey, name: HostName) {
        questions[name]?.waiting.removeAll { $0 == key }
    }

    private var busy: Int { workers.count - idle.count }

    /// Hands out names for as long as there is a thread that they may use.
    private func dispatch() {
        for lane in [Lane.good, .unknown, .slow] {
            while let name = queues[lane]?.first, busy < lane.rawValue {
                guard let worker = freeWorker() else {
                    // Not one thread could be started: nobody will ever answer.
                    if workers.isEmpty { refuseAll() }
                    return
                }
                queues[lane]?.removeFirst()
                questions[name]?.askedAt = BootClock.now
                workers[worker]?.inbox.post(.lookUp(name))
            }
        }
    }

    private func freeWorker() -> Int? {
        if let worker = idle.popLast() { return worker }
        let worker = Worker()
        let number = nextWorker
        let (inbox, answers, lookup) = (worker.inbox, answers, lookup)
        guard
            let thread = try? OSThread(
                name: "resolver",
                body: { serve(inbox: inbox, answers: answers, number: number, lookup: lookup) })
        else { return nil }
        thread.detach()
        nextWorker += 1
        workers[number] = worker
        return number
    }

    private func takeAnswers() {
        answers.bell.wait()
        while true {
            let batch = answers.take()
            guard !batch.isEmpty else { break }
            for answer in batch { settle(answer) }
        }
        dispatch()
        while idle.count > Self.spareWorkers {
            workers.removeValue(forKey: idle.removeFirst())?.inbox.post(.end)
        }
    }

    private func settle(_ done: WorkerAnswer) {
        idle.append(done.worker)
        guard let question = questions.removeValue(forKey: done.name) else { return }
        remember(done, took: BootClock.now - question.askedAt)
        answered(done.name, done.answer, question.waiting)
    }

    private func remember(_ done: WorkerAnswer, took: TimeSpan) {
        if known.count >= Self.maxKnown { known.removeAll() }
        let now = BootClock.now
        let lane: Lane = took > Self.slowness ? .slow : .good
        switch done.answer {
        case .addresses(let addresses):
            known[done.name] = Known(addresses: addresses, until: now + Self.lifetime, lane: lane)
        case .notFound:
            // An answer as any other, but not kept: the name may have been created meanwhile.
            known[done.name] = Known(addresses: [], until: now, lane: lane)
        case .failed:
            known[done.name] = Known(addresses: [], until: now, lane: .slow)
        }
    }

    private func refuseAll() {
        for lane in [Lane.good, .unknown, .slow] { queues[lane] = [] }
        let refused = questions
        questions = [:]
        for (name, question) in refused {
            answered(name, .failed("no thread could be started to look the name up"), question.waiting)
        }
    }
}

private enum WorkerOrder: Sendable {
    case lookUp(HostName)
    case end
}

private struct WorkerAnswer: Sendable {
    var worker: Int
    var name: HostName
    var answer: LookupAnswer
}

/// The body of a resolver thread.
@Sendable private func serve(
    inbox: Mailbox<WorkerOrder>, answers: Mailbox<WorkerAnswer>, number: Int,
    lookup: @Sendable (HostName) -> LookupAnswer
) {
    while true {
        for order in inbox.wait() {
            switch order {
            case .lookUp(let name):
                answers.post(WorkerAnswer(worker: number, name: name, answer: lookup(name)))
            case .end: return
            }
        }
    }
}
