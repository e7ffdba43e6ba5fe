internal import CronCore

/// `; did you mean --since?` for a word that is nearly one of `known`, or the beginning of one; else nothing.
func suggestion(for word: String, among known: some Collection<String>, prefix: String = "") -> String {
    let beginning = word.count < 2 ? nil : known.filter { $0.hasPrefix(word) }.min()
    guard let meant = beginning ?? NearMiss.find(word, among: known) else { return "" }
    return "; did you mean \(prefix)\(meant)?"
}
