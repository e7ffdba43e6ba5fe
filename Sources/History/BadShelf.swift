/// Keeps damaged files as they were found: at most eight, and 64 MiB together; the oldest go first, and that is told.
struct BadShelf {
    private static let mostFiles = 8
    private static let mostBytes: UInt64 = 64 << 20
    private let storage: any Storage

    init(_ storage: any Storage) {
        self.storage = storage
    }

    /// Gives the file `name` a second name that says `original` was damaged. Gives what there is to tell.
    func keep(_ name: SegmentName, as original: SegmentName) throws(SystemError) -> [Damage] {
        var kept = try storage.names().compactMap { SegmentName($0) }.compactMap { name -> Kept? in
            guard case .bad(let of, let copy) = name else { return nil }
            return Kept(name: name, of: of, copy: copy)
        }.sorted { ($0.of, $0.copy) < ($1.of, $1.copy) }
        var findings: [Damage] = []
        let size = try storage.open(name.text).size()
        guard size <= Self.mostBytes else {
            let words = "damaged, and too long to be set aside as it is"
            return [Damage(file: "\(storage.path)/\(name.text)", range: 0..<size, words: words)]
        }
        var total = size
        for file in kept { total += try storage.open(file.name.text).size() }
        while kept.count >= Self.mostFiles || total > Self.mostBytes, let oldest = kept.first {
            let length = try storage.open(oldest.name.text).size()
            try storage.remove(oldest.name.text)
            total -= min(length, total)
            kept.removeFirst()
            let words = "removed to make room for the damaged \(name.text)"
            findings.append(Damage(file: "\(storage.path)/\(oldest.name.text)", range: 0..<length, words: words))
        }
        let copy = (kept.last { $0.of == original.text }?.copy).map { $0 + 1 } ?? 0
        let target = SegmentName.bad(of: original.text, copy: copy)
        try storage.link(name.text, to: target.text)
        try storage.sync()
        let words = "kept as it was found, for who wants to look"
        findings.append(Damage(file: "\(storage.path)/\(target.text)", range: 0..<size, words: words))
        return findings
    }

    private struct Kept {
        var name: SegmentName
        var of: String
        var copy: Int
    }
}

extension FileWindow {
    /// Whether the first `length` bytes of the file are zero.
    func isZero(upTo length: UInt64) throws(SystemError) -> Bool {
        var offset: UInt64 = 0
        while offset < length {
            let chunk = try bytes(at: offset, length: Int(min(length - offset, 256 << 10)))
            if chunk.isEmpty { break }
            if chunk.contains(where: { $0 != 0 }) { return false }
            offset += UInt64(chunk.count)
        }
        return true
    }
}
