import CronCore
import Foundation
import Testing

/// What `etc/` ships is read by the parser that will read it on a server, and says what the program does.
@Suite struct ShippedFilesTests {
    @Test func `httpcron conf shows every setting, commented out at its default`() throws {
        let lines = try shipped("httpcron.conf").split(separator: "\n")
        var shown: [String: String] = [:]
        for line in lines where line.hasPrefix("#") && !line.hasPrefix("# ") && line != "#" {
            let parts = line.dropFirst().split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            try #require(parts.count == 2, "not a setting: \(line)")
            shown[String(parts[0])] = String(parts[1])
        }
        for directive in DirectiveTable.daemon.directives {
            let removed = shown.removeValue(forKey: directive.key)
            let value = try #require(removed, "\(directive.key)= is not shown")
            #expect(value == directive.fallback || value.isEmpty && directive.fallback.contains(" "))
        }
        for directive in DirectiveTable.defaults.directives {
            let value = shown.removeValue(forKey: directive.key)
            let isWord = !directive.fallback.isEmpty && !directive.fallback.contains(" ")
            #expect(value == (isWord ? directive.fallback : nil), "\(directive.key)=")
        }
        #expect(shown.isEmpty, "shown, and not known")
    }

    @Test func `httpcron conf is accepted, as it stands and with every comment taken away`() throws {
        let text = try shipped("httpcron.conf")
        let settings = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.hasPrefix("#") && !line.hasPrefix("# ") ? line.dropFirst() : line
        }
        for text in [text, settings.joined(separator: "\n")] {
            let read = DaemonSettings.parse(Array(text.utf8))
            #expect(read.diagnostics.isEmpty)
            #expect(read.settings != nil)
        }
    }

    @Test func `the example job is accepted, and off`() throws {
        let outcome = parse(try shipped("jobs.d/example.job"))
        #expect(outcome.diagnostics.isEmpty)
        let job = try #require(outcome.job)
        #expect(!job.isEnabled)
    }

    private func shipped(_ name: String) throws -> String {
        let root = (0..<4).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }
        return try String(contentsOf: root.appending(path: "etc/httpcron/\(name)"), encoding: .utf8)
    }
}
