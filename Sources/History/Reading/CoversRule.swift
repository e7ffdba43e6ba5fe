/// Which of the files that stand for segments count, by `Format.md`, section Names. Pure.
enum CoversRule {
    /// What a file says that it stands for.
    struct Claim: Hashable {
        var range: ClosedRange<UInt64>
        var isCover: Bool
        /// Its header is good, and says what its name says.
        var isGood: Bool
        var isSealed: Bool

        fileprivate var isWhole: Bool { isCover && isGood && isSealed }

        fileprivate func includes(_ other: Claim) -> Bool {
            range.lowerBound <= other.range.lowerBound && other.range.upperBound <= range.upperBound
        }
    }

    enum Standing: CaseIterable {
        case counts
        /// A whole cover stands for all of it.
        case superseded
        /// A damaged cover; others stand for all of it.
        case replaced
        /// A damaged cover stands for it, and for what nothing else does.
        case shadowed
        /// A cover that overlaps another one, and neither includes the other. It counts for a reader all the same.
        case conflicting
        /// The same, where the reader has the other one already.
        case conflictingUnread

        var isRead: Bool { self == .counts || self == .conflicting }
    }

    /// One standing for each claim; two never have the same range and kind, as they never have the same name.
    static func standings(_ claims: [Claim]) -> [Standing] {
        var standings = [Standing](repeating: .counts, count: claims.count)
        // By first id; where that is the same the widest comes first, and a cover before what is none.
        let order = claims.indices.sorted { left, right in
            let (left, right) = (claims[left], claims[right])
            if left.range.lowerBound != right.range.lowerBound { return left.range.lowerBound < right.range.lowerBound }
            if left.range.upperBound != right.range.upperBound { return left.range.upperBound > right.range.upperBound }
            return left.isCover && !right.isCover
        }
        // In this order the whole cover that reaches furthest includes a claim if any whole cover does.
        var furthest: Claim?
        for place in order {
            if let furthest, furthest.includes(claims[place]) {
                standings[place] = .superseded
            } else if claims[place].isWhole {
                furthest = claims[place]
            }
        }
        let counting = order.filter { standings[$0] == .counts && claims[$0].isGood }
        settleDamaged(claims, counting, &standings)
        markConflicts(claims, counting.filter { claims[$0].isCover && standings[$0] == .counts }, &standings)
        return standings
    }

    /// Covers whose end is damaged, the widest first, and what they include.
    private static func settleDamaged(_ claims: [Claim], _ counting: [Int], _ standings: inout [Standing]) {
        for (position, place) in counting.enumerated() where claims[place].isCover && !claims[place].isSealed {
            guard standings[place] == .counts else { continue }
            let inner = counting[(position + 1)...].prefix {
                claims[$0].range.lowerBound <= claims[place].range.upperBound
            }
            .filter { claims[place].includes(claims[$0]) }
            if tile(inner.map { claims[$0] }.filter { !$0.isCover || $0.isSealed }, claims[place].range) {
                standings[place] = .replaced
            } else {
                for place in inner { standings[place] = .shadowed }
            }
        }
    }

    /// Whether `claims`, in order of their first ids, stand for every id of `range`.
    private static func tile(_ claims: [Claim], _ range: ClosedRange<UInt64>) -> Bool {
        var next = range.lowerBound
        for claim in claims where claim.range.lowerBound <= next && claim.range.upperBound >= next {
            if claim.range.upperBound >= range.upperBound { return true }
            next = claim.range.upperBound + 1
        }
        return false
    }

    private static func markConflicts(_ claims: [Claim], _ covers: [Int], _ standings: inout [Standing]) {
        var last: Int?
        for place in covers {
            if let last, claims[last].range.upperBound >= claims[place].range.lowerBound {
                if standings[last] == .counts { standings[last] = .conflicting }
                standings[place] = .conflictingUnread
            } else {
                last = place
            }
        }
    }
}
