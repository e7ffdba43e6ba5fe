internal import CronCore

/// What a reading of a whole history has found.
package struct Verification: Sendable {
    /// Damage, file by file; at most ten thousand.
    package var findings: [Damage] = []
    /// How many more there were.
    package var omitted = 0
    /// Damaged files that starts and compactions have set aside; no damage of the history as it is now.
    package var kept: [Damage] = []
    package var segments = 0
    package var batches: UInt64 = 0
    package var records: UInt64 = 0
    /// Bytes of segments that were read.
    package var bytes: UInt64 = 0
    /// Of how many execution ids one was held against the others; more than 1 in a history of very many.
    package var idStride: UInt64 = 1

    package var isDamaged: Bool { !findings.isEmpty }
}

/// Reads every byte of a history and tells what is not as it was written: `httpcron verify`. Takes no lock and changes
/// nothing; memory does not grow with the number of records, but for a bounded table of execution ids.
package enum HistoryVerifier {
    /// `pause`: called, a few times at most, where what was found may be a daemon in the midst of its work; it should
    /// wait some hundredths of a second.
    package static func run(directory: String, pause: () -> Void) throws(HistoryError) -> Verification {
        try run(try history { () throws(SystemError) in try PosixStorage(path: directory) }, pause: pause)
    }

    package static func run(_ storage: any Storage, pause: () -> Void) throws(HistoryError) -> Verification {
        var last = try read(storage)
        for _ in 0..<Self.mostTries where last.verification.isDamaged {
            // Beside a daemon segments come and go, and the end of the newest may be half-written.
            let isHalfWritten = last.verification.findings.contains { $0.kind == .torn }
            let hasMoved = try last.names != names(storage)
            guard isHalfWritten || hasMoved else { break }
            pause()
            let before = last.verification.findings
            last = try read(storage)
            if last.verification.findings == before { break }
        }
        return last.verification
    }

    private static let mostTries = 5

    private static func read(
        _ storage: any Storage
    ) throws(HistoryError) -> (verification: Verification, names: Set<String>) {
        let names = try names(storage)
        let snapshot = try HistorySnapshot.open(storage)
        var result = Verification()
        result.kept = try history { () throws(SystemError) in try kept(storage) }
        let order = SequenceOrder(snapshot.log)
        let ids = FingerprintSet()
        for segment in snapshot.segments {
            if segment.header.history != snapshot.historyID {
                snapshot.log.add(
                    Damage(
                        file: segment.path, range: SegmentFormat.historyRange,
                        words: "belongs to another history than the newest segment"))
            }
            let check = SegmentCheck(segment, log: snapshot.log, order: order, ids: ids)
            check.run()
            result.segments += 1
            result.batches += check.batchCount
            result.records += check.recordCount
            result.bytes += check.byteCount
        }
        order.finish()
        result.idStride = ids.stride
        result.findings = snapshot.log.found.filter { $0.kind != .notice }
        result.omitted = snapshot.log.omitted
        return (result, names)
    }

    private static func names(_ storage: any Storage) throws(HistoryError) -> Set<String> {
        Set(try history { () throws(SystemError) in try storage.names() }.filter { SegmentName($0)?.range != nil })
    }

    private static func kept(_ storage: any Storage) throws(SystemError) -> [Damage] {
        var kept: [Damage] = []
        for name in try storage.names().sorted() {
            guard case .bad? = SegmentName(name) else { continue }
            do throws(SystemError) {
                let words = "damaged, and kept as it was found"
                let size = try storage.open(name).size()
                kept.append(Damage(.notice, file: "\(storage.path)/\(name)", range: 0..<size, words: words))
            } catch  where error.isMissing {}
        }
        return kept
    }
}
