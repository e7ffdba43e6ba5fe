internal import Glibc

/// Keeps damaged files as they were found: at most eight, and 64 MiB together; the oldest go first, and that is told.
/// The newest is kept whatever its length, until the next one comes.
struct BadShelf {
    private static let mostFiles = 8
    private static let mostBytes: UInt64 = 64 << 20
    private let storage: any Storage

    init(_ storage: any Storage) {
        self.storage = storage
    }

    private struct Kept {
        var name: SegmentName
        var of: String
        /// The higher, the newer.
        var number: Int
        var file: any StorageFile
        var size: UInt64
    }

    /// Gives the file `name` a second name, durably, that says `original` was damaged. Gives what there is to tell.
    func keep(_ name: SegmentName, as original: SegmentName) throws(SystemError) -> [Damage] {
        let file = try storage.open(name.text)
        let size = try file.size()
        var kept = try kept()
        // A start that died, or found the disk full, after it had come this far has left the same file here.
        for other in kept where other.of == original.text && other.size == size {
            if try isSame(other.file, file, size) { return [told(other.name, size)] }
        }
        let number = kept.last.map { $0.number &+ 1 } ?? 0
        var findings: [Damage] = []
        var total = kept.reduce(size) { $0 &+ $1.size }
        while kept.count >= Self.mostFiles || total > Self.mostBytes, let oldest = kept.first {
            try storage.remove(oldest.name.text)
            total -= oldest.size
            kept.removeFirst()
            let words = "removed to make room for the damaged \(name.text)"
            findings.append(Damage(.notice, file: path(oldest.name), range: 0..<oldest.size, words: words))
        }
        let target = SegmentName.bad(of: original.text, copy: number)
        try storage.link(name.text, to: target.text)
        try storage.sync()
        return findings + [told(target, size)]
    }

    private func told(_ name: SegmentName, _ size: UInt64) -> Damage {
        Damage(.notice, file: path(name), range: 0..<size, words: "kept as it was found, for who wants to look")
    }

    /// Oldest first.
    private func kept() throws(SystemError) -> [Kept] {
        var kept: [Kept] = []
        for name in try storage.names().compactMap({ SegmentName($0) }) {
            guard case .bad(let of, let number) = name else { continue }
            let file = try storage.open(name.text)
            kept.append(Kept(name: name, of: of, number: number, file: file, size: try file.size()))
        }
        return kept.sorted { ($0.number, $0.of) < ($1.number, $1.of) }
    }

    private func isSame(_ one: any StorageFile, _ other: any StorageFile, _ size: UInt64) throws(SystemError) -> Bool {
        let (left, right) = (FileWindow(one, readAhead: 1 << 18), FileWindow(other, readAhead: 1 << 18))
        var offset: UInt64 = 0
        while offset < size {
            let length = Int(min(size - offset, 1 << 18))
            let (piece, same) = (
                try left.bytes(at: offset, length: length), try right.bytes(at: offset, length: length)
            )
            guard piece.count == length, same.count == length, let one = piece.baseAddress,
                let other = same.baseAddress,
                memcmp(one, other, length) == 0
            else { return false }
            offset += UInt64(length)
        }
        return true
    }

    private func path(_ name: SegmentName) -> String { "\(storage.path)/\(name.text)" }
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
