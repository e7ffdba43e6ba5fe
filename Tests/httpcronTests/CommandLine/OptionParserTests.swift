import Testing

@testable import httpcron

@Suite struct OptionParserTests {
    private let parser = OptionParser([
        OptionSpec("lines", short: "n", value: "N", ""), OptionSpec("follow", short: "f", ""),
        OptionSpec("output", short: "o", value: "FORMAT", ""), OptionSpec("since", value: "TIME", ""),
    ])

    struct Row: CustomTestStringConvertible {
        let arguments: [String]
        var values: [String: [String]] = [:]
        var operands: [String] = []

        var testDescription: String { arguments.joined(separator: " ") }
    }

    @Test(arguments: [
        Row(arguments: []),
        Row(arguments: ["health"], operands: ["health"]),
        Row(arguments: ["-n", "20"], values: ["lines": ["20"]]),
        Row(arguments: ["-n20"], values: ["lines": ["20"]]),
        Row(arguments: ["-fn20"], values: ["follow": [""], "lines": ["20"]]),
        Row(arguments: ["-fn", "20", "a"], values: ["follow": [""], "lines": ["20"]], operands: ["a"]),
        Row(arguments: ["--lines=20"], values: ["lines": ["20"]]),
        Row(arguments: ["--lines", "20"], values: ["lines": ["20"]]),
        Row(arguments: ["--since="], values: ["since": [""]]),
        Row(arguments: ["--since=a=b"], values: ["since": ["a=b"]]),
        Row(arguments: ["--since", "-1h"], values: ["since": ["-1h"]]),
        Row(arguments: ["a", "-f", "b"], values: ["follow": [""]], operands: ["a", "b"]),
        Row(arguments: ["-"], operands: ["-"]),
        Row(arguments: ["-f", "--", "-n", "--x"], values: ["follow": [""]], operands: ["-n", "--x"]),
        Row(arguments: ["-n1", "-n2"], values: ["lines": ["1", "2"]]),
    ])
    func `takes what getopt_long takes`(row: Row) throws {
        let parsed = try parser.parse(row.arguments)
        #expect(parsed.values == row.values)
        #expect(parsed.operands == row.operands)
    }

    @Test func `the last value wins`() throws {
        #expect(try parser.parse(["-n1", "-n2"]).value(of: "lines") == "2")
    }

    struct Refusal: CustomTestStringConvertible {
        let arguments: [String]
        let message: String

        var testDescription: String { arguments.joined(separator: " ") }
    }

    @Test(arguments: [
        Refusal(arguments: ["--lnies=1"], message: "unknown option --lnies; did you mean --lines?"),
        Refusal(arguments: ["--fol"], message: "unknown option --fol; did you mean --follow?"),
        Refusal(arguments: ["--zebra"], message: "unknown option --zebra"),
        Refusal(arguments: ["-x"], message: "unknown option -x"),
        Refusal(arguments: ["-fx"], message: "unknown option -x"),
        Refusal(arguments: ["-n"], message: "-n needs a value: -n N"),
        Refusal(arguments: ["--since"], message: "--since needs a value: --since TIME"),
        Refusal(arguments: ["--follow=yes"], message: "--follow takes no value"),
    ])
    func `says what is wrong and what was probably meant`(row: Refusal) {
        #expect(throws: UsageError(row.message)) { try parser.parse(row.arguments) }
    }

    @Test func `no two options of a verb share a name or a letter`() {
        for verb in Verb.all {
            let names = verb.allOptions.map(\.long)
            let letters = verb.allOptions.compactMap(\.short)
            #expect(Set(names).count == names.count, "\(verb.name)")
            #expect(Set(letters).count == letters.count, "\(verb.name)")
        }
    }
}
