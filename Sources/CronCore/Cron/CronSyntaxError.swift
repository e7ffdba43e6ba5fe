/// Why a cron expression was refused.
package struct CronSyntaxError: Error, Hashable, Sendable {
    /// Where, if it is one field's fault.
    package let field: CronFieldKind?
    /// What was wrong, what is accepted and, for a near miss, what was probably meant.
    package let message: String

    init(_ message: String, in field: CronFieldKind? = nil) {
        self.field = field
        self.message = message
    }
}

extension CronSyntaxError {
    /// `word` in quotes, cut to a length that a log line can bear, control characters shown as `?`.
    static func quoted(_ word: String) -> String {
        let shown = word.unicodeScalars.prefix(40).map { $0.properties.generalCategory == .control ? "?" : String($0) }
        return "'\(shown.joined())\(word.unicodeScalars.count > 40 ? "…" : "")'"
    }

    /// The one of `candidates` that is nearest to `word`, at most `limit` edits away, for a near miss.
    static func nearest(to word: String, of candidates: [String], within limit: Int = 2) -> String? {
        guard word.utf8.count <= 32 else { return nil }
        return candidates.map { ($0, editDistance(Array(word.utf8), Array($0.utf8))) }
            .filter { $0.1 <= limit }
            .min { $0.1 < $1.1 }?.0
    }

    /// Insertions, deletions and replacements that lead from one to the other (Levenshtein).
    private static func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (index, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, other) in right.enumerated() {
                let change = diagonal + (byte == other ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(change, diagonal + 1, row[column] + 1)
            }
        }
        return row[right.count]
    }
}
