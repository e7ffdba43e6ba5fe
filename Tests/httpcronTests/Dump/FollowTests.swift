import CronCore
import Foundation
import Testing

@Suite struct FollowTests {
    /// Reads until `count` lines have come; what came before the end of the file if that is sooner.
    private func lines(_ count: Int, from handle: FileHandle) -> [String] {
        var bytes = Data()
        while bytes.count(where: { $0 == UInt8(ascii: "\n") }) < count {
            let more = handle.availableData
            guard !more.isEmpty else { break }
            bytes += more
        }
        return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
    }

    /// `seq`, the last column.
    private func sequence(_ line: String) -> String? {
        line.split(separator: ",").last.map(String.init)
    }

    @Test(.timeLimit(.minutes(1)))
    func `what is added is shown, once and in order, also across segments`() throws {
        let workshop = try Workshop()
        let ten = Sample.ten
        try workshop.record((1...3).map { .execution(Sample.execution($0, "a", of: ten + .minutes(Int64($0)))) })
        let process = Process()
        process.executableURL = try Workshop.binary()
        process.arguments = ["dump", "-f", "-n", "2", "-o", "csv", "--state", workshop.state.path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        defer {
            // Not SIGTERM: a process inherits the signals that the threads of a test block.
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        let first = lines(3, from: output.fileHandleForReading)
        #expect(first.dropFirst().map(sequence) == ["2", "3"])
        try workshop.record([
            .note(Sample.note(4, "a", .missed, from: ten + .minutes(4))),
            .execution(Sample.execution(5, "a", of: ten + .minutes(5))),
        ])
        let second = lines(2, from: output.fileHandleForReading)
        #expect(second.map(sequence) == ["4", "5"])
    }
}
