import Testing

@testable import History

@Suite struct RecoveryTests {
    /// A row of the table in Format.md: what must be so, and what is decided.
    struct Row: CustomTestStringConvertible {
        var number: Int
        var facts: Recovery.Facts
        var decision: Recovery.Decision

        init(
            _ number: Int, _ kind: Recovery.Kind, _ header: Recovery.Header, _ decision: Recovery.Decision,
            _ change: (inout Recovery.Facts) -> Void = { _ in }
        ) {
            self.number = number
            self.decision = decision
            facts = Recovery.Facts(kind: kind, header: header, isNext: true, hasBatches: true)
            change(&facts)
        }

        var testDescription: String { "row \(number)" }
    }

    @Test(arguments: [
        Row(1, .segment, .newer, .refuse),
        Row(1, .segment, .newer, .refuse) { $0.isSuperseded = true },
        Row(2, .segment, .good, .refuse) { $0.isForeign = true },
        Row(3, .temporary, .good, .remove),
        Row(4, .segment, .good, .remove) { $0.isSuperseded = true },
        Row(4, .segment, .bad, .remove) { $0.isSuperseded = true },
        Row(5, .onItsWay, .zero, .remove),
        Row(5, .onItsWay, .bad, .remove) { $0.tail = .torn },
        Row(5, .onItsWay, .newer, .remove),
        Row(6, .onItsWay, .good, .remove) { $0.isNext = false },
        Row(6, .onItsWay, .good, .remove) { $0.isForeign = true },
        Row(7, .segment, .zero, .remove),
        Row(8, .segment, .zero, .setAside) { $0.tail = .torn },
        Row(8, .segment, .bad, .setAside),
        Row(9, .segment, .good, .keep) { $0.isSealed = true },
        Row(10, .segment, .good, .remove) { ($0.hasBatches, $0.isLast) = (false, true) },
        Row(10, .onItsWay, .good, .remove) { ($0.hasBatches, $0.isLast) = (false, true) },
        Row(11, .segment, .good, .copy) { ($0.hasBatches, $0.isLast, $0.isOnly) = (false, true, true) },
        Row(11, .segment, .good, .copy) { $0.hasBatches = false },
        Row(11, .segment, .good, .copy),
        Row(11, .onItsWay, .good, .copy) { $0.isLast = true },
        Row(12, .segment, .good, .copyAndSetAside) { $0.tail = .torn },
        Row(12, .segment, .good, .copyAndSetAside) { $0.tail = .corrupt },
        Row(12, .onItsWay, .good, .copyAndSetAside) { $0.tail = .torn },
    ])
    func `each row decides as the document says`(row: Row) {
        #expect(Recovery.decide(row.facts) == row.decision)
    }

    /// Every combination of facts there is.
    static var everything: [Recovery.Facts] {
        var all: [Recovery.Facts] = []
        for kind in Recovery.Kind.allCases {
            for header in Recovery.Header.allCases {
                for tail in Recovery.Tail.allCases {
                    for bits in 0..<128 {
                        all.append(
                            Recovery.Facts(
                                kind: kind, header: header, isSuperseded: bits & 1 != 0, isForeign: bits & 2 != 0,
                                isNext: bits & 4 != 0, isSealed: bits & 8 != 0, hasBatches: bits & 16 != 0,
                                isLast: bits & 32 != 0, isOnly: bits & 64 != 0, tail: tail))
                    }
                }
            }
        }
        return all
    }

    @Test func `nothing that holds records is removed unless something else holds them`() {
        for facts in Self.everything where Recovery.decide(facts) == .remove && facts.kind == .segment {
            let hasNothing = facts.tail == .zeros && (facts.header == .zero || !facts.hasBatches)
            #expect(facts.isSuperseded || hasNothing, "\(facts)")
        }
    }

    @Test func `damage is never removed without a copy of it, and what is whole never set aside`() {
        for facts in Self.everything where facts.kind == .segment && !facts.isSuperseded {
            let decision = Recovery.decide(facts)
            if facts.header == .bad { #expect(decision == .setAside, "\(facts)") }
            if facts.header == .good, facts.tail == .zeros { #expect(decision != .setAside, "\(facts)") }
            if facts.header == .good, facts.tail != .zeros, !facts.isSealed, !facts.isForeign {
                #expect(decision == .copyAndSetAside, "\(facts)")
            }
        }
    }
}
