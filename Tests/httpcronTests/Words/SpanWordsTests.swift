import CronCore
import Testing

@testable import httpcron

@Suite struct SpanWordsTests {
    struct Row: CustomTestStringConvertible {
        let microseconds: Int64
        let words: String

        var testDescription: String { words }
    }

    @Test(arguments: [
        Row(microseconds: 0, words: "0"), Row(microseconds: 999, words: "999us"),
        Row(microseconds: 142_400, words: "142ms"), Row(microseconds: 1_523_000, words: "1.523s"),
        Row(microseconds: 15_000_000, words: "15s"), Row(microseconds: 59_990_000, words: "59.99s"),
        Row(microseconds: 125_000_000, words: "2min 5s"), Row(microseconds: 3_600_000_000, words: "1h"),
        Row(microseconds: 12_000_000_000, words: "3h 20min"), Row(microseconds: 187_200_000_000, words: "2d 4h"),
        Row(microseconds: -142_400, words: "-142ms"), Row(microseconds: .max, words: "106751991d 4h"),
    ])
    func `spans have two units at most`(row: Row) {
        #expect(TimeSpan(microseconds: row.microseconds).words == row.words)
    }

    @Test func `the longest negative span does not trap`() {
        #expect(TimeSpan(microseconds: .min).words.hasPrefix("-"))
        #expect(!TimeSpan(microseconds: .min).roughWords.isEmpty)
    }
}
