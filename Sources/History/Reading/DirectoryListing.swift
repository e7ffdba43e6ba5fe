internal import CronCore

/// What lies in a history's directory, each segment opened and its header read, nothing touched: the one place that
/// says which files count. Recovery and every reader begin here.
struct DirectoryListing {
    /// A file under the final name of a segment.
    struct Segment {
        let name: SegmentName
        let range: ClosedRange<UInt64>
        let file: any StorageFile
        let reading: SegmentHeaderReading
        var standing = CoversRule.Standing.counts
        /// What stands for it, or was read in its stead.
        var other: SegmentName?
    }

    /// A file on its way to its name, or to being a cover.
    struct Unfinished {
        let name: SegmentName
        let file: any StorageFile
        let reading: SegmentHeaderReading
    }

    private let directory: String
    /// By first id; a wider file before one that it includes.
    private(set) var segments: [Segment] = []
    private(set) var unfinished: [Unfinished] = []

    /// Lists `storage`. A file that goes away meanwhile is an error that `isMissing`: list again. `withUnfinished`: not
    /// wanted by readers, beside whom they come and go.
    init(_ storage: any Storage, withUnfinished: Bool) throws(SystemError) {
        directory = storage.path
        var claims: [CoversRule.Claim] = []
        for name in try storage.names().compactMap({ SegmentName($0) }) {
            switch name {
            case .raw, .cover:
                guard let range = name.range else { continue }
                let file = try storage.open(name.text)
                let reading = try SegmentHeaderReading.of(file, named: name)
                segments.append(Segment(name: name, range: range, file: file, reading: reading))
                claims.append(try Self.claim(name, range, file, reading))
            case .spare, .new, .temporary:
                guard withUnfinished else { continue }
                let file = try storage.open(name.text)
                let reading = try SegmentHeaderReading.of(file, named: name)
                unfinished.append(Unfinished(name: name, file: file, reading: reading))
            case .bad: continue
            }
        }
        settle(claims)
    }

    private static func claim(
        _ name: SegmentName, _ range: ClosedRange<UInt64>, _ file: any StorageFile, _ reading: SegmentHeaderReading
    ) throws(SystemError) -> CoversRule.Claim {
        guard case .cover = name else {
            return .init(range: range, isCover: false, isGood: reading.header != nil, isSealed: false)
        }
        guard let header = reading.header else {
            return .init(range: range, isCover: true, isGood: false, isSealed: false)
        }
        let place = try FooterPlace(file, size: try file.size(), checksum: Checksum(salt: header.salt))
        return .init(range: range, isCover: true, isGood: true, isSealed: place != nil)
    }

    private mutating func settle(_ claims: [CoversRule.Claim]) {
        for (index, standing) in CoversRule.standings(claims).enumerated() { segments[index].standing = standing }
        segments.sort {
            $0.range.lowerBound != $1.range.lowerBound
                ? $0.range.lowerBound < $1.range.lowerBound : $0.range.upperBound > $1.range.upperBound
        }
        var read: Int?
        for index in segments.indices where segments[index].reading.header != nil {
            if segments[index].standing.isRead {
                read = index
            } else if segments[index].standing != .superseded, let read {
                segments[index].other = segments[read].name
                segments[read].other = segments[index].name
            }
        }
    }

    /// The segments to be read, oldest first, with their headers.
    var readable: [(segment: Segment, header: SegmentHeader)] {
        segments.compactMap { segment in
            guard segment.standing.isRead, let header = segment.reading.header else { return nil }
            return (segment, header)
        }
    }

    /// Whether the segments of `storage` still have the names that they had when it was listed.
    func isCurrent(in storage: any Storage) throws(SystemError) -> Bool {
        let names = try storage.names().compactMap { SegmentName($0) }.filter { $0.range != nil }
        return Set(names) == Set(segments.map(\.name))
    }

    /// The first file of a major version that this program does not know.
    var newer: (file: String, version: UInt16)? {
        for (name, reading) in segments.map({ ($0.name, $0.reading) }) + unfinished.map({ ($0.name, $0.reading) }) {
            if case .newer(let version) = reading { return (path(name), version) }
        }
        return nil
    }

    /// What is wrong with `segment` as a whole; nil: nothing is, or it is superseded.
    func damage(of segment: Segment) throws(SystemError) -> Damage? {
        guard segment.standing != .superseded else { return nil }
        let words: String
        switch (segment.reading, segment.standing) {
        case (.zero, _):
            let size = try segment.file.size()
            if try FileWindow(segment.file, readAhead: 256 << 10).isZero(upTo: size) { return nil }
            words = "corrupt: both copies of its header"
        case (.bad, _): words = "corrupt: both copies of its header"
        case (.misnamed(let header), _):
            words = "corrupt: its header is that of \(header.properName.text)"
        case (.newer, _), (.good, .counts), (.good, .superseded): return nil
        case (.good, .replaced):
            words = "corrupt: its footer; other files stand for all that it held, and are read in its stead"
        case (.good, .shadowed):
            words = "not read: \(segment.other?.text ?? "a cover"), whose footer is corrupt, stands for it and for more"
        case (.good, .conflicting):
            words = "overlaps \(segment.other?.text ?? "another cover"), and neither includes the other"
        case (.good, .conflictingUnread):
            words = "not read: it overlaps \(segment.other?.text ?? "a cover"), and neither includes the other"
        }
        return Damage(file: path(segment.name), range: 0..<(try segment.file.size()), words: words)
    }

    func path(_ name: SegmentName) -> String { "\(directory)/\(name.text)" }
}

extension SegmentHeader {
    /// The final name of a segment with this header.
    var properName: SegmentName { isCover ? .cover(lo, hi) : .raw(lo) }
}

extension SegmentHeaderReading {
    var header: SegmentHeader? {
        if case .good(let header) = self { header } else { nil }
    }
}
