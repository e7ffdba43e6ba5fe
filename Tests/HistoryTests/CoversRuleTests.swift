import Testing

@testable import History

@Suite struct CoversRuleTests {
    /// One file in a case: what it says, and how it stands.
    private func check(
        _ files: [(text: String, standing: CoversRule.Standing)], _ location: SourceLocation = #_sourceLocation
    ) {
        let claims = files.map { claim($0.text) }
        for rotation in claims.indices {
            let turned = Array(claims[rotation...] + claims[..<rotation])
            let expected = files.map(\.standing)
            #expect(
                CoversRule.standings(turned) == Array(expected[rotation...] + expected[..<rotation]),
                sourceLocation: location)
        }
    }

    /// `3`: raw. `2-4`: a whole cover; with `!` its header is bad, with `?` it is not sealed.
    private func claim(_ text: String) -> CoversRule.Claim {
        let ids = text.split(whereSeparator: { "-!?".contains($0) }).compactMap { UInt64($0) }
        return CoversRule.Claim(
            range: ids[0]...(ids.last ?? ids[0]), isCover: text.contains("-"), isGood: !text.contains("!"),
            isSealed: text.contains("-") && !text.contains { "?!".contains($0) })
    }

    @Test func `a whole cover supersedes all that it includes, and nothing else`() {
        check([("1", .counts), ("2", .superseded), ("3", .superseded), ("2-3", .counts), ("4", .counts)])
        check([("2-2", .counts), ("2", .superseded)])
        check([("1-9", .counts), ("2-3", .superseded), ("2-9", .superseded), ("9", .superseded), ("10", .counts)])
        check([("1-3", .counts), ("2!", .superseded), ("1-2!", .superseded), ("1-2?", .superseded)])
    }

    @Test func `a cover without a good header supersedes nothing`() {
        check([("1", .counts), ("2", .counts), ("1-2!", .counts)])
        check([("1-18446744073709551614!", .counts), ("1", .counts), ("2-5", .counts)])
    }

    @Test func `a cover that is not sealed gives way to what stands for all of it, and else stands before it`() {
        check([("1", .counts), ("2", .counts), ("1-2?", .replaced)])
        check([("1-2?", .counts), ("2", .shadowed), ("3", .counts)])
        check([("1-5?", .counts), ("1-3", .shadowed), ("5", .shadowed), ("2", .superseded)])
        check([("1-5?", .replaced), ("1-3", .counts), ("5", .counts), ("4", .counts)])
        check([("1-5?", .replaced), ("1-3", .counts), ("4-5", .counts)])
        check([("1-5?", .counts), ("1-3?", .shadowed), ("4-5", .shadowed)])
        check([("1-5?", .counts), ("1!", .counts), ("2", .shadowed)])
        check([("2-2?", .replaced), ("2", .counts)])
        check([("2-2?", .counts), ("3", .counts)])
    }

    @Test func `covers that overlap and do not nest conflict`() {
        check([("1-4", .conflicting), ("3-6", .conflictingUnread), ("7", .counts)])
        check([("1-4", .conflicting), ("3-6?", .conflictingUnread)])
        check([("1-4", .counts), ("5-6", .counts)])
        check([("1-4", .conflicting), ("4-6", .conflictingUnread), ("4", .superseded)])
        check([("1-4", .superseded), ("3-6", .superseded), ("1-6", .counts)])
    }

    @Test func `what is read never stands for an id twice, and an id that a good file stands for is read`() {
        // Each of five shapes over ids 1…4, there or not, in every combination of whole and damaged.
        let texts = ["1", "2", "3", "4", "1-2", "2-3?", "1-3", "3-4?", "2-2?", "1-4?", "3-3", "2-4"]
        for bits in 0..<1 << texts.count {
            let claims = texts.indices.filter { bits & 1 << $0 != 0 }.map { claim(texts[$0]) }
            let standings = CoversRule.standings(claims)
            var seen: [UInt64] = []
            for (claim, standing) in zip(claims, standings) where standing.isRead { seen += Array(claim.range) }
            let conflicts = standings.contains(.conflictingUnread)
            guard Set(seen).count == seen.count, conflicts || Set(seen) == Set(claims.flatMap { Array($0.range) })
            else {
                Issue.record("\(claims) \(standings)")
                return
            }
        }
    }
}
