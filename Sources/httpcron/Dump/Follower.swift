internal import CronCore
internal import Glibc
internal import History

/// `dump -f`: prints what is there, then looks again and again for what has been added. It looks at the files' times
/// before it reads, so an idle history costs a few calls of stat(2) five times a second and nothing else.
struct Follower {
    private let place: Workplace
    private let options: DumpOptions
    private let jobs: Set<JobID>?
    private static let pause: UInt32 = 200_000

    init(_ place: Workplace, _ options: DumpOptions, _ jobs: Set<JobID>?) {
        self.place = place
        self.options = options
        self.jobs = jobs
    }

    /// Returns when nobody reads any more. `tell`: given what cannot be read, once.
    func run(_ history: HistorySnapshot, _ output: Output, tell: ([Damage]) -> Void) -> Int32 {
        var shown = history.lastSequence
        var looked = modificationTimes()
        // The kernel's file times advance every few milliseconds only: what is written in the same tick leaves no trace
        // in them, so after each change there is one more look.
        var looksAgain = true
        var printer = DumpPrinter(options, place)
        printer.print(history, jobs, output, through: shown)
        output.flush()
        var told = Set(history.damage.map(\.description))
        tell(history.damage)
        while output.isOpen {
            usleep(Self.pause)
            let times = modificationTimes()
            guard times != looked || looksAgain else { continue }
            looksAgain = times != looked
            looked = times
            // One that cannot be opened now (it is being sealed, or was moved away) may be there again later.
            guard let newer = try? HistorySnapshot.open(directory: place.historyPath) else {
                looksAgain = true
                continue
            }
            let newest = newer.lastSequence
            guard newest > shown else { continue }
            printer.append(records(of: newer, after: shown, through: newest), output)
            output.flush()
            tell(newer.damage.filter { told.insert($0.description).inserted })
            shown = newest
        }
        return 0
    }

    /// Oldest first. What was written since the snapshot looked for its end is left for the next one.
    private func records(
        of history: HistorySnapshot, after shown: SequenceNumber, through newest: SequenceNumber
    ) -> [Record] {
        var cursor = history.newestFirst(jobs: jobs)
        var records: [Record] = []
        while let record = cursor.next(), record.header.sequence > shown {
            if record.header.sequence <= newest { records.append(record) }
        }
        return records.reversed()
    }

    /// What changes when something is added, told without reading: the files and when each was written.
    private func modificationTimes() -> [String: Int64] {
        var times: [String: Int64] = [:]
        for name in directoryNames(place.historyPath) where name.hasSuffix(".seg") {
            var status = stat()
            guard stat("\(place.historyPath)/\(name)", &status) == 0 else { continue }
            times[name] = Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec)
        }
        return times
    }
}

/// The names in a directory; none if it cannot be read.
func directoryNames(_ path: String) -> [String] {
    guard let stream = opendir(path) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names
}
