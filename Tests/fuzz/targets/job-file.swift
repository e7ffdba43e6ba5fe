@testable import CronCore

/// A job file from anybody: each diagnostic lies in the file, an error leaves no job, and a good one is due later than now.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzzJobFile(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: bytes, count: count))
    let lines = input.count { $0 == UInt8(ascii: "\n") } + 1
    let outcome = JobFile.parse(name: "fuzz", input) { name in
        name.utf8.count % 2 == 0 ? .found(.utc) : .unknown(suggestion: nil)
    }
    for diagnostic in outcome.diagnostics {
        if let line = diagnostic.line { precondition(line >= 1 && line <= lines) }
        precondition(!diagnostic.description.isEmpty)
    }
    let hasErrors = outcome.diagnostics.contains { $0.severity == .error }
    precondition((outcome.job == nil) == hasErrors)
    if let job = outcome.job {
        let now = Timestamp(seconds: 1_772_452_800)
        if let next = job.schedule.next(after: now) { precondition(next > now) }
        var document: [UInt8] = []
        job.appendDocument(JobFacts(isPaused: false), to: &document)
        precondition(JSONValidator.isValid(document))
        _ = job.schedule.inWords
    }
    _ = DaemonSettings.parse(input)
    return 0
}
