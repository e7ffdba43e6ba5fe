import CronCore
import Glibc

@testable import History

/// A segment from a damaged disk, or from somebody who can make its checksums good: it is read, started on and
/// compacted without a trap, and of what is found whole nothing changes.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzzSegment(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard let world = SegmentWorld.made,
        let hostile = HostileSegment(UnsafeBufferPointer(start: bytes, count: count), in: world)
    else { return -1 }
    let disk = hostile.disk
    let before = SegmentSurvey(disk, thoroughly: true)
    let contents = disk.contents
    guard let restored = start(disk) else {
        hold(disk.contents == contents, "what is refused is not touched")
        return 0
    }
    let started = restart(disk, restored)
    if let before, before.isWhole, hostile.isSettled {
        hold(started.isWhole && started.records == before.records, "a start changes nothing of what is whole")
    }
    if let before, before.isOnlyShort, hostile.isSettled {
        hold(before.records.allSatisfy { started.records.contains($0) }, "a start loses nothing that can be read")
    }
    compact(disk, hostile, started)
    guard let again = start(disk) else {
        hold(false, "a compaction leaves what is accepted")
        return 0
    }
    let compacted = restart(disk, again)
    guard started.isWhole else { return 0 }
    hold(compacted.isWhole, "a compaction of what is whole leaves what is whole")
    hold(compacted.records.allSatisfy { started.records.contains($0) }, "a compaction invents nothing")
    hold(again.jobs == restored.jobs, "a start restores the same behind a compaction: \(restored), then \(again)")
    hold(again.nextSequence > compacted.records.last?.header.sequence ?? 0, "no number is given twice")
    return 0
}

/// With `seeds` it prints what a fuzzer begins with, a line each, and ends.
@_cdecl("LLVMFuzzerInitialize")
func initializeFuzzer(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>
) -> CInt {
    guard let world = SegmentWorld.made else { preconditionFailure("no segments to begin with") }
    guard count.pointee == 2, let word = arguments.pointee[1], String(cString: word) == "seeds" else { return 0 }
    for seed in world.seeds { print(seed.map { String(0x100 + Int($0), radix: 16).dropFirst() }.joined()) }
    exit(0)
}

/// nil: it is refused.
private func start(_ disk: MemoryDisk) -> RestoredHistory? {
    do throws(HistoryError) {
        return try HistoryStore.prepare(disk, settings: .fixed(seed: 9)).restored
    } catch {
        switch error {
        case .newerVersion, .otherHistory, .overlap: break
        default: hold(false, "a start refuses, or goes on: \(error)")
        }
        return nil
    }
}

/// A start has nothing left to do behind another one.
private func restart(_ disk: MemoryDisk, _ first: RestoredHistory) -> SegmentSurvey {
    let changes = disk.changes
    let second = start(disk)
    hold(disk.changes == changes, "a second start finds nothing to do")
    hold(second?.jobs == first.jobs, "a second start restores the same: \(first), then \(String(describing: second))")
    // It may know less: the header of an empty segment goes with it.
    hold(second?.nextSequence ?? .max <= first.nextSequence, "a start knows all that a second one does")
    guard let survey = SegmentSurvey(disk) else { preconditionFailure("a start leaves what no reader takes") }
    return survey
}

private func compact(_ disk: MemoryDisk, _ hostile: HostileSegment, _ survey: SegmentSurvey) {
    let jobs = Dictionary(uniqueKeysWithValues: survey.jobs.map { ($0, hostile.retention) })
    let rules = RetentionRules(jobs: jobs, keepRemoved: .days(90))
    let order = CompactionOrder(rules: rules, maxUse: hostile.maxUse)
    do throws(HistoryError) {
        _ = try Compaction.run(disk, settings: .fixed(seed: 10), order: order) { _ in true }
    } catch {
        hold(false, "a compaction comes to an end: \(error)")
    }
}
