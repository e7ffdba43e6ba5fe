internal import CronCore

/// How many calls start in each minute of a stretch of time: shows the herds.
struct Histogram: Equatable {
    /// The start of the first minute.
    let start: Timestamp
    private(set) var counts: [Int]

    /// Counts what starts in the `minutes` whole minutes that begin with the one of `from`; at most `limit` starts, so
    /// that ten thousand jobs of one second each do not take for ever.
    init(_ starts: ComingStarts, from: Timestamp, minutes: Int, limit: Int = 1_000_000) {
        start = Timestamp(seconds: from.seconds - (from.seconds % 60 + 60) % 60)
        counts = Array(repeating: 0, count: minutes)
        var starts = starts
        for _ in 0..<limit {
            guard let coming = starts.next() else { return }
            let minute = (coming.startsAt.seconds - start.seconds) / 60
            guard minute < minutes else { return }
            counts[Int(minute)] += 1
        }
    }

    var total: Int { counts.reduce(0, +) }

    /// The fullest minute, the earliest of equals; nil when nothing starts.
    var peak: (minute: Int, count: Int)? {
        guard let most = counts.max(), most > 0, let minute = counts.firstIndex(of: most) else { return nil }
        return (minute, most)
    }

    func moment(ofMinute minute: Int) -> Timestamp {
        start + .minutes(Int64(minute))
    }

    /// One character a minute, as tall as the minute is full: `▁ ▁█ ▁`.
    var sparkline: String {
        let bars = Array("▁▂▃▄▅▆▇█")
        guard let most = counts.max(), most > 0 else { return String(repeating: " ", count: counts.count) }
        return String(counts.map { $0 == 0 ? " " : bars[min(7, ($0 * 8 - 1) / most)] })
    }
}
