internal import CronCore
internal import Glibc
internal import History

extension Verb {
    static let verify = Verb(
        name: "verify",
        operands: "",
        summary: "Check every record of the history, and tell what is damaged",
        description: """
            Reads every byte of the history and tells, by file and offset, what is torn (half-written when the daemon or
            the system died, and never acknowledged), corrupt, missing, or there twice. Works beside a running daemon
            and on a copy, and changes nothing. Damaged files that a start or a compaction has set aside are named too;
            they are no damage of the history as it is now. The exit status is 1 if anything is damaged or torn.
            """,
        options: [.outputJSON],
        examples: [
            .init("httpcron verify", "the whole history"),
            .init("httpcron verify --state /mnt/backup/httpcron", "a copy, before it is trusted"),
            .init("httpcron verify -o json | jq -r 'select(.file) | .file'", "the files with damage"),
        ],
        run: { try Verify.run($0) })
}

/// `httpcron verify`.
enum Verify {
    static func run(_ arguments: ParsedArguments) throws -> Int32 {
        let isJSON = try wantsJSON(arguments)
        guard arguments.operands.isEmpty else {
            throw UsageError("verify takes no JOB: the whole history is read; see httpcron verify --help")
        }
        let place = Workplace(arguments)
        let began = systemTime()
        let found = try read(place)
        let took = systemTime() - began
        return try place.show { output in
            if isJSON {
                for damage in found.findings + found.kept { line(damage).write(to: output) }
                summary(found, took).write(to: output)
            } else {
                write(found, took, to: output)
            }
            return found.isDamaged ? 1 : 0
        }
    }

    private static func read(_ place: Workplace) throws(ToolError) -> Verification {
        do throws(HistoryError) {
            return try HistoryVerifier.run(directory: place.historyPath, pause: { usleep(50_000) })
        } catch {
            throw ToolError(place.words(error))
        }
    }

    private static func write(_ found: Verification, _ took: TimeSpan, to output: Output) {
        for damage in found.findings + found.kept { output.write(escapedForTerminal("\(damage)") + "\n") }
        if found.omitted > 0 { output.write("and \(found.omitted) more places\n") }
        if found.idStride > 1 {
            output.write("there are very many executions: of \(found.idStride) ids one was held against the others\n")
        }
        output.write(
            "\(counted(found.segments, "segment")), \(counted(found.records, "record")), "
                + "\(found.bytes.inBytes) read in \(took.words): \(verdict(found))\n")
    }

    private static func verdict(_ found: Verification) -> String {
        guard found.isDamaged else { return "no damage" }
        let kinds = Damage.Kind.allCases.compactMap { kind -> String? in
            let count = found.findings.count { $0.kind == kind }
            return count == 0 ? nil : "\(count) \(kind.rawValue)"
        }
        return kinds.joined(separator: ", ")
    }

    private static func counted(_ count: some BinaryInteger, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }

    private static func line(_ damage: Damage) -> JSONLine {
        var line = JSONLine()
        line.add("kind", damage.kind == .notice ? "kept" : damage.kind.rawValue)
        line.add("file", damage.file)
        line.add("from", Int(clamping: damage.range.lowerBound))
        line.add("to", Int(clamping: damage.range.upperBound))
        line.add("what", damage.words)
        return line
    }

    private static func summary(_ found: Verification, _ took: TimeSpan) -> JSONLine {
        var line = JSONLine()
        line.add("kind", "summary")
        line.add("damaged", found.isDamaged)
        line.add("segments", found.segments)
        line.add("batches", Int(clamping: found.batches))
        line.add("records", Int(clamping: found.records))
        line.add("bytes", Int(clamping: found.bytes))
        for kind in Damage.Kind.allCases where kind != .notice {
            line.add(key(kind), found.findings.count { $0.kind == kind })
        }
        line.add("kept", found.kept.count)
        line.add("omitted", found.omitted)
        line.add("ids_compared_one_in", Int(clamping: found.idStride))
        line.add("duration_ms", Int(clamping: took.microseconds / 1_000))
        return line
    }

    private static func key(_ kind: Damage.Kind) -> StaticString {
        switch kind {
        case .corrupt: "corrupt"
        case .torn: "torn"
        case .missing: "missing"
        case .repeated: "repeated"
        case .notice: "notices"
        }
    }
}
