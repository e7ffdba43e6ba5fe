/// The bearer tokens of the API, as the credential `api-tokens` has them: `TOKEN SCOPE[,SCOPE]` a line; empty lines and
/// such as begin with `#` are passed over.
package struct APITokens: Sendable {
    private struct Entry: Sendable {
        var token: [UInt8]
        var scopes: Set<APIScope>
    }

    /// A shorter one could be guessed.
    package static let shortest = 16

    private var entries: [Entry] = []
    /// What is wrong with the file, line by line; such lines grant nothing.
    package private(set) var mistakes: [String] = []

    package init() {}

    package init(_ file: [UInt8]) {
        for (index, line) in file.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            let words = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r") }
            guard let first = words.first, first.first != UInt8(ascii: "#") else { continue }
            // The line is told by its number: what it holds is a secret.
            let mistake = "api-tokens:\(index + 1): "
            guard words.count == 2 else {
                mistakes.append(mistake + "is not “TOKEN SCOPE[,SCOPE]”")
                continue
            }
            guard first.count >= Self.shortest else {
                mistakes.append(
                    mistake + "a token has \(Self.shortest) characters at least: openssl rand -hex 24 makes one")
                continue
            }
            var scopes: Set<APIScope> = []
            for name in words[1].split(separator: UInt8(ascii: ",")) {
                let name = String(decoding: name, as: UTF8.self)
                if let scope = APIScope(rawValue: name) {
                    scopes.insert(scope)
                } else {
                    mistakes.append(mistake + "there is no such scope; there are cron:read, cron:write, metrics")
                }
            }
            entries.append(Entry(token: Array(first), scopes: scopes))
        }
    }

    package var isEmpty: Bool { entries.isEmpty }

    /// What `token` grants; nil: it is none of them. Takes as long whichever it is, and however much of it is right.
    package func scopes(of token: [UInt8]) -> Set<APIScope>? {
        var found: Set<APIScope>?
        for entry in entries where Self.isEqual(entry.token, token) { found = entry.scopes }
        return found
    }

    /// Looks at every byte of `known`, whatever the others say.
    private static func isEqual(_ known: [UInt8], _ given: [UInt8]) -> Bool {
        var difference: UInt8 = known.count == given.count ? 0 : 1
        for index in known.indices { difference |= known[index] ^ (index < given.count ? given[index] : 0) }
        return difference == 0
    }
}
