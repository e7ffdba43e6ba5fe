import CronCore
import History

/// A segment cut off at each length.
struct Truncations {
    let options: Options

    func run() throws -> Int32 {
        var report = Report()
        let isLong = options.isLong
        for form in Fixture.Form.allCases {
            let size: UInt64 = isLong ? 256 << 10 : 16 << 10
            let fixture = try Fixture(form, seed: options.seed, segmentSize: size)
            let workers = options.workers
            let tallies = try Workers.run(workers) { number in
                var tally = Tally()
                let judge = Judge(truth: fixture.truth)
                let step = isLong || form == .sealed || form == .active ? 1 : 5
                for length in stride(from: number * step, to: fixture.bytes.count, by: workers * step) {
                    let cut = Case(fixture, Array(fixture.bytes[..<length]))
                    if cut.isDamage { tally.add("length \(length)", cut.problem(judge, &tally)) }
                }
                return tally
            }
            report.add("truncations \(form.rawValue), \(fixture.bytes.count) bytes", Tally.sum(tallies))
        }
        return report.end()
    }
}
