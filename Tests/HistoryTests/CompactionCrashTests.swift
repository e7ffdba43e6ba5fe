import CronCore
import Synchronization
import Testing

@testable import History

/// A compaction cut short, or refused, at each of its operations: the old history or the new one, never both, never
/// neither.
@Suite struct CompactionCrashTests {
    /// A history to compact, and what it reads as before and after.
    struct Case {
        let disk: FakeDisk
        let old: [Record]
        let new: [Record]
        let operations: Int

        init(seed: UInt64) throws {
            disk = try FakeDisk.lives(seed: seed, steps: 90, jobs: 3).disk
            old = try disk.records().records
            let copy = disk.copy()
            try copy.compact(keep: 2)
            new = try copy.records().records
            operations = copy.operations
        }

        /// A disk in the state `image`, opened as a start does: whether it is the old or the new history.
        func expectOldOrNew(_ image: FakeDisk, _ what: String) throws -> Bool {
            // A reader before the start sees the same as one after it.
            let read = try image.records()
            let recovered = try image.recoveredRecords()
            #expect(read.records == recovered.records, "\(what)")
            #expect(read.damage + recovered.findings == [], "\(what)")
            #expect(recovered.records == old || recovered.records == new, "\(what)")
            let names = try image.names()
            #expect(!names.contains { $0.hasSuffix(".tmp") }, "\(what)")
            let isNew = recovered.records == new
            #expect((names.count == 1) == isNew, "\(what): \(names)")
            #expect(try image.compact(keep: 2) != nil || isNew, "\(what)")
            #expect(try image.records().records == new, "\(what)")
            return isNew
        }
    }

    @Test func `the power may go, or the program die, at any operation`() throws {
        let history = try Case(seed: 21)
        #expect(history.old != history.new && history.operations > 10)
        var seen: Set<Bool> = []
        for cut in 1...(history.operations + 1) {
            let disk = history.disk.copy()
            disk.fail { $0 >= cut ? .error(5) : nil }
            // The program is dead from here on: what it would still do on the way out fails, too.
            _ = try? disk.compact(keep: 2)
            for keepingPages in [true, false] {
                let image = disk.afterPowerCut(keepingPages: keepingPages)
                seen.insert(try history.expectOldOrNew(image, "power, cut at \(cut)"))
            }
            let isNew = try history.expectOldOrNew(disk.copy(), "kill, cut at \(cut)")
            #expect(isNew == (cut > history.operations) || cut > 5)
        }
        #expect(seen == [true, false])
    }

    struct Refusal: CustomTestStringConvertible {
        let code: Int32
        let isSticky: Bool
        var testDescription: String { "errno \(code), \(isSticky ? "from then on" : "once")" }
    }

    @Test(arguments: [
        Refusal(code: 5, isSticky: false), Refusal(code: 5, isSticky: true), Refusal(code: 28, isSticky: false),
        Refusal(code: 28, isSticky: true),
    ])
    func `each operation may fail`(refusal: Refusal) throws {
        let history = try Case(seed: 22)
        for number in 1...history.operations {
            let disk = history.disk.copy()
            disk.fail { $0 == number || (refusal.isSticky && $0 > number) ? .error(refusal.code) : nil }
            let what = "operation \(number)"
            let result = Result { try disk.compact(keep: 2) }
            disk.fail { _ in nil }
            let (records, damage) = try disk.records()
            #expect(damage == [], "\(what)")
            switch result {
            case .success(let report):
                // Too late to matter: the cover stands, and what could not be removed is told.
                #expect(records == history.new, "\(what)")
                #expect(report?.damage.isEmpty == false || number == 1, "\(what)")
            case .failure(let error):
                // A disk that refuses everything keeps the name that its directory sync failed for.
                #expect(records == history.old || (refusal.isSticky && records == history.new), "\(what)")
                if refusal.code == 28 { #expect("\(error)".contains("MiB free"), "\(error)") }
                if !refusal.isSticky { #expect(!(try disk.names().contains { $0.hasSuffix(".tmp") }), "\(what)") }
            }
            _ = try history.expectOldOrNew(disk, what)
        }
    }

    @Test func `a write may stop half-way`() throws {
        let history = try Case(seed: 23)
        for number in 1...history.operations {
            let disk = history.disk.copy()
            disk.fail { $0 == number ? .short : nil }
            _ = try? disk.compact(keep: 2)
            disk.fail { _ in nil }
            _ = try history.expectOldOrNew(disk, "operation \(number)")
        }
    }

    @Test func `a compaction that is told to stop leaves no trace`() throws {
        let history = try Case(seed: 24)
        var pieces = 0
        let whole = history.disk.copy()
        #expect(
            try whole.compact(keep: 2) { _ in
                pieces += 1; return true
            } != nil)
        for stop in 1...max(1, pieces) {
            let disk = history.disk.copy()
            let names = try Set(disk.names())
            var told = 0
            let report = try disk.compact(keep: 2) { _ in
                told += 1
                return told < stop
            }
            #expect(report == nil)
            #expect(try Set(disk.names()) == names)
            #expect(try disk.records().records == history.old)
        }
    }

    @Test func `a cover that does not read back is not put in place`() throws {
        let history = try Case(seed: 25)
        let disk = history.disk.copy()
        var isDone = false
        let result = Result {
            try disk.compact(keep: 2) { _ in
                // The last piece: what was written is changed behind the writer's back.
                if let name = try? disk.names().first(where: { $0.hasSuffix(".tmp") }), !isDone {
                    isDone = disk.flip(name, at: 8_192 + 200)
                }
                return true
            }
        }
        #expect(throws: HistoryError.self) { try result.get() }
        #expect(try disk.records().records == history.old)
        #expect(!(try disk.names().contains { $0.hasSuffix(".tmp") }))
    }
}

extension FakeDisk {
    /// Changes a bit of a file in place. false: it is not that long.
    func flip(_ name: String, at offset: Int) -> Bool {
        state.withLock { $0.names[name] }?.flip(at: offset) ?? false
    }
}
