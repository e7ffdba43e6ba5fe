extension Template {
    /// Reads text with placeholders: `${…}` is one of the known, `$$` and any other `$` are a dollar.
    init(parsing text: String) throws(BadValue) {
        self.init(pieces: [])
        let bytes = text.utf8
        // Most values have none; they stay the string they are.
        guard bytes.contains(dollar) else {
            if !text.isEmpty { pieces.append(.literal(text)) }
            return
        }
        var literal = ""
        var rest = text[...]
        while let sign = rest.utf8.firstIndex(of: dollar) {
            literal += rest[..<sign]
            let after = rest[rest.index(after: sign)...]
            switch after.utf8.first {
            case dollar:
                literal += "$"
                rest = after.dropFirst()
            case UInt8(ascii: "{"):
                guard let end = after.utf8.firstIndex(of: UInt8(ascii: "}")) else {
                    throw BadValue("a '${' is not closed; for a dollar sign write '$$'")
                }
                if !literal.isEmpty { pieces.append(.literal(literal)) }
                literal = ""
                pieces.append(.placeholder(try Placeholder(name: after[..<end].dropFirst())))
                rest = after[after.index(after: end)...]
            default:
                literal += "$"
                rest = after
            }
        }
        literal += rest
        if !literal.isEmpty { pieces.append(.literal(literal)) }
    }

    /// The text, if there is no placeholder in it.
    package var plainText: String? {
        switch pieces.count {
        case 0: ""
        case 1: if case .literal(let text) = pieces[0] { text } else { nil }
        default: nil
        }
    }

    /// The names of the credentials in it, each time they occur.
    var credentialNames: [String] {
        pieces.compactMap { if case .placeholder(.credential(let name)) = $0 { name } else { nil } }
    }

    var holdsCredential: Bool {
        pieces.contains { if case .placeholder(.credential) = $0 { true } else { false } }
    }

    /// The text that a job file would have for it; reads back as the same template.
    package var source: String {
        var text = ""
        for piece in pieces {
            switch piece {
            case .literal(let literal): text += literal.replacing("$", with: "$$")
            case .placeholder(let placeholder): text += "${\(placeholder.name)}"
            }
        }
        return text
    }
}

extension Placeholder {
    /// What stands between `${` and `}`, but for credentials, which name theirs.
    private static let plain: [(name: String, placeholder: Placeholder)] = [
        ("job", .job), ("run_id", .runID), ("attempt", .attempt), ("scheduled_at", .scheduledAt),
        ("failed.job", .failedJob), ("failed.error", .failedError), ("failed.error_code", .failedErrorCode),
        ("failed.http_status", .failedHTTPStatus), ("failed.execution", .failedExecution),
    ]

    package static let names = plain.map(\.name) + ["credential:NAME"]

    fileprivate init(name: Substring) throws(BadValue) {
        if name.hasPrefix("credential:") {
            self = .credential(try credentialName(name.dropFirst("credential:".count)))
            return
        }
        guard let known = Self.plain.first(where: { $0.name == name }) else {
            let hint = NearMiss.hint(name, among: Self.plain.lazy.map(\.name))
            throw BadValue(
                "\(quoted("${\(name)}")) is no placeholder\(hint.isEmpty ? "." : hint)"
                    + " They are \(listed(Self.names.map { "${\($0)}" }, conjunction: "and")); for a dollar sign write '$$'"
            )
        }
        self = known.placeholder
    }

    var name: String {
        if case .credential(let name) = self { return "credential:\(name)" }
        return Self.plain.first { $0.placeholder == self }?.name ?? ""
    }
}

extension FileReference {
    /// An absolute path, or `credential:NAME`.
    init(parsing text: String) throws(BadValue) {
        if text.hasPrefix("credential:") {
            self = .credential(try credentialName(text.dropFirst("credential:".count)))
        } else {
            self = .path(try absolutePath(text))
        }
    }
}

/// A credential is a file in one of a few directories: its name must not lead anywhere else.
private func credentialName(_ name: Substring) throws(BadValue) -> String {
    guard JobID.isValid(name) else {
        throw BadValue("\(quoted(name)) is no name of a credential: letters, digits, '_', '.' and '-', at most 100")
    }
    return String(name)
}

func absolutePath(_ text: String) throws(BadValue) -> String {
    guard text.hasPrefix("/") else { throw BadValue("the path must begin with '/'") }
    guard text.utf8.count < 4_096 else { throw BadValue("the path is too long") }
    return text
}

private let dollar = UInt8(ascii: "$")
