internal import CronCore

/// Finds the executions that triggered runs which are still open: a start looks for them.
enum OpenCauses {
    /// By the jobs that they are of.
    static func find(
        _ inputs: [CompactionInput], _ walk: JobWalk, _ meter: IOMeter
    ) throws(CompactionFault) -> [JobID: Set<ExecutionID>] {
        var causes: [JobID: Set<ExecutionID>] = [:]
        // Only what the newest segment with a job says of it counts.
        var known: Set<UInt64> = []
        for number in inputs.indices.reversed() {
            let open = try inputs[number].jobsWithOpenRuns(number) { known.insert($0).inserted }
            try meter.spend((inputs[number].source.place?.entryCount ?? 0) * SegmentFormat.entryLength)
            for (job, count) in open {
                for cause in try runs(of: job, expecting: count, inputs[...number], walk).compactMap(\.cause) {
                    causes[cause.job, default: []].insert(cause.execution)
                }
            }
        }
        return causes
    }

    /// The open runs of a job, as a start finds them.
    private static func runs(
        of job: JobID, expecting count: UInt32, _ inputs: ArraySlice<CompactionInput>, _ walk: JobWalk
    ) throws(CompactionFault) -> [Run] {
        var runs = OpenRuns(expecting: count)
        var read = 0
        for number in inputs.indices.reversed() {
            guard let entry = try inputs[number].entry(of: job, number) else { continue }
            let piece = [FooterMerge.Piece(input: number, entry: entry)]
            var place = JobWalk.Place(piece: 0, offset: 0)
            while !runs.isComplete, read < OpenRuns.longestSearch,
                let view = try walk.next(&place, of: piece, skips: { _ in false })?.view
            {
                guard let record = view.record(job: job) else { continue }
                runs.add(record)
                read += 1
            }
            if runs.isComplete || read >= OpenRuns.longestSearch { break }
        }
        return runs.oldestFirst.map(\.run)
    }
}
