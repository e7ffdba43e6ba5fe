import CronCore
import Testing

/// A text, and what becomes of it: assignments as `section.key=value@line`, mistakes as they are printed.
private struct SyntaxRow: Sendable {
    var name: String
    var text: String
    var assignments: [String]
    var messages: [String] = []
}

@Suite struct UnitFileTests {
    private static func read(_ bytes: [UInt8]) -> (assignments: [String], messages: [String]) {
        let (unit, diagnostics) = UnitFile.parse(bytes, file: "f")
        return (
            unit.assignments.map { "\($0.section ?? "-").\($0.key)=\($0.value)@\($0.line)" },
            diagnostics.map(\.description)
        )
    }

    private static let rows = [
        SyntaxRow(name: "nothing", text: "", assignments: []),
        SyntaxRow(name: "sections and keys", text: "[A]\nx=1\n[B]\ny=2\n", assignments: ["A.x=1@2", "B.y=2@4"]),
        SyntaxRow(
            name: "blanks around everything", text: "\t [A]  \n  x \t=  a  b \n\n y=\n",
            assignments: ["A.x=a  b@2", "A.y=@4"]),
        SyntaxRow(
            name: "comments", text: "# a=1\n;b=2\n  # c=3\n[A]\nx=1 # no comment\n",
            assignments: ["A.x=1 # no comment@5"]),
        SyntaxRow(
            name: "continuation", text: "[A]\nx=one\\\ntwo\\\n   three\ny=1\n",
            assignments: ["A.x=one two    three@2", "A.y=1@5"]),
        SyntaxRow(
            name: "comments within a continuation", text: "[A]\nx=one\\\n# two\n;three\\\nfour\n",
            assignments: ["A.x=one four@2"]),
        SyntaxRow(
            name: "an escaped backslash ends nothing", text: "[A]\nx=one\\\\\ny=2\\\\\\\n3\n",
            assignments: ["A.x=one\\\\@2", "A.y=2\\\\ 3@3"]),
        SyntaxRow(
            name: "an empty line ends a continuation", text: "[A]\nx=1\\\n\ny=2\n", assignments: ["A.x=1@2", "A.y=2@4"]),
        SyntaxRow(name: "repeated keys", text: "[A]\nx=1\nx=2\nx=\n", assignments: ["A.x=1@2", "A.x=2@3", "A.x=@4"]),
        SyntaxRow(name: "equals in a value", text: "[A]\nx=a=b==\n", assignments: ["A.x=a=b==@2"]),
        SyntaxRow(name: "a byte order mark", text: "\u{feff}[A]\nx=1\n", assignments: ["A.x=1@2"]),
        SyntaxRow(name: "UTF-8", text: "[A]\nx=grüße 😀\n", assignments: ["A.x=grüße 😀@2"]),
        SyntaxRow(name: "quotes stay", text: "[A]\nx=\"a b\" %n\n", assignments: ["A.x=\"a b\" %n@2"]),
        SyntaxRow(name: "outside of a section", text: "x=1\n", assignments: ["-.x=1@1"]),
        SyntaxRow(
            name: "no newline at the end", text: "[A]\nx=1", assignments: ["A.x=1@2"],
            messages: ["f:2: the last line has no newline at its end, as if half-written; if it is not, add one"]),
        SyntaxRow(
            name: "nothing behind the last backslash", text: "[A]\nx=1\\\n", assignments: [],
            messages: ["f:2: goes on behind its last backslash, but the file ends: it looks half-written"]),
        SyntaxRow(
            name: "no equals sign", text: "[A]\nnonsense\nx=1\n", assignments: ["A.x=1@3"],
            messages: [
                "f:2: is neither a [Section] nor Key=value nor a comment (a value that goes on needs a backslash at the"
                    + " end of the line before)"
            ]),
        SyntaxRow(
            name: "no key", text: "[A]\n =1\n", assignments: [], messages: ["f:2: has nothing in front of the '='"]),
        SyntaxRow(
            name: "headers that are none", text: "[A\nx=1\n[]\ny=2\n[B] # c\n[C]\nz=3\n", assignments: ["C.z=3@7"],
            messages: [
                "f:1: '[A' is no section header; write it as [Job], alone on its line",
                "f:3: '[]' is no section header; write it as [Job], alone on its line",
                "f:5: '[B] # c' is no section header; write it as [Job], alone on its line",
            ]),
        SyntaxRow(
            name: "CR LF", text: "[A]\r\nx=1\r\n", assignments: [],
            messages: [#"f:1: ends in CR LF, as DOS writes lines; convert the file: sed -i 's/\r$//' f"#]),
        SyntaxRow(
            name: "NUL", text: "[A]\nx=1\0\n", assignments: [],
            messages: ["f:2: holds a NUL byte: this is not a text file"]),
        SyntaxRow(
            name: "other control characters, once", text: "[A]\nx=\u{1b}[31m\ny=\u{7}\n",
            assignments: ["A.x=\u{1b}[31m@2", "A.y=\u{7}@3"], messages: ["f:2: holds the control character U+001B"]),
    ]

    @Test(arguments: rows.indices)
    func `is read as systemd reads it`(index: Int) {
        let row = Self.rows[index]
        let (assignments, messages) = Self.read(Array(row.text.utf8))
        #expect(assignments == row.assignments, "\(row.name)")
        #expect(messages == row.messages, "\(row.name)")
    }

    @Test func `what is not UTF-8 is refused with its line`() {
        let (assignments, messages) = Self.read(Array("[A]\nx=1\n".utf8) + [0x79, 0x3d, 0xff, 0x0a])
        #expect(assignments.isEmpty)
        #expect(messages == ["f:3: is not UTF-8; convert the file: iconv -t UTF-8"])
    }

    @Test func `64 KiB are read and one byte more is not`() {
        let text = Array("[A]\n".utf8) + [UInt8](repeating: 0x0a, count: UnitFile.sizeLimit - 4)
        #expect(Self.read(text).messages.isEmpty)
        #expect(
            Self.read(text + [0x0a]).messages == [
                "f: the file has 65537 bytes; at most 65536 are read. Put a large body into a file of its own and name"
                    + " it with BodyFile="
            ])
    }

    @Test func `a file of continuation lines alone takes no longer than another`() {
        // Quadratic copying would take minutes.
        let text =
            Array("[A]\nx=".utf8) + Array(repeating: Array("\\\n".utf8), count: 32_000).joined() + Array("1\n".utf8)
        #expect(Self.read(text).assignments.count == 1)
    }
}
