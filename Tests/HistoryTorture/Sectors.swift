import CronCore
import History

/// The disk gives something else than what was written there: for each sector of 512 bytes, and each page of 4 KiB.
struct Sectors {
    let options: Options

    func run() throws -> Int32 {
        var report = Report()
        for form in Fixture.Form.allCases {
            let size: UInt64 = options.isLong ? 64 << 10 : 16 << 10
            let fixture = try Fixture(form, seed: options.seed, segmentSize: size)
            for length in [512, 4_096] {
                for kind in Kind.allCases {
                    let workers = options.workers
                    let tallies = try Workers.run(workers) { number in
                        Changing(fixture, length: length).run(kind, from: number, stride: workers)
                    }
                    let tally = Tally.sum(tallies)
                    if tally.tried > 0 { report.add("\(form.rawValue), \(length) bytes \(kind.rawValue)", tally) }
                }
            }
        }
        return report.end()
    }

    fileprivate enum Kind: String, CaseIterable {
        case zeroed
        /// As an older version of the file had it.
        case stale
        case repeated
        case swapped
        case foreign = "from another segment"
    }
}

/// One worker's share.
private struct Changing {
    let fixture: Fixture
    let length: Int
    let judge: Judge

    init(_ fixture: Fixture, length: Int) {
        self.fixture = fixture
        self.length = length
        judge = Judge(truth: fixture.truth)
    }

    func run(_ kind: Sectors.Kind, from first: Int, stride: Int) -> Tally {
        var tally = Tally()
        var known: Set<[UInt8]> = [fixture.bytes]
        var number = 0
        each(kind) { name, bytes in
            number += 1
            guard number % stride == first, known.insert(bytes).inserted else { return }
            let damaged = Case(fixture, bytes)
            if damaged.isDamage { tally.add(name, damaged.problem(judge, &tally)) }
        }
        return tally
    }

    private func each(_ kind: Sectors.Kind, _ body: (String, [UInt8]) -> Void) {
        let bytes = fixture.bytes
        let places = Array(Swift.stride(from: 0, to: bytes.count, by: length))
        for place in places {
            switch kind {
            case .zeroed: body("\(place)", put([UInt8](repeating: 0, count: length), at: place))
            case .stale:
                for (number, version) in fixture.versions.enumerated() {
                    body("\(place) as of version \(number)", put(piece(of: version, at: place), at: place))
                }
            case .repeated:
                for other in [place - length, place + length] where other >= 0 && other < bytes.count {
                    body("\(other) at \(place)", put(piece(of: bytes, at: other), at: place))
                }
            case .swapped:
                for other in places where other > place {
                    let one = put(piece(of: bytes, at: other), at: place)
                    body("\(place) and \(other)", put(piece(of: bytes, at: place), at: other, in: one))
                }
            case .foreign:
                for (number, other) in fixture.others.enumerated() {
                    for source in Swift.stride(from: 0, to: other.count, by: length) {
                        body("\(source) of segment \(number) at \(place)", put(piece(of: other, at: source), at: place))
                    }
                }
            }
        }
    }

    /// `length` bytes, zeros where the file is shorter.
    private func piece(of bytes: [UInt8], at place: Int) -> [UInt8] {
        var piece = Array(bytes[min(place, bytes.count)..<min(place + length, bytes.count)])
        piece.resize(to: length)
        return piece
    }

    private func put(_ piece: [UInt8], at place: Int, in bytes: [UInt8]? = nil) -> [UInt8] {
        var changed = bytes ?? fixture.bytes
        let end = min(place + length, changed.count)
        changed.replaceSubrange(place..<end, with: piece[..<(end - place)])
        return changed
    }
}
