internal import CronCore

/// Attempts that may leave, in the order the engine gave them. First in, first out, with removal by key.
struct SendLine {
    /// Starting all of a herd in one turn delays its first arrivals (36 ms against 1 to 3), and hastens none; a turn
    /// for each call would cost more than the call.
    static let startsPerTurn = 16

    private var attempts: [Attempt?] = []
    private var head = 0
    /// How many of `attempts` are still to go.
    private var count = 0

    var isEmpty: Bool { count == 0 }

    mutating func append(_ attempt: Attempt) {
        attempts.append(attempt)
        count += 1
    }

    mutating func popFirst() -> Attempt? {
        while head < attempts.count {
            let attempt = attempts[head]
            attempts[head] = nil
            head += 1
            guard let attempt else { continue }
            count -= 1
            reclaim()
            return attempt
        }
        return nil
    }

    /// A line that never empties must not grow for ever.
    private mutating func reclaim() {
        guard count == 0 || (head >= 1_024 && head * 2 >= attempts.count) else { return }
        attempts.removeFirst(head)
        head = 0
        if count == 0 { attempts.removeAll(keepingCapacity: true) }
    }

    /// Whether it was waiting here. Linear, and only a cancelled drain asks.
    mutating func remove(_ key: AttemptKey) -> Bool {
        guard let index = attempts.firstIndex(where: { $0?.key == key }) else { return false }
        attempts[index] = nil
        count -= 1
        return true
    }
}
