import CronCore
import Testing

/// A span as it is written, its length in microseconds (nil: refused), and how it is printed.
private struct SpanRow: Sendable {
    var text: String
    var microseconds: Int64?
    var printed = ""
}

@Suite struct TimeSpanParsingTests {
    private static let rows = [
        SpanRow(text: "90", microseconds: 90_000_000, printed: "1min 30s"),
        SpanRow(text: "5min 20s", microseconds: 320_000_000, printed: "5min 20s"),
        SpanRow(text: "5min20s", microseconds: 320_000_000, printed: "5min 20s"),
        SpanRow(text: "20 s 5  min", microseconds: 320_000_000, printed: "5min 20s"),
        SpanRow(text: "1.5h", microseconds: 5_400_000_000, printed: "1h 30min"),
        SpanRow(text: ".5s", microseconds: 500_000, printed: "500ms"),
        SpanRow(text: "1.", microseconds: 1_000_000, printed: "1s"),
        SpanRow(text: "5ms", microseconds: 5_000, printed: "5ms"),
        SpanRow(text: "7us", microseconds: 7, printed: "7us"),
        SpanRow(text: "7µs", microseconds: 7, printed: "7us"),
        SpanRow(text: "7\u{3bc}s", microseconds: 7, printed: "7us"),
        SpanRow(text: "1w", microseconds: 604_800_000_000, printed: "7d"),
        SpanRow(text: "1M", microseconds: 2_629_800_000_000, printed: "30d 10h 30min"),
        SpanRow(text: "1year 2 months", microseconds: 36_817_200_000_000, printed: "426d 3h"),
        SpanRow(text: "0", microseconds: 0, printed: "0"),
        SpanRow(text: "0.0000009", microseconds: 0, printed: "0"),
        SpanRow(text: "9223372036854775807us", microseconds: .max, printed: "106751991d 4h 54s 775ms 807us"),
        SpanRow(text: "9223372036854775808us"), SpanRow(text: "9223372036854775807us 1us"), SpanRow(text: "300000y"),
        SpanRow(text: ""), SpanRow(text: "s"), SpanRow(text: "5 mni"), SpanRow(text: "-5s"), SpanRow(text: "1-2s"),
        SpanRow(text: "1..5s"), SpanRow(text: "."), SpanRow(text: "1e3"), SpanRow(text: "infinity"),
        SpanRow(text: "٣s"), SpanRow(text: "+5s"), SpanRow(text: "1,5s"), SpanRow(text: "5S"),
    ]

    @Test(arguments: rows.indices)
    func `spans are read and printed as systemd does`(index: Int) {
        let row = Self.rows[index]
        let span = TimeSpan(parsing: row.text)
        #expect(span?.microseconds == row.microseconds, "\(row.text)")
        if let span { #expect(span.description == row.printed) }
    }

    @Test func `what is printed reads back as the same span`() {
        var random = RandomSource(seed: 7)
        for _ in 0..<2_000 {
            let span = TimeSpan(
                microseconds: Int64.random(in: 0...(.max), using: &random) >> Int64.random(in: 0..<63, using: &random))
            #expect(TimeSpan(parsing: span.description) == span)
        }
        #expect(TimeSpan(microseconds: .min).description == "-106751991d 4h 54s 775ms 808us")
    }
}
