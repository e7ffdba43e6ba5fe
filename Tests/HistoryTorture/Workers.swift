import Synchronization
import Threads

/// The same work on several threads.
enum Workers {
    private final class Results<Result: Sendable>: Sendable {
        let list = Mutex<[Result]>([])
    }

    /// Runs `body` for each number from 0 up to `count`, and gives what they gave, in no order.
    static func run<Result: Sendable>(
        _ count: Int, _ body: @escaping @Sendable (Int) -> Result
    ) throws(ThreadError) -> [Result] {
        let results = Results<Result>()
        var threads: [OSThread] = []
        for number in 1..<max(count, 1) {
            threads.append(
                try OSThread(name: "torture-\(number)") {
                    let result = body(number)
                    results.list.withLock { $0.append(result) }
                })
        }
        let own = body(0)
        for thread in threads { thread.join() }
        return results.list.withLock { $0 } + [own]
    }
}
