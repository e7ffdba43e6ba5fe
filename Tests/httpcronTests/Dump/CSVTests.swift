import CronCore
import Testing

@testable import httpcron

@Suite struct CSVTests {
    private func text(_ write: (CSV, inout [UInt8]) -> Void, isForTerminal: Bool = false) -> String {
        var bytes: [UInt8] = []
        write(CSV(isForTerminal: isForTerminal), &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// RFC 4180, read back by the book.
    private func parse(_ text: String) -> [[String]] {
        var rows: [[String]] = [[]]
        var field = ""
        var isQuoted = false
        var rest = Array(text.unicodeScalars)[...]
        while let scalar = rest.popFirst() {
            if isQuoted {
                if scalar == "\"" {
                    if rest.first == "\"" { field.unicodeScalars.append(rest.removeFirst()) } else { isQuoted = false }
                } else {
                    field.unicodeScalars.append(scalar)
                }
                continue
            }
            switch scalar {
            case "\"": isQuoted = true
            case ",":
                rows[rows.count - 1].append(field)
                field = ""
            case "\r" where rest.first == "\n":
                rest.removeFirst()
                rows[rows.count - 1].append(field)
                field = ""
                rows.append([])
            default: field.unicodeScalars.append(scalar)
            }
        }
        rows.removeLast()
        return rows
    }

    private func value(_ name: String, _ row: [String]) -> String? {
        CSV.columns.firstIndex(of: name).flatMap { row.indices.contains($0) ? row[$0] : nil }
    }

    @Test func `each line has every column, in place`() throws {
        let execution = Sample.failed(7, "a", of: Sample.ten, next: Sample.ten + .seconds(15))
        let note = Sample.note(
            8, "b", .missed, count: 3, from: Sample.ten, to: Sample.ten + .minutes(2), detail: "x, y")
        let rows = parse(
            text { csv, bytes in
                csv.appendHeading(to: &bytes)
                csv.append(execution, to: &bytes)
                csv.append(note, to: &bytes)
            })
        try #require(rows.count == 3)
        #expect(rows[0] == CSV.columns)
        #expect(rows.allSatisfy { $0.count == CSV.columns.count })
        #expect(value("kind", rows[1]) == "execution")
        #expect(value("http_status", rows[1]) == "500")
        #expect(value("response_body", rows[1]) == "{\"error\":\"Internal Server Error\"}")
        #expect(value("next_attempt_at", rows[1]) == "2025-01-15T10:00:15.000000Z")
        #expect(value("seq", rows[1]) == "7")
        #expect(value("reason", rows[1]) == "")
        #expect(value("kind", rows[2]) == "note")
        #expect(value("reason", rows[2]) == "missed")
        #expect(value("count", rows[2]) == "3")
        #expect(value("detail", rows[2]) == "x, y")
        #expect(value("last_scheduled_at", rows[2]) == "2025-01-15T10:02:00Z")
        #expect(value("seq", rows[2]) == "8")
    }

    @Test(arguments: ["a,b", "say \"hi\"", "two\r\nlines", "\"\u{301}", "\"", ",", "\n", "日本, 🎉", "\"\u{200d}\",x"])
    func `whatever a body holds, it is one field`(body: String) throws {
        let execution = Sample.execution(1, "a", of: Sample.ten, body: body)
        let rows = parse(text { $0.append(execution, to: &$1) })
        try #require(rows.count == 1)
        #expect(rows[0].count == CSV.columns.count)
        #expect(value("response_body", rows[0]) == body)
    }

    @Test func `on a terminal nothing is sent that it would obey`() {
        let execution = Sample.execution(1, "a", of: Sample.ten, body: "\u{1b}[2J\u{9b}x")
        let shown = text({ $0.append(execution, to: &$1) }, isForTerminal: true)
        #expect(shown.contains("\\x1b[2J\\u009bx"))
        #expect(!shown.contains("\u{1b}"))
    }
}
