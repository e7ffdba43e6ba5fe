internal import CronCore

/// Brings a history directory into order: after it every segment is sealed, and none stands for what another does.
final class DirectoryRecovery {
    private struct Candidate {
        var name: SegmentName
        var file: any StorageFile
        var header: SegmentHeader
    }

    private let storage: any Storage
    private let settings: HistorySettings
    private let damage = DamageLog()
    private var findings: [Damage] = []
    private var hasChanged = false

    init(_ storage: any Storage, settings: HistorySettings) {
        self.storage = storage
        self.settings = settings
    }

    /// The segments, oldest first, and what there is to tell about them.
    func run() throws(HistoryError) -> (segments: [SegmentFile], findings: [Damage]) {
        let names = try history { () throws(SystemError) in try storage.names() }.compactMap { SegmentName($0) }
        let files = names.filter { $0.range != nil }
        // Everything is looked at before anything is touched.
        var good: [Candidate] = []
        var unreadable: [(name: SegmentName, reading: SegmentHeaderReading)] = []
        for name in files {
            let file = try history { () throws(SystemError) in try storage.open(name.text) }
            switch try history({ () throws(SystemError) in try SegmentHeaderReading.of(file) }) {
            case .good(let header): good.append(Candidate(name: name, file: file, header: header))
            case .newer(let version): throw .newerVersion(file: path(name), version: version)
            case .zero: unreadable.append((name, .zero))
            case .bad: unreadable.append((name, .bad))
            }
        }
        good = try refusingForeign(good).filter { !isSuperseded($0.name, by: files) }
        try history { () throws(SystemError) in
            try clear(names)
            for (name, reading) in unreadable where !isSuperseded(name, by: files) { try settle(name, reading) }
            good.sort { $0.header.lo < $1.header.lo }
            try addThoseOnTheirWay(names, to: &good)
        }
        let segments = try settle(good)
        if hasChanged { try history { () throws(SystemError) in try storage.sync() } }
        noteGaps(segments)
        return (segments, findings + damage.found)
    }

    private func refusingForeign(_ candidates: [Candidate]) throws(HistoryError) -> [Candidate] {
        let newest = candidates.max { $0.header.hi < $1.header.hi }
        for candidate in candidates {
            var facts = Recovery.Facts(kind: .segment, header: .good)
            facts.isForeign = candidate.header.history != newest?.header.history
            if Recovery.decide(facts) == .refuse { throw .otherHistory(file: path(candidate.name)) }
        }
        return candidates
    }

    private func isSuperseded(_ name: SegmentName, by files: [SegmentName]) -> Bool {
        files.contains { name.isSuperseded(by: $0) }
    }

    /// Removes what is left over from a swap that a crash cut short.
    private func clear(_ names: [SegmentName]) throws(SystemError) {
        for name in names {
            if case .temporary = name { try remove(name) }
            if isSuperseded(name, by: names) { try remove(name) }
        }
    }

    /// A segment whose header says nothing.
    private func settle(_ name: SegmentName, _ reading: SegmentHeaderReading) throws(SystemError) {
        let file = try storage.open(name.text)
        var facts = Recovery.Facts(kind: .segment, header: reading == .zero ? .zero : .bad)
        let size = try file.size()
        let isZero = try FileWindow(file, readAhead: 256 << 10).isZero(upTo: size)
        facts.tail = isZero ? .zeros : .corrupt
        if Recovery.decide(facts) == .setAside {
            try setAside(name, as: name)
            findings.append(
                Damage(file: path(name), range: 0..<size, words: "corrupt: both copies of its header; set aside"))
        }
        try remove(name)
    }

    /// Segments that had not got their name yet when the daemon died, if they follow on what is there.
    private func addThoseOnTheirWay(_ names: [SegmentName], to candidates: inout [Candidate]) throws(SystemError) {
        var onTheirWay: [Candidate] = []
        for name in names {
            switch name {
            case .spare, .new: break
            default: continue
            }
            let file = try storage.open(name.text)
            if case .good(let header) = try SegmentHeaderReading.of(file) {
                onTheirWay.append(Candidate(name: name, file: file, header: header))
            } else {
                try remove(name)
            }
        }
        for candidate in onTheirWay.sorted(by: { $0.header.lo < $1.header.lo }) {
            var facts = Recovery.Facts(kind: .onItsWay, header: .good)
            facts.isNext = candidate.header.lo == (candidates.last?.header.hi ?? 0) + 1
            facts.isForeign = candidates.last.map { $0.header.history != candidate.header.history } ?? false
            if Recovery.decide(facts) == .remove {
                try remove(candidate.name)
            } else {
                candidates.append(candidate)
            }
        }
    }

    /// Decides and carries out, newest first: what follows on a segment says where it ends.
    private func settle(_ candidates: [Candidate]) throws(HistoryError) -> [SegmentFile] {
        var kept: [SegmentFile] = []
        var next: SegmentFile?
        for (position, candidate) in candidates.enumerated().reversed() {
            let segment = try history { () throws(SystemError) in
                try SegmentFile(
                    name: candidate.name, directory: storage.path, file: candidate.file, header: candidate.header,
                    next: next, damage: damage)
            }
            next = segment
            var facts = Recovery.Facts(kind: candidate.name.range == nil ? .onItsWay : .segment, header: .good)
            facts.isNext = true
            facts.isLast = kept.isEmpty
            facts.isOnly = position == 0 && kept.isEmpty
            // One on its way may have its footer, but nobody waited for the disk to have it.
            facts.isSealed = segment.place != nil && facts.kind == .segment
            if !facts.isSealed {
                let scan = segment.scan()
                facts.hasBatches = !scan.batches.isEmpty
                facts.tail = scan.bad.isEmpty ? .zeros : scan.bad.contains { scan.isCorrupt($0) } ? .corrupt : .torn
            }
            switch Recovery.decide(facts) {
            case .keep: kept.append(segment)
            case .copy: kept.append(try copy(segment, keepingBad: false))
            case .copyAndSetAside: kept.append(try copy(segment, keepingBad: true))
            case .remove, .setAside, .refuse: try history { () throws(SystemError) in try remove(candidate.name) }
            }
        }
        return kept.reversed()
    }

    /// Puts a sealed copy of the good batches in the place of an unsealed segment.
    private func copy(_ segment: SegmentFile, keepingBad: Bool) throws(HistoryError) -> SegmentFile {
        let copy = SegmentCopy(of: segment, in: storage, end: segment.end, salt: settings.random())
        try history { () throws(SystemError) in
            if keepingBad { try setAside(segment.name, as: .raw(segment.header.lo)) }
            try copy.write()
        }
        guard try history({ () throws(SystemError) in try copy.verify() }) else {
            throw .copyDiffers(file: "\(storage.path)/\(copy.temporary)")
        }
        return try history { () throws(SystemError) in
            try copy.commit()
            try copy.dropOriginal()
            let file = try storage.open(copy.target.text)
            return try SegmentFile(
                name: copy.target, directory: storage.path, file: file, header: copy.header, next: segment.next,
                damage: damage)
        }
    }

    private func noteGaps(_ segments: [SegmentFile]) {
        var expected: UInt64 = 1
        for segment in segments {
            let name = segment.name
            let end = segment.header.predecessor
            let wasEmpty = end.id == expected && end.id == segment.header.lo - 1 && end.lastBatch == 0
            if segment.header.lo > expected, !wasEmpty {
                let gap = expected == segment.header.lo - 1 ? "" : " to \(SegmentName.raw(segment.header.lo - 1).text)"
                findings.append(
                    Damage(
                        file: path(.raw(expected)), range: 0..<0,
                        words: "missing\(gap), though \(name.text) follows on it; its records are lost"))
            }
            expected = segment.header.hi + 1
        }
    }

    private func remove(_ name: SegmentName) throws(SystemError) {
        do throws(SystemError) { try storage.remove(name.text) } catch  where error.isMissing {}
        hasChanged = true
    }

    private func setAside(_ name: SegmentName, as original: SegmentName) throws(SystemError) {
        let shelf = BadShelf(storage)
        findings += try shelf.keep(name, as: original)
        hasChanged = true
    }

    private func path(_ name: SegmentName) -> String { "\(storage.path)/\(name.text)" }
}
