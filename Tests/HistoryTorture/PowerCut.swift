import CronCore

/// A disk at the moment of a power cut: what is on it for certain, and what may or may not have reached it.
///
/// The model is the weakest that file systems keep to: a sector of 512 bytes is written whole or not at all, and in any
/// order with every other; a file's length and each name go their own ways; `fdatasync` makes a file's bytes and its
/// length certain, and not its name; the sync of a directory makes its names certain, and not what is in the files.
struct PowerCut {
    private var files: [Int: CutFile] = [:]
    /// What names are certain, and what was done to names since.
    private var names: [String: Int] = [:]
    private var changes: [NameChange] = []

    fileprivate struct NameChange {
        var file: Int
        var old: String?
        var new: String?
    }

    /// Before the first of the recorded operations.
    init(_ recorder: Recorder) {
        for (name, file) in recorder.begun {
            names[name] = file.number
            files[file.number] = CutFile(certain: file.bytes)
        }
    }

    /// After one more.
    mutating func take(_ operation: Operation) {
        switch operation {
        case .create(let file, let name):
            files[file] = CutFile(certain: [])
            changes.append(NameChange(file: file, old: nil, new: name))
        case .write(let file, let offset, let bytes): files[file]?.write(bytes, at: offset)
        case .truncate(let file, let length): files[file]?.truncate(to: length)
        case .sync(let file): files[file]?.sync()
        case .failedSync(let file): files[file]?.failSync()
        case .rename(let file, let old, let new): changes.append(NameChange(file: file, old: old, new: new))
        case .link(let file, let new): changes.append(NameChange(file: file, old: nil, new: new))
        case .remove(let file, let old): changes.append(NameChange(file: file, old: old, new: nil))
        case .syncDirectory:
            for change in changes { Self.apply(change, to: &names) }
            changes = []
        }
    }

    private static func apply(_ change: NameChange, to names: inout [String: Int]) {
        if let old = change.old, names[old] == change.file { names[old] = nil }
        if let new = change.new { names[new] = change.file }
    }

    /// How many changes of names there are that may have been carried out or not: the first of `ways`.
    var uncertainNames: Int { changes.count }

    /// How many ways there are for each thing that is not certain, in a fixed order; their product is the number of
    /// states. The last way is as the program left it, the first as it was at the last sync.
    var ways: [Int] { changes.map { _ in 2 } + uncertain.flatMap { $0.ways } }

    private var uncertain: [CutFile] { files.sorted { $0.key < $1.key }.map(\.value).filter { !$0.isCertain } }

    /// The directory as `choice` has it: a way for each of `ways`.
    func contents(_ choice: [Int]) -> [String: [UInt8]] {
        var chosen = choice[...]
        var names = names
        for change in changes where chosen.removeFirst() == 1 { Self.apply(change, to: &names) }
        var bytes: [Int: [UInt8]] = [:]
        for (number, file) in files.sorted(by: { $0.key < $1.key }) {
            let count = file.isCertain ? 0 : file.ways.count
            bytes[number] = file.bytes(Array(chosen.prefix(count)))
            chosen = chosen.dropFirst(count)
        }
        return names.mapValues { bytes[$0] ?? [] }
    }

    /// A choice in which the sectors of a page share their fate.
    func byPages(random: inout RandomSource) -> [Int] {
        changes.map { _ in Int.random(in: 0...1, using: &random) }
            + uncertain.flatMap { $0.byPages(random: &random) }
    }
}

/// One file at a power cut.
struct CutFile {
    private static let sector = 512
    private static let page = 4_096

    /// On the disk for certain.
    private var certain: [UInt8]
    /// The lengths that the file may have, the certain one first.
    private var lengths: [Int]
    /// The contents that a sector may have, oldest first, the certain one not among them.
    private var sectors: [Int: [Version]] = [:]
    private var current: [UInt8]
    private var writes = 0

    private struct Version {
        var bytes: [UInt8]
        /// Which write it comes from.
        var write: Int
        /// Its sync has failed.
        var isDoubtful = false
    }

    init(certain: [UInt8]) {
        self.certain = certain
        current = certain
        lengths = [certain.count]
    }

    var isCertain: Bool { lengths.count == 1 && sectors.isEmpty }

    /// The length's, and each sector's in order.
    var ways: [Int] { [lengths.count] + sectors.sorted { $0.key < $1.key }.map { $0.value.count + 1 } }

    mutating func write(_ bytes: [UInt8], at offset: Int) {
        writes += 1
        current.overwrite(bytes, at: offset)
        note(length: current.count)
        for number in offset / Self.sector...(offset + bytes.count - 1) / Self.sector {
            let content = Self.sector(number, of: current)
            let before = sectors[number]?.last?.bytes ?? Self.sector(number, of: certain)
            if content != before { sectors[number, default: []].append(Version(bytes: content, write: writes)) }
        }
    }

    mutating func truncate(to length: Int) {
        current.resize(to: length)
        note(length: length)
    }

    private mutating func note(length: Int) {
        if lengths.last != length { lengths.append(length) }
    }

    /// Everything is certain now but what an earlier sync failed on.
    mutating func sync() {
        var image = certain
        var left: [Int: [Version]] = [:]
        for (number, versions) in sectors {
            if let last = versions.last, !last.isDoubtful {
                image.overwrite(last.bytes, at: number * Self.sector)
            } else {
                left[number] = versions
            }
        }
        image.resize(to: current.count)
        (certain, sectors, lengths) = (image, left, [current.count])
    }

    mutating func failSync() {
        for (number, versions) in sectors {
            sectors[number] = versions.map { Version(bytes: $0.bytes, write: $0.write, isDoubtful: true) }
        }
    }

    func bytes(_ choice: [Int]) -> [UInt8] {
        guard !choice.isEmpty else { return certain }
        var image = certain
        for ((number, versions), way) in zip(sectors.sorted(by: { $0.key < $1.key }), choice.dropFirst()) where way > 0
        {
            image.overwrite(versions[way - 1].bytes, at: number * Self.sector)
        }
        image.resize(to: lengths[choice[0]])
        return image
    }

    /// A length, and for each page a write through which all of its sectors have got.
    func byPages(random: inout RandomSource) -> [Int] {
        var choice = [Int.random(in: 0..<lengths.count, using: &random)]
        var reached: [Int: Int] = [:]
        for (number, versions) in sectors.sorted(by: { $0.key < $1.key }) {
            let page = number * Self.sector / Self.page
            let through = reached[page] ?? Int.random(in: 0...writes, using: &random)
            reached[page] = through
            choice.append(versions.count { $0.write <= through })
        }
        return choice
    }

    private static func sector(_ number: Int, of bytes: [UInt8]) -> [UInt8] {
        let begin = number * sector
        var content = Array(bytes[min(begin, bytes.count)..<min(begin + sector, bytes.count)])
        content.resize(to: sector)
        return content
    }
}
