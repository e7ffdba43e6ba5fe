import Glibc
import Testing

@testable import History

/// What the history builds on: that the real directory does what ``Storage`` says.
@Suite struct PosixStorageTests {
    private func storage() throws -> (PosixStorage, Scratch) {
        let scratch = try Scratch()
        return (try PosixStorage(path: scratch.path, create: true), scratch)
    }

    @Test func `a rename replaces nothing`() throws {
        let (storage, scratch) = try storage()
        defer { withExtendedLifetime(scratch) {} }
        try storage.create("one").writeAll([1], at: 0, path: "one")
        try storage.create("two").writeAll([2, 2], at: 0, path: "two")
        let error = #expect(throws: SystemError.self) { try storage.rename("one", to: "two") }
        #expect(error?.errno == EEXIST)
        #expect(try storage.open("one").size() == 1)
        #expect(try storage.open("two").size() == 2)
        try storage.rename("one", to: "three")
        #expect(try storage.names().sorted() == ["three", "two"])
    }

    @Test func `a file that has lost its name is not safe, however well it is synced`() throws {
        let (storage, scratch) = try storage()
        defer { withExtendedLifetime(scratch) {} }
        let file = try storage.create("gone")
        try file.writeAll([1], at: 0, path: "gone")
        try file.sync()
        try storage.remove("gone")
        let error = #expect(throws: SystemError.self) { try file.sync() }
        #expect(error?.errno == ENOENT)
    }
}
