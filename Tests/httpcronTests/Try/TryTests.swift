import Foundation
import Testing

@testable import httpcron

@Suite struct TryTests {
    /// A directory with the tool and, as `place` says, a daemon that prints what it is asked to do.
    private func install(_ workshop: Workshop, daemonIn place: String) throws -> URL {
        let binaries = workshop.root.appending(path: "bin")
        let daemons = binaries.appending(path: place)
        try FileManager.default.createDirectory(at: daemons, withIntermediateDirectories: true)
        try FileManager.default.createDirectory(at: binaries, withIntermediateDirectories: true)
        let tool = binaries.appending(path: "httpcron")
        try FileManager.default.copyItem(at: try Workshop.binary(), to: tool)
        let daemon = daemons.appending(path: "httpcrond")
        try Data("#!/bin/sh\nprintf '%s\\n' \"$@\"\nexit 7\n".utf8).write(to: daemon)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: daemon.path)
        return tool
    }

    private func run(_ tool: URL, _ arguments: [String], in directory: URL) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = tool
        process.arguments = arguments
        process.currentDirectoryURL = directory
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    @Test(arguments: [".", "../sbin"])
    func `the daemon's own binary carries it out, and its exit status is ours`(place: String) throws {
        let workshop = try Workshop()
        let tool = try install(workshop, daemonIn: place)
        try workshop.job("health", "[Job]")
        let paths = ["--jobs", workshop.jobs.path, "--config=/some/where"]
        let named = try run(tool, ["try", "health"] + paths, in: workshop.root)
        #expect(named.status == 7)
        #expect(
            named.output.split(separator: "\n").map(String.init) == [
                "--try", "\(workshop.jobs.path)/health.job", "--jobs", workshop.jobs.path, "--config", "/some/where",
            ])
        let file = try run(tool, ["try", "./x y.job"], in: workshop.root)
        #expect(file.output == "--try\n./x y.job\n")
    }

    @Test func `one file it must be`() throws {
        let workshop = try Workshop()
        #expect(try workshop.run("try", withPaths: false).status == 2)
        #expect(try workshop.run("try", "a", "b", withPaths: false).status == 2)
    }
}
