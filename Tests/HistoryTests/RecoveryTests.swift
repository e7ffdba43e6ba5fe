import Foundation
import Testing

@testable import History

/// The table of Format.md, as it is written there, against the code.
@Suite struct RecoveryTests {
    /// A row as the document has it.
    struct Row {
        var number: Int
        var kinds: Set<Recovery.Kind>
        var headers: Set<Recovery.Header>
        var holds: (Recovery.Facts) -> Bool
        var decision: Recovery.Decision
    }

    static let kinds: [String: Set<Recovery.Kind>] = [
        "any": Set(Recovery.Kind.allCases), "segment": [.raw, .cover], "raw": [.raw], "cover": [.cover],
        "on its way": [.onItsWay], "`.tmp`": [.temporary],
    ]
    static let headers: [String: Set<Recovery.Header>] = [
        "any": Set(Recovery.Header.allCases), "newer major version": [.newer], "good": [.good], "bad": [.bad],
        "zero": [.zero],
    ]
    static let conditions: [String: @Sendable (Recovery.Facts) -> Bool] = [
        "": { _ in true },
        "of another history than the newest segment": { $0.isForeign },
        "conflicts": { $0.standing == .conflicting || $0.standing == .conflictingUnread },
        "superseded": { $0.standing == .superseded },
        "replaced": { $0.standing == .replaced },
        "shadowed": { $0.standing == .shadowed },
        "not the next id, or the segment before it has its first record": { !$0.isNext },
        "nothing but zeros behind it": { $0.tail == .zeros },
        "sealed": { $0.isSealed },
        "no batch and nothing but zeros, the last and not the only one": {
            !$0.hasBatches && $0.tail == .zeros && $0.isLast && !$0.isOnly
        },
        "no damage up to its end": { $0.tail == .zeros },
    ]
    static let decisions: [(prefix: String, decision: Recovery.Decision)] = [
        ("**refuse** the directory; nothing is touched", .refuse), ("**remove**", .remove),
        ("**set aside**", .setAside), ("**leave**", .leave), ("**keep**", .keep), ("**copy**", .copy),
        ("link as `.bad`, **copy**", .copyAndSetAside),
    ]

    static func document() throws -> [Row] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources/History/History.docc/Format.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let section = try #require(text.components(separatedBy: "## Recovery").last)
        return try section.split(separator: "\n").compactMap { line -> Row? in
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).dropFirst()
                .map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count >= 5, let number = Int(cells[0]) else { return nil }
            let kinds = try cells[1].components(separatedBy: ", ").map { try #require(Self.kinds[$0], "\($0)") }
            let headers = try cells[2].components(separatedBy: ", ").map { try #require(Self.headers[$0], "\($0)") }
            return Row(
                number: number, kinds: kinds.reduce([]) { $0.union($1) }, headers: headers.reduce([]) { $0.union($1) },
                holds: try #require(Self.conditions[cells[3]], "row \(number): \(cells[3])"),
                decision: try #require(
                    Self.decisions.first { cells[4].hasPrefix($0.prefix) }?.decision, "row \(number): \(cells[4])"))
        }
    }

    /// Every combination of facts there is.
    static var everything: [Recovery.Facts] {
        var all: [Recovery.Facts] = []
        for kind in Recovery.Kind.allCases {
            for header in Recovery.Header.allCases {
                for standing in CoversRule.Standing.allCases {
                    for tail in Recovery.Tail.allCases {
                        for bits in 0..<64 {
                            all.append(
                                Recovery.Facts(
                                    kind: kind, header: header, standing: standing, isForeign: bits & 1 != 0,
                                    isNext: bits & 2 != 0, isSealed: bits & 4 != 0, hasBatches: bits & 8 != 0,
                                    isLast: bits & 16 != 0, isOnly: bits & 32 != 0, tail: tail))
                        }
                    }
                }
            }
        }
        return all
    }

    @Test func `whatever is found, the first row of the document that matches is what the code decides`() throws {
        let rows = try Self.document()
        #expect(rows.map(\.number) == Array(1...16))
        var used: Set<Int> = []
        for facts in Self.everything {
            let row = rows.first {
                $0.kinds.contains(facts.kind) && $0.headers.contains(facts.header) && $0.holds(facts)
            }
            guard let row, row.decision == Recovery.decide(facts) else {
                Issue.record("row \(row?.number ?? 0), but \(Recovery.decide(facts)): \(facts)")
                return
            }
            used.insert(row.number)
        }
        #expect(used == Set(1...16))
    }

    @Test func `nothing that holds records is removed unless something else holds them`() {
        for facts in Self.everything where Recovery.decide(facts) == .remove {
            guard facts.kind == .raw || facts.kind == .cover, facts.standing != .superseded else { continue }
            let hasNothing = facts.tail == .zeros && (facts.header == .zero || !facts.hasBatches)
            if !hasNothing { Issue.record("\(facts)") }
        }
    }

    @Test func `a newer version is refused whatever else is so, and damage never removed without a copy of it`() {
        for facts in Self.everything {
            let decision = Recovery.decide(facts)
            let isSegment = facts.kind == .raw || facts.kind == .cover
            if facts.header == .newer, decision != .refuse { Issue.record("\(facts)") }
            guard isSegment, facts.standing == .counts, !facts.isForeign else { continue }
            if facts.header == .bad, decision != .setAside { Issue.record("\(facts)") }
            if facts.header == .good, facts.tail == .zeros, decision == .setAside { Issue.record("\(facts)") }
            if facts.header == .good, facts.kind == .raw, facts.tail != .zeros, !facts.isSealed,
                decision != .copyAndSetAside
            {
                Issue.record("\(facts)")
            }
        }
    }
}
