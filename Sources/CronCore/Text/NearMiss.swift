/// What somebody probably meant: the closest of the words that would have been right.
package enum NearMiss {
    /// Longer words are no slips of the finger, and comparing them costs.
    private static let longest = 40

    /// The closest candidate, if it is close enough to be meant; of equally close ones, the first.
    package static func find(_ word: some StringProtocol, among candidates: some Sequence<String>) -> String? {
        guard word.utf8.count <= longest else { return nil }
        let written = Array(word.lowercased().utf8)
        let allowed = min(3, max(1, written.count / 3))
        var best: (word: String, distance: Int)?
        for candidate in candidates where candidate.utf8.count <= longest {
            let meant = Array(candidate.lowercased().utf8)
            guard abs(meant.count - written.count) <= allowed else { continue }
            let distance = distance(written, meant)
            if distance <= allowed, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.word
    }

    /// `; did you mean 'x'?`, or nothing.
    static func hint(_ word: some StringProtocol, among candidates: some Sequence<String>) -> String {
        find(word, among: candidates).map { "; did you mean '\($0)'?" } ?? ""
    }

    /// Insertions, deletions, substitutions and swaps of neighbours from one to the other (optimal string alignment).
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in 0..<left.count {
            var current = [row + 1]
            current.reserveCapacity(right.count + 1)
            for column in 0..<right.count {
                let same = left[row] == right[column]
                var cost = min(last[column + 1] + 1, current[column] + 1, last[column] + (same ? 0 : 1))
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }
}
