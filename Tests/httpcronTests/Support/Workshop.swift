import CronCore
import Foundation
import History
import Testing
import Threads

/// A directory of job files and a history of its own, and the built tool to look at them. Gone with its last reference.
final class Workshop {
    let root: URL
    var jobs: URL { root.appending(path: "jobs.d") }
    var state: URL { root.appending(path: "state") }
    var history: URL { state.appending(path: "history") }

    struct Result {
        let status: Int32
        let output: String
        let errors: String

        /// The objects of JSON lines, as Foundation reads them.
        var objects: [[String: Any]] {
            get throws {
                try output.split(separator: "\n").map { line in
                    let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
                    return try #require(object as? [String: Any])
                }
            }
        }
    }

    init() throws {
        root = FileManager.default.temporaryDirectory.appending(path: "httpcron-tool-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: root.appending(path: "jobs.d"), withIntermediateDirectories: true)
        try FileManager.default.createDirectory(at: root.appending(path: "state"), withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: root)
    }

    func job(_ name: String, _ text: String) throws {
        try Data((text + "\n").utf8).write(to: jobs.appending(path: name + ".job"))
    }

    /// Writes the records through the daemon's own writer; their numbers begin with 1.
    func record(_ records: [Record]) throws {
        var state = RandomSource(seed: 1)
        let numbers = (0..<64).map { _ in state.next() }
        let index = Counter()
        let settings = HistorySettings(now: { Sample.ten }, random: { numbers[index.next() % numbers.count] })
        let opened = try HistoryStore.open(directory: history.path, settings: settings, bell: Bell())
        opened.writer.append(records, needsSync: true)
        opened.writer.close()
    }

    /// Runs `httpcron VERB`, with the paths of this directory.
    func run(
        _ arguments: String..., input: String? = nil, variables: [String: String] = [:], withPaths: Bool = true
    ) throws -> Result {
        try run(arguments, input: input, variables: variables, withPaths: withPaths)
    }

    func run(
        _ arguments: [String], input: String? = nil, variables: [String: String] = [:], withPaths: Bool = true
    ) throws -> Result {
        let process = Process()
        process.executableURL = try Workshop.binary()
        let paths = [
            "--jobs", jobs.path, "--state", state.path, "--config", root.appending(path: "httpcron.conf").path,
        ]
        if withPaths, !FileManager.default.fileExists(atPath: paths[5]) {
            try Data().write(to: URL(fileURLWithPath: paths[5]))
        }
        process.arguments = Array(arguments.prefix(1)) + (withPaths ? paths : []) + arguments.dropFirst()
        process.environment = ["TZ": "Europe/Berlin", "PATH": "/usr/bin:/bin"].merging(variables) { $1 }
        let (output, errors, source) = (Pipe(), Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = source
        try process.run()
        source.fileHandleForWriting.write(Data((input ?? "").utf8))
        try source.fileHandleForWriting.close()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let complaints = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Result(
            status: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
            errors: String(decoding: complaints, as: UTF8.self))
    }

    /// Beside the test bundle.
    static func binary() throws -> URL {
        let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        let binary = bundle.appending(path: "httpcron")
        try #require(FileManager.default.isExecutableFile(atPath: binary.path), "\(binary.path) is not built")
        return binary
    }
}

/// Compares with a file beside the tests; `HTTPCRON_UPDATE_GOLDEN=1` writes it anew.
func expectGolden(_ text: String, _ name: String, _ location: SourceLocation = #_sourceLocation) throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Golden/\(name)")
    if ProcessInfo.processInfo.environment["HTTPCRON_UPDATE_GOLDEN"] != nil {
        try Data(text.utf8).write(to: file)
    }
    let expected = try String(contentsOf: file, encoding: .utf8)
    #expect(text == expected, sourceLocation: location)
}
