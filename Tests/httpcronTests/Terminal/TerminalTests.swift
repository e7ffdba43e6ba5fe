import Testing

@testable import httpcron

@Suite struct EscapingTests {
    struct Row: CustomTestStringConvertible {
        let hostile: String
        let shown: String

        var testDescription: String { shown }
    }

    @Test(arguments: [
        Row(hostile: "plain, naïve, 日本語 🎉", shown: "plain, naïve, 日本語 🎉"),
        Row(hostile: "\u{1b}[2J\u{1b}]0;owned\u{7}", shown: "\\x1b[2J\\x1b]0;owned\\x07"),
        Row(hostile: "a\r\nb\tc\0", shown: "a\\r\\nb\\tc\\x00"),
        Row(hostile: "\u{9b}31m", shown: "\\u009b31m"),
        Row(hostile: "\u{7f}", shown: "\\x7f"),
        Row(hostile: "gpj.\u{202e}exe", shown: "gpj.\\u202eexe"),
        Row(hostile: "\u{2028}\u{200b}\u{feff}\u{2066}", shown: "\\u2028\\u200b\\ufeff\\u2066"),
        Row(hostile: "\u{e0041}", shown: "\\ue0041"),
    ])
    func `nothing that a terminal obeys gets through`(row: Row) {
        #expect(escapedForTerminal(row.hostile) == row.shown)
    }

    @Test func `every control character is escaped`() {
        for value in Array(UInt32(0)...0x1f) + Array(UInt32(0x7f)...0x9f) {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let shown = escapedForTerminal(String(Character(scalar)))
            #expect(shown.hasPrefix("\\"), "\(value)")
        }
    }
}

@Suite struct TableTests {
    @Test func `columns are as wide as what a terminal shows of them`() {
        var table = Table([.init("JOB"), .init("HTTP", alignsRight: true), .init("ERROR")], maxWidth: nil)
        let rows = [[Cell("日本"), Cell("200"), Cell("")], [Cell("a"), Cell("-"), Cell("HTTP 500")]]
        table.measure(rows)
        #expect(table.heading(colour: false) == "JOB   HTTP  ERROR\n")
        #expect(table.line(rows[0], colour: false) == "日本   200\n")
        #expect(table.line(rows[1], colour: false) == "a        -  HTTP 500\n")
    }

    @Test func `colour goes around the text and not around the spaces`() {
        var table = Table([.init("A"), .init("B")], maxWidth: nil)
        let row = [Cell("ok", .good), Cell("x")]
        table.measure([row])
        #expect(table.line(row, colour: true) == "\u{1b}[32mok\u{1b}[0m  x\n")
    }

    @Test func `only the last column is cut`() {
        var table = Table([.init("A"), .init("B")], maxWidth: 16)
        let row = [Cell("1234"), Cell("abcdefghijklmnop")]
        table.measure([row])
        #expect(table.line(row, colour: false) == "1234  abcdefghi…\n")
    }

    @Test func `a cell cannot carry a control character`() {
        #expect(Cell("\u{1b}[31m").text == "\\x1b[31m")
    }

    struct Width: CustomTestStringConvertible {
        let text: String
        let columns: Int

        var testDescription: String { text }
    }

    @Test(arguments: [
        Width(text: "", columns: 0), Width(text: "abc", columns: 3), Width(text: "é", columns: 1),
        Width(text: "e\u{301}", columns: 1), Width(text: "日本", columns: 4), Width(text: "🎉", columns: 2),
        Width(text: "🇩🇪", columns: 2), Width(text: "…", columns: 1),
    ])
    func `a character may take two columns or none`(row: Width) {
        #expect(row.text.displayWidth == row.columns)
    }
}

@Suite struct ScreenTests {
    struct Row: CustomTestStringConvertible {
        let text: String
        let fits: Bool

        var testDescription: String { text }
    }

    /// Three lines of ten columns, one of them for the prompt.
    @Test(arguments: [
        Row(text: "", fits: true), Row(text: "a\nb\n", fits: true), Row(text: "a\nb\nc\n", fits: false),
        Row(text: "0123456789\nb\n", fits: true), Row(text: "0123456789x\nb\n", fits: false),
        Row(text: "\u{1b}[31m0123456789\u{1b}[0m\nb\n", fits: true), Row(text: "日本日本日\n\n", fits: true),
        Row(text: "日本日本日本\n\n", fits: false),
    ])
    func `a pager is for what does not fit, long lines wrapped`(row: Row) {
        let screen = Screen(isTerminal: true, colour: true, width: 10, height: 3)
        #expect(screen.fits(Array(row.text.utf8)) == row.fits)
    }
}
