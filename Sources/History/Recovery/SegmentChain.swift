/// Holds what is there against what each header says of the segments before it: `Format.md`, section Recovery, *Chain*.
enum SegmentChain {
    /// Reports to `log` what is missing between `segments`, oldest first, and what is not the file that its successor was
    /// written after. true: no segment is missing.
    @discardableResult
    static func check(_ segments: [SegmentFile], _ log: DamageLog) -> Bool {
        var previous: SegmentFile?
        var isWhole = true
        for segment in segments {
            if let gap = gap(before: segment, after: previous) {
                log.add(gap)
                isWhole = false
            } else if let previous, segment.header.lo == previous.header.hi &+ 1 {
                compare(previous, with: segment, log)
            }
            previous = segment
        }
        return isWhole
    }

    /// Segments that are not there at all.
    private static func gap(before segment: SegmentFile, after previous: SegmentFile?) -> Damage? {
        let first = (previous?.header.hi ?? 0) &+ 1
        let last = segment.header.lo &- 1
        let end = segment.header.predecessor
        guard first <= last else { return nil }
        // One of which no batch counted is removed by a start, and no loss.
        if first == last, end.id == last, end.lastBatch == 0 { return nil }
        let more = first == last ? "" : " to \(SegmentName.raw(last).text)"
        return Damage(
            .missing, file: "\(segment.directory)/\(SegmentName.raw(first).text)",
            range: 0..<(first == last && end.id == last ? end.length : 0),
            words: "missing\(more), though \(segment.name.text) follows on it; its records are lost")
    }

    private static func compare(_ previous: SegmentFile, with segment: SegmentFile, _ log: DamageLog) {
        let said = segment.header.predecessor
        guard said.id == previous.header.hi else {
            log.add(
                Damage(
                    file: segment.path, range: SegmentFormat.predecessorRange,
                    words: "its header does not follow on \(previous.name.text), which is there"))
            return
        }
        do throws(SegmentFault) {
            guard let found = try previous.foundEnd(), found != said else { return }
            let begin = min(found.length, said.length)
            log.add(
                Damage(
                    file: previous.path, range: begin..<max(found.length, said.length, begin),
                    words: "not the file that \(segment.name.text) was written after: it ends with batch "
                        + "\(found.lastBatch), not with batch \(said.lastBatch) as it was then; one of them was replaced"
                ))
        } catch {
            previous.report(error, "footer")
        }
    }
}

extension SegmentFile {
    /// Where the chain stands behind this segment by what is in the file itself; nil: what is missing for that has been
    /// reported.
    fileprivate func foundEnd() throws(SegmentFault) -> SegmentEnd? {
        if header.isCover { return end }
        if let footerEnd = try footerEnd() { return footerEnd }
        let scan = scan()
        return scan.bad.isEmpty ? scan.end : nil
    }
}
