extension Options {
    /// Works through every form of a segment, each worker with a share, and reports. `body`: one worker's share, by the
    /// worker's number; `isWhole`: nothing of this form may be left out.
    func sweep(
        _ name: String,
        _ body: @escaping @Sendable (_ fixture: Fixture, _ worker: Int, _ isWhole: Bool, _ tally: inout Tally) -> Void
    ) throws -> Int32 {
        var report = Report()
        for form in Fixture.Form.allCases {
            let fixture = try Fixture(form, seed: seed, segmentSize: isLong ? 256 << 10 : 16 << 10)
            let isWhole = isLong || form == .sealed || form == .active
            let tallies = try Workers.run(workers) { worker in
                var tally = Tally()
                body(fixture, worker, isWhole, &tally)
                return tally
            }
            report.add("\(name) \(form.rawValue), \(fixture.bytes.count) bytes", Tally.sum(tallies))
        }
        return report.end()
    }
}
