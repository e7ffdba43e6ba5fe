internal import CronCore

/// Brings a history directory into order: after it every segment is sealed, but for a cover that was damaged, and none
/// stands for what another does. Carries out what ``Recovery`` decides.
final class DirectoryRecovery {
    private struct Candidate {
        var name: SegmentName
        var file: any StorageFile
        var header: SegmentHeader

        var kind: Recovery.Kind {
            switch name {
            case .raw: .raw
            case .cover: .cover
            default: .onItsWay
            }
        }
    }

    private let storage: any Storage
    private let settings: HistorySettings
    /// What the segments come across, now and when they are read later.
    let damage = DamageLog()
    private(set) var findings: [Damage] = []
    /// The numbers before it have been given out, by what any header says: also by one of a segment that goes because no
    /// batch of it is there, or on its way to its name. A cover takes what the headers say for what it stands for.
    private(set) var leastNextSequence: SequenceNumber = 1

    init(_ storage: any Storage, settings: HistorySettings) {
        self.storage = storage
        self.settings = settings
    }

    /// The segments, oldest first, and what there is to tell about what was done.
    func run() throws(HistoryError) -> (segments: [SegmentFile], findings: [Damage]) {
        let listing = try history { () throws(SystemError) in try DirectoryListing(storage, withUnfinished: true) }
        // Everything is looked at before anything is touched.
        try refuse(listing)
        let candidates = try history { () throws(SystemError) in
            try clear(listing)
            return try addThoseOnTheirWay(listing, to: try settleUnreadable(listing))
        }
        let headers = listing.segments.compactMap(\.reading.header) + candidates.map(\.header)
        leastNextSequence = headers.map(\.firstSequence).max() ?? 1
        let found = try open(candidates)
        SegmentChain.check(found, damage)
        let segments = try settle(candidates, found)
        // Whatever was changed here, or by an opening before this one whose sync failed: what is removed stays away.
        try history { () throws(SystemError) in try storage.sync() }
        return (segments, findings)
    }

    /// Rows 1 to 3.
    private func refuse(_ listing: DirectoryListing) throws(HistoryError) {
        if let newer = listing.newer { throw .newerVersion(file: newer.file, version: newer.version) }
        let newest = listing.segments.compactMap(\.reading.header).max { $0.hi < $1.hi }
        for segment in listing.segments {
            guard let header = segment.reading.header else { continue }
            var facts = Recovery.Facts(kind: header.isCover ? .cover : .raw, header: .good)
            facts.standing = segment.standing
            guard Recovery.decide(facts) != .refuse else {
                throw .overlap(file: listing.path(segment.name), other: segment.other?.text ?? "another cover")
            }
            facts.isForeign = header.history != newest?.history
            guard Recovery.decide(facts) != .refuse else { throw .otherHistory(file: listing.path(segment.name)) }
        }
        for file in listing.unfinished {
            guard let header = file.reading.header, let newest else { continue }
            var facts = Recovery.Facts(kind: file.kind, header: .good)
            facts.isForeign = header.history != newest.history
            guard Recovery.decide(facts) != .refuse else { throw .otherHistory(file: listing.path(file.name)) }
        }
    }

    /// Removes what is left over from a swap that a crash cut short: rows 4 and 5.
    private func clear(_ listing: DirectoryListing) throws(SystemError) {
        for file in listing.unfinished where file.kind == .temporary { try remove(file.name) }
        let superseded = listing.segments.filter { $0.standing == .superseded }
        // The cover's name may be in memory only, and must not come to the disk after the removals.
        if !superseded.isEmpty { try storage.sync() }
        for segment in superseded { try remove(segment.name) }
    }

    /// Segments that nothing can be read of, and those that others stand for: rows 8 to 11. Gives the others.
    private func settleUnreadable(_ listing: DirectoryListing) throws(SystemError) -> [Candidate] {
        var candidates: [Candidate] = []
        for segment in listing.segments where segment.standing != .superseded {
            let reading = segment.reading
            var facts = Recovery.Facts(kind: segment.name.isCover ? .cover : .raw, header: reading.fact)
            facts.standing = segment.standing
            let found = try listing.damage(of: segment)
            if reading == .zero { facts.tail = found == nil ? .zeros : .corrupt }
            switch Recovery.decide(facts) {
            case .setAside:
                if var found {
                    found.words += "; set aside"
                    findings.append(found)
                }
                try setAside(segment.name, as: segment.name)
                try remove(segment.name)
            case .leave:
                if let found { findings.append(found) }
            case .remove where reading == .zero: try remove(segment.name)
            case .refuse, .remove, .keep, .copy, .copyAndSetAside:
                guard let header = reading.header else { continue }
                candidates.append(Candidate(name: segment.name, file: segment.file, header: header))
            }
        }
        return candidates
    }

    /// Segments that had not got their name yet when the daemon died, if they follow on what is there: rows 6 and 7.
    private func addThoseOnTheirWay(
        _ listing: DirectoryListing, to candidates: [Candidate]
    ) throws(SystemError) -> [Candidate] {
        var all = candidates
        let onTheirWay = listing.unfinished.filter { $0.kind == .onItsWay }
        for file in onTheirWay where file.reading.header == nil { try remove(file.name) }
        let good = onTheirWay.compactMap { file in
            file.reading.header.map { Candidate(name: file.name, file: file.file, header: $0) }
        }
        for candidate in good.sorted(by: { $0.header.lo < $1.header.lo }) {
            var facts = Recovery.Facts(kind: .onItsWay, header: .good)
            facts.isNext = candidate.header.lo == (all.last?.header.hi ?? 0) + 1
            if facts.isNext, let last = all.last, try repeats(candidate, behind: last) { facts.isNext = false }
            if Recovery.decide(facts) == .remove {
                try remove(candidate.name)
            } else {
                all.append(candidate)
            }
        }
        return all
    }

    /// Whether the segment before `candidate` has the first of its records already, up to where `candidate` says that it
    /// ends: a power cut has brought back what was given up because the disk refused, and has been written again into that
    /// segment, or copied into that cover, since. Nothing of it was acknowledged.
    private func repeats(_ candidate: Candidate, behind last: Candidate) throws(SystemError) -> Bool {
        // What is wrong with either is told once it is settled which of them stay.
        let unheard = DamageLog()
        let segment = try segment(candidate, next: nil, damage: unheard)
        let first = try segment.checkedScan().index.firstSequence
        guard first > 0 else { return false }
        let before = try self.segment(last, next: segment, damage: unheard)
        // Not what the header or the footer of a cover says: it may go by numbers that were given out and written later.
        let repeats = before.entries().contains { $0.newestSequence >= first }
        // A disk that cannot read says nothing of what is there.
        if let refusal = unheard.refusal { throw refusal }
        return repeats
    }

    /// Newest first: what follows on a segment says where it ends. Gives them oldest first.
    private func open(_ candidates: [Candidate]) throws(HistoryError) -> [SegmentFile] {
        var files: [SegmentFile] = []
        let newest = candidates.last { $0.kind != .onItsWay }?.name
        for candidate in candidates.reversed() {
            files.append(
                try history { () throws(SystemError) in
                    let segment = try self.segment(candidate, next: files.last)
                    guard candidate.name == newest, case .raw = newest, segment.place != nil else { return segment }
                    return try settleFooter(of: segment, candidate)
                })
        }
        return files.reversed()
    }

    private func segment(
        _ candidate: Candidate, next: SegmentFile?, footerCounts: Bool = true, damage: DamageLog? = nil
    ) throws(SystemError) -> SegmentFile {
        try SegmentFile(
            name: candidate.name, directory: storage.path, file: candidate.file, header: candidate.header, next: next,
            damage: damage ?? self.damage, footerCounts: footerCounts)
    }

    /// The newest segment may have been sealed while the daemon or the system died: its footer is on the disk from here
    /// on, or if a part of it is not there, it is none.
    private func settleFooter(of segment: SegmentFile, _ candidate: Candidate) throws(SystemError) -> SegmentFile {
        guard segment.hasWholeFooter else {
            return try self.segment(candidate, next: segment.next, footerCounts: false)
        }
        try candidate.file.sync()
        return segment
    }

    /// Decides newest first, and carries out oldest first: rows 12 to 16. A segment on its way gets its name after those
    /// that it follows on, or a crash in between would leave it without them, and them not the next.
    private func settle(_ candidates: [Candidate], _ found: [SegmentFile]) throws(HistoryError) -> [SegmentFile] {
        var decisions: [Recovery.Decision] = []
        var isLast = true
        for (position, (candidate, segment)) in zip(candidates, found).enumerated().reversed() {
            var facts = Recovery.Facts(kind: candidate.kind, header: .good)
            facts.isNext = true
            facts.isLast = isLast
            facts.isOnly = position == 0 && isLast
            // One on its way may have its footer, but nobody waited for the disk to have it.
            facts.isSealed = segment.place != nil && facts.kind != .onItsWay
            if !facts.isSealed, facts.kind != .cover {
                let scan = try history { () throws(SystemError) in try segment.checkedScan() }
                facts.hasBatches = !scan.batches.isEmpty
                facts.tail = scan.bad.isEmpty ? .zeros : scan.bad.contains { scan.isCorrupt($0) } ? .corrupt : .torn
            }
            let decision = Recovery.decide(facts)
            if decision != .remove { isLast = false }
            decisions.append(decision)
        }
        return try carryOut(decisions.reversed(), found)
    }

    private func carryOut(
        _ decisions: [Recovery.Decision], _ found: [SegmentFile]
    ) throws(HistoryError) -> [SegmentFile] {
        var kept: [SegmentFile] = []
        for (decision, segment) in zip(decisions, found) {
            switch decision {
            case .keep: kept.append(segment)
            case .copy: kept.append(try copy(segment, keepingBad: false))
            case .copyAndSetAside: kept.append(try copy(segment, keepingBad: true))
            case .remove: try history { () throws(SystemError) in try remove(segment.name) }
            case .setAside, .refuse, .leave: continue
            }
        }
        return kept
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

    private func remove(_ name: SegmentName) throws(SystemError) {
        do throws(SystemError) { try storage.remove(name.text) } catch  where error.isMissing {}
    }

    private func setAside(_ name: SegmentName, as original: SegmentName) throws(SystemError) {
        let shelf = BadShelf(storage)
        findings += try shelf.keep(name, as: original)
    }
}

extension SegmentName {
    fileprivate var isCover: Bool { if case .cover = self { true } else { false } }
}

extension DirectoryListing.Unfinished {
    fileprivate var kind: Recovery.Kind {
        if case .temporary = name { .temporary } else { .onItsWay }
    }
}

extension SegmentHeaderReading {
    /// As the table has it.
    fileprivate var fact: Recovery.Header {
        switch self {
        case .good: .good
        case .bad, .misnamed: .bad
        case .zero: .zero
        case .newer: .newer
        }
    }
}
