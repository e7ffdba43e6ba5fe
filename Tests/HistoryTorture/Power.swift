import CronCore
import History

/// What a power cut may leave of a run, at each of its operations; and of the recovery from it.
struct Power {
    let options: Options

    private static let characters: [(name: String, character: StepwiseRun.Character)] = [
        ("with spares", .init()),
        ("without spares", .init(makesSpares: false)),
        ("with long bodies", .init(longestBody: 2_048)),
        ("killed and started again", .init(kills: 100)),
        ("a disk that fails", .init(faults: 6)),
        ("a disk that fails, and kills", .init(faults: 4, kills: 100)),
        ("compactions beside the writer", .init(compactions: 5)),
        ("compactions, a disk that fails, and kills", .init(faults: 2, kills: 100, compactions: 5)),
    ]

    func run() throws -> Int32 {
        if options.words.count > 1 { return try replay(options.words.dropFirst().map { String($0) }) }
        var report = Report()
        let wanted = options.isLong ? 2_000_000 : 21_000
        let share = wanted / Self.characters.count
        for (number, (name, character)) in Self.characters.enumerated() {
            let workers = options.workers
            let seed = options.seed &* 1_000 &+ UInt64(number) &* 100
            let tallies = try Workers.run(workers) { worker in
                var cutting = Cutting(seed: seed &+ UInt64(worker))
                cutting.run(character, states: share / workers)
                return cutting.tally
            }
            report.add("power cuts, \(name)", Tally.sum(tallies))
        }
        return report.end()
    }
}

extension Power {
    /// One state again, by what the report says of it: the run, the operation, and the choice.
    private func replay(_ words: [String]) throws -> Int32 {
        guard words.count >= 2, let seed = UInt64(words[0]), let number = Int(words[1]) else { return 2 }
        let choice = words.dropFirst(2).flatMap { $0.split(separator: ",") }.compactMap { Int($0) }
        let kind = Int(seed / 1_000_003 % 1_000 / 100)
        let run = try StepwiseRun(seed: seed, Self.characters[min(kind, Self.characters.count - 1)].character)
        var cut = PowerCut(run.recorder)
        for (position, entry) in run.recorder.entries.prefix(number).enumerated() {
            print("\(position) [\(entry.acknowledged)] \(entry.operation.words)")
            cut.take(entry.operation)
        }
        guard cut.ways.count == choice.count else {
            print("the choice is among \(cut.ways)")
            return 2
        }
        let contents = cut.contents(choice)
        for (name, bytes) in contents.sorted(by: { $0.key < $1.key }) {
            let map = SegmentMap(bytes)
            print("\(name): \(bytes.count) bytes, \(map.batches.map { "\($0.range) \($0.sequences)" })")
        }
        print((try? HistorySnapshot.open(MemoryDisk(contents)).damage) ?? "cannot be opened")
        let disk = MemoryDisk(contents)
        do throws(HistoryError) { print(try HistoryStore.prepare(disk, settings: .fixed(seed: 77)).findings) } catch {
            print(error)
        }
        let entries = run.recorder.entries
        let acknowledged = number < entries.count ? entries[number].acknowledged : run.recorder.acknowledged
        var survival = Survival(run, before: number, acknowledged: acknowledged)
        var random = RandomSource(seed: 1)
        print(survival.problem(contents, random: &random, goingOn: true) ?? "as it should be")
        return 0
    }
}

extension Operation {
    fileprivate var words: String {
        if case .write(let file, let offset, let bytes) = self {
            return "write(\(file), \(offset)..<\(offset + bytes.count))"
        }
        return "\(self)"
    }
}

/// One worker's share.
private struct Cutting {
    private(set) var tally = Tally()
    private var random: RandomSource
    private let seed: UInt64

    init(seed: UInt64) {
        self.seed = seed
        random = RandomSource(seed: seed)
    }

    mutating func run(_ character: StepwiseRun.Character, states: Int) {
        var number: UInt64 = 0
        while tally.tried < states {
            let runSeed = seed &* 1_000_003 &+ number
            number += 1
            do throws(HistoryError) {
                let run = try StepwiseRun(seed: runSeed, character)
                cut(run, name: "run \(runSeed)")
                tally.count("compactions", by: run.dropped.count)
            } catch {
                tally.add("run \(runSeed)", "does not start: \(error)")
            }
            tally.count("runs")
        }
    }

    private mutating func cut(_ run: StepwiseRun, name: String) {
        var seen: Set<Int> = []
        var cut = PowerCut(run.recorder)
        for (number, entry) in run.recorder.entries.enumerated() {
            var survival = Survival(run, before: number, acknowledged: entry.acknowledged)
            for choice in choices(cut, most: 12) {
                let contents = cut.contents(choice)
                var hasher = Hasher()
                hasher.combine(contents)
                guard seen.insert(hasher.finalize()).inserted else { continue }
                let isNested = random.next() % 8 == 0
                let problem = survival.problem(contents, random: &random, goingOn: isNested)
                tally.add("\(name), before operation \(number), choice \(choice)", problem)
            }
            tally.count("cuts within a recovery", by: survival.nested)
            cut.take(entry.operation)
            tally.count("operations")
        }
    }

    /// All that there are, or as many as asked for.
    private mutating func choices(_ cut: PowerCut, most: Int) -> [[Int]] {
        let ways = cut.ways
        let product = ways.reduce(1) { min($0 * $1, most + 1) }
        guard product > most else { return Choices.all(ways) }
        var choices = Choices.extremes(ways, names: cut.uncertainNames)
        while choices.count < most {
            if random.next() % 4 == 0 {
                choices.append(cut.byPages(random: &random))
            } else {
                choices.append(Choices.random(ways, names: cut.uncertainNames, random: &random))
            }
        }
        return choices
    }
}

/// Ways to choose.
enum Choices {
    static func all(_ ways: [Int]) -> [[Int]] {
        ways.reduce([[]]) { choices, ways in choices.flatMap { choice in (0..<ways).map { choice + [$0] } } }
    }

    /// Nothing, everything, the names alone, the bytes alone.
    static func extremes(_ ways: [Int], names: Int) -> [[Int]] {
        let (none, all) = (ways.map { _ in 0 }, ways.map { $0 - 1 })
        return [none, all, Array(all[..<names]) + none[names...], Array(none[..<names]) + all[names...]]
    }

    static func random(_ ways: [Int], names: Int, random: inout RandomSource) -> [Int] {
        // How likely the newest is, for names and for bytes.
        let odds = [UInt64(0), 10, 50, 90, 100]
        let forNames = odds[Int(random.next() % 5)]
        let forBytes = odds[Int(random.next() % 5)]
        var choice: [Int] = []
        for (place, ways) in ways.enumerated() {
            let isNewest = random.next() % 100 < (place < names ? forNames : forBytes)
            choice.append(isNewest ? ways - 1 : random.next() % 2 == 0 ? 0 : Int(random.next() % UInt64(ways)))
        }
        // And one of them otherwise.
        if !choice.isEmpty {
            let place = Int(random.next() % UInt64(choice.count))
            choice[place] = Int(random.next() % UInt64(ways[place]))
        }
        return choice
    }
}
