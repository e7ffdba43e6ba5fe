import CronCore
import Testing

@Suite struct CronParsingTests {
    struct Same: CustomTestStringConvertible {
        let text: String
        let means: String
        var testDescription: String { "\(text) is \(means)" }
    }

    static let same = [
        Same(text: "@hourly", means: "0 * * * *"),
        Same(text: "@daily", means: "0 0 * * *"),
        Same(text: "@midnight", means: "0 0 * * *"),
        Same(text: "@weekly", means: "0 0 * * 0"),
        Same(text: "@monthly", means: "0 0 1 * *"),
        Same(text: "@yearly", means: "0 0 1 1 *"),
        Same(text: "@annually", means: "0 0 1 1 *"),
        Same(text: " \t@Daily ", means: "0 0 * * *"),
        Same(text: "\t5  4 \t* *  * ", means: "5 4 * * *"),
        Same(text: "05 004 * * *", means: "5 4 * * *"),
        Same(text: "0 0 * jan,DEC Mon-FRI", means: "0 0 * 1,12 1-5"),
        Same(text: "0 0 * feb-apr/2 *", means: "0 0 * 2,4 *"),
        Same(text: "0 0 * * 7", means: "0 0 * * 0"),
        Same(text: "0 0 * * 5-7", means: "0 0 * * 0,5,6"),
        Same(text: "0 0 * * fri-sun", means: "0 0 * * 0,5,6"),
        Same(text: "0 0 * * 1-sun", means: "0 0 * * 0-6"),
        Same(text: "0 0 * * sun-tue", means: "0 0 * * 0-2"),
        Same(text: "0 0 * * 0-7", means: "0 0 * * 0-6"),
        Same(text: "*/20 1-23/11 * * *", means: "*,0,20,40 1,12,23 * * *"),
        Same(text: "5/25 20/1 * * *", means: "5,30,55 20,21,22,23 * * *"),
        Same(text: "10-10/5 3 * * *", means: "10 3 * * *"),
        Same(text: "1,2,3,2,1 3 * * *", means: "1-3 3 * * *"),
        Same(text: "0 0 l * *", means: "0 0 L * *"),
        Same(text: "0 0 lw * *", means: "0 0 LW * *"),
        Same(text: "0 0 * * FRI#3", means: "0 0 * * 5#3"),
        Same(text: "0 0 * * fril", means: "0 0 * * 5L"),
        Same(text: "0 0 * * 7L,7#1", means: "0 0 * * 0L,0#1"),
    ]

    /// The next occurrences from a few starts are the same; `*` in a list stands for its leading star only.
    @Test(arguments: same)
    func `is another way to write`(row: Same) throws {
        let left = try CronExpression(parsing: row.text)
        let means = row.means.hasPrefix("*,") ? row.text : row.means
        let right = try CronExpression(parsing: means)
        #expect(left.text == row.text)
        #expect(left.followsElapsedTime == right.followsElapsedTime)
        var moment = Timestamp(seconds: 1_700_000_000)
        for _ in 0..<200 {
            let next = left.next(after: moment, in: .utc)
            #expect(next == right.next(after: moment, in: .utc))
            moment = try #require(next)
        }
    }

    struct Refused: CustomTestStringConvertible {
        let text: String
        let message: String
        var testDescription: String { text }
    }

    private static let five = "five are needed: minute, hour, day of month, month, day of week"
    private static let macros =
        "accepted are @hourly @daily @midnight @weekly @monthly @yearly @annually"
    private static let dates = "accepted are 1-31, L (the last day) and LW (the last weekday)"
    private static let weekdays =
        "accepted are 0-7 (0 and 7 are Sunday), sun-sat, 5#3 (the third Friday) and 5L (the last Friday)"

    static let refused = [
        Refused(text: "", message: "an empty cron expression; \(five)"),
        Refused(text: "*", message: "1 field, '*'; \(five)"),
        Refused(text: "daily", message: "1 field, 'daily'; \(five); did you mean '@daily'?"),
        Refused(text: "0 9 * *", message: "4 fields, '0 9 * *'; \(five)"),
        Refused(
            text: "0 0 9 * * 1-5", message: "6 fields; \(five), and no seconds; did you mean '0 9 * * 1-5'?"),
        Refused(
            text: "0 0 9 * * ? 2025",
            message: "7 fields; \(five), and no seconds or years; did you mean '0 9 * * ?'?"),
        Refused(
            text: "0 9 * * * /usr/bin/curl -s http://a",
            message: "8 fields; \(five); what to call belongs in [Request]"),
        Refused(text: "@dayly", message: "'@dayly' is unknown; \(macros); did you mean '@daily'?"),
        Refused(text: "@reboot", message: "'@reboot' is not a time; \(macros)"),
        Refused(text: "@every 5m", message: "'@every' stands alone, without fields; found '@every 5m'"),
        Refused(text: "@every", message: "'@every' is written Every=, as in Every=5min; \(macros)"),
        Refused(text: "60 * * * *", message: "the minute field says '60'; accepted are 0-59"),
        Refused(text: "* 24 * * *", message: "the hour field says '24'; accepted are 0-23"),
        Refused(text: "* * 0 * *", message: "the day of month field says '0'; \(dates)"),
        Refused(text: "* * 32 * *", message: "the day of month field says '32'; \(dates)"),
        Refused(text: "* * * 0 *", message: "the month field says '0'; accepted are 1-12 and jan-dec"),
        Refused(text: "* * * * 8", message: "the day of week field says '8'; \(weekdays)"),
        Refused(
            text: "99999999999999999999 * * * *",
            message: "the minute field says '99999999999999999999'; accepted are 0-59"),
        Refused(text: "-5 * * * *", message: "the minute field has '-5', where a value is missing; accepted are 0-59"),
        Refused(text: "5- * * * *", message: "the minute field has '5-', where a value is missing; accepted are 0-59"),
        Refused(text: "1,,2 * * * *", message: "the minute field has an empty place in its list; accepted are 0-59"),
        Refused(text: "1, * * * *", message: "the minute field has an empty place in its list; accepted are 0-59"),
        Refused(
            text: "* 22-2 * * *",
            message: "the hour field has '22-2', which runs backwards; did you mean '22-23,0-2'?; accepted are 0-23"),
        Refused(
            text: "* * * * sat-mon",
            message: "the day of week field has 'sat-mon', which runs backwards; did you mean '6,0-1'?; \(weekdays)"),
        Refused(text: "*/0 * * * *", message: "the minute field has '*/0': a step of 0 never moves; accepted are 0-59"),
        Refused(
            text: "*/90 * * * *",
            message:
                "the minute field has '*/90': a step is 1-59 here; for every 90 minutes use Every=90min; accepted are 0-59"
        ),
        Refused(
            text: "* */x * * *", message: "the hour field has '*/x': a step is a number, as in */5; accepted are 0-23"),
        Refused(
            text: "*/ * * * *", message: "the minute field has '*/': a step is a number, as in */5; accepted are 0-59"),
        Refused(
            text: "*/5/2 * * * *",
            message: "the minute field has '*/5/2': a step is a number, as in */5; accepted are 0-59"),
        Refused(text: "** * * * *", message: "the minute field says '**'; accepted are 0-59"),
        Refused(text: "? * * * *", message: "the minute field says '?'; write '*'; accepted are 0-59"),
        Refused(
            text: "H 3 * * *",
            message:
                "the minute field says 'H'; write a number, and to spread jobs use RandomizedOffset=; accepted are 0-59"
        ),
        Refused(
            text: "* * 15W * *",
            message: "the day of month field says '15W', an extension that is not known here; \(dates)"),
        Refused(
            text: "* * L-3 * *",
            message: "the day of month field says 'L', an extension that is not known here; \(dates)"),
        Refused(
            text: "* * * * L",
            message:
                "the day of week field has 'L' alone: say of which weekday, as in 5L for the last Friday; \(weekdays)"),
        Refused(
            text: "* * * * 5#6",
            message: "the day of week field has '5#6': after # stands which one of the month, 1-5; \(weekdays)"),
        Refused(text: "* * * * #2", message: "the day of week field has '#2', where a value is missing; \(weekdays)"),
        Refused(
            text: "* * * * monday", message: "the day of week field says 'monday'; did you mean 'mon'?; \(weekdays)"),
        Refused(text: "* * * * thr", message: "the day of week field says 'thr'; did you mean 'thu'?; \(weekdays)"),
        Refused(
            text: "* * * agu *",
            message: "the month field says 'agu'; did you mean 'aug'?; accepted are 1-12 and jan-dec"),
        Refused(text: "* * jan * *", message: "the day of month field says 'jan'; \(dates)"),
        Refused(text: "５ * * * *", message: "the minute field says '５'; accepted are 0-59"),
        Refused(text: "\u{1b}[2J * * * *", message: "the minute field says '\\u{1B}[2J'; accepted are 0-59"),
        Refused(text: "0\n9 * * *", message: "4 fields, '0\\u{A}9 * * *'; \(five)"),
        Refused(
            text: String(repeating: "1,", count: 600) + "1 * * * *",
            message: "longer than 1024 bytes; use several Cron= lines"),
    ]

    @Test(arguments: refused)
    func `is refused, and says why`(row: Refused) {
        let error = #expect(throws: CronSyntaxError.self) { try CronExpression(parsing: row.text) }
        #expect(error?.message == row.message)
    }

    @Test func `random bytes are refused or accepted, and never trap`() {
        let alphabet = Array("0123456789*,-/#LlWw@? \tmonfrijandaily\u{e9}\0".utf8)
        var random = RandomSource(seed: 6)
        var accepted = 0
        for index in 0..<60_000 {
            var bytes = index % 2 == 0 ? Array("*/5 1-7 L,15 jan-mar/2 5#3".utf8) : Array("1 2 3 4 5".utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let at = Int.random(in: 0..<bytes.count, using: &random)
                let byte = alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
                if Bool.random(using: &random) { bytes[at] = byte } else { bytes.insert(byte, at: at) }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            guard let expression = try? CronExpression(parsing: text) else { continue }
            accepted += 1
            #expect(expression.text == text)
            let start = Timestamp(seconds: Int64.random(in: -10_000_000_000...10_000_000_000, using: &random))
            #expect(expression.next(after: start, in: .utc).map { $0 > start } ?? true)
        }
        #expect(accepted > 1_000)
    }
}
