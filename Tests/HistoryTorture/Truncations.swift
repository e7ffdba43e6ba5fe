import CronCore
import History

/// A segment cut off at each length.
struct Truncations {
    let options: Options

    func run() throws -> Int32 {
        let workers = options.workers
        return try options.sweep("truncations") { fixture, worker, isWhole, tally in
            let judge = Judge(truth: fixture.truth)
            let step = isWhole ? 1 : 5
            for length in stride(from: worker * step, to: fixture.bytes.count, by: workers * step) {
                let cut = Case(fixture, Array(fixture.bytes[..<length]))
                if cut.isDamage { tally.add("length \(length)", cut.problem(judge, &tally)) }
            }
        }
    }
}
