import Configuration
import CronCore
import Foundation
import Testing

@Suite final class CredentialStoreTests {
    private let directory: TemporaryDirectory
    private let store: CredentialStore

    init() throws {
        directory = try TemporaryDirectory()
        store = CredentialStore(
            directories: ["\(directory.path)/first", "\(directory.path)/second"], reader: FileReader(trust: .me))
    }

    @Test func `the first place that has it wins, and one newline is dropped`() throws {
        try directory.write("second/key", "two\n", mode: 0o640)
        #expect(try store.read("key").get() == Array("two".utf8))
        try directory.write("first/key", "one\n\n", mode: 0o600)
        #expect(try store.read("key").get() == Array("one\n".utf8))
        #expect(try store.path(of: "key").get() == "\(directory.path)/first/key")
    }

    @Test func `a rotated secret is read at once`() throws {
        try directory.write("first/key", "old", mode: 0o600)
        _ = store.read("key")
        try directory.write("first/key", "new", mode: 0o600)
        #expect(try store.read("key").get() == Array("new".utf8))
    }

    @Test func `a missing one says where it was looked for`() {
        #expect(
            store.problem(with: "key")
                == "there is no credential key in \(directory.path)/first, \(directory.path)/second")
        #expect(throws: RequestError.self) { try store.read("key").get() }
    }

    @Test(arguments: [
        (mode_t(0o644), "can be read by anybody; mend it: chmod o-r"),
        (mode_t(0o660), "can be written by its group; mend it: chmod g-w"),
        (mode_t(0o602), "can be written by anybody; mend it: chmod o-w"),
    ])
    func `one that is open to others is refused, without its content`(mode: mode_t, reason: String) throws {
        try directory.write("first/key", "s3cret", mode: mode)
        let path = "\(directory.path)/first/key"
        #expect(store.problem(with: "key") == "the credential \(path) \(reason) \(path)")
        guard case .failure(let error) = store.read("key") else {
            Issue.record("it was read")
            return
        }
        #expect(error.failure.error == #"%Httpcron.RequestError{reason: {:credential_unreadable, "key"}}"#)
    }

    @Test func `a name cannot lead elsewhere`() throws {
        try directory.write("key", "outside", mode: 0o600)
        try directory.makeDirectory("first")
        for name in ["../key", "", ".", "..", "a/b", "/etc/passwd"] {
            #expect(throws: RequestError.self) { try store.read(name).get() }
        }
    }

    @Test func `everything that a request needs is read`() throws {
        try directory.write("first/token", "abc\n", mode: 0o600)
        try directory.write("first/ca.pem", "CA", mode: 0o600)
        try directory.write("body.json", "{}\n")
        let text = """
            [Job]
            OnDemand=yes
            [Request]
            URL=http://localhost/
            Header=X-Token: ${credential:token}
            CAFile=credential:ca.pem
            BodyFile=\(directory.path)/body.json

            """
        let job = try #require(JobFile.parse(name: "a", Array(text.utf8)) { _ in .noDatabase }.job)
        let materials = try store.materials(for: job.request).get()
        #expect(materials.credentials == ["token": Array("abc".utf8)])
        #expect(materials.credentialPaths == ["ca.pem": "\(directory.path)/first/ca.pem"])
        #expect(materials.bodyFile?.bytes == Array("{}\n".utf8) && materials.bodyFile?.isJSON == true)
        try directory.remove("body.json")
        guard case .failure(let error) = store.materials(for: job.request) else {
            Issue.record("it was read")
            return
        }
        #expect(error.reason == ":body_file_unreadable")
        #expect(error.detail == "BodyFile=\(directory.path)/body.json cannot be read: No such file or directory")
    }
}
