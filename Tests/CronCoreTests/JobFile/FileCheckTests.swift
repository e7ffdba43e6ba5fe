import CronCore
import Testing

/// What `fstat` says, and what is decided.
private struct CheckRow: Sendable {
    var name: String
    var facts: FileFacts
    var role = FileCheck.Role.configuration
    var trust = FileTrust(user: 990, group: 980, isService: true)
    var refusal: String?
}

private func file(owner: UInt32 = 0, group: UInt32 = 0, _ mode: UInt32, size: Int64 = 10) -> FileFacts {
    FileFacts(kind: .regular, owner: owner, group: group, mode: mode, size: size)
}

private func directory(owner: UInt32 = 0, group: UInt32 = 0, _ mode: UInt32) -> FileFacts {
    FileFacts(kind: .directory, owner: owner, group: group, mode: mode, size: 4_096)
}

@Suite struct FileCheckTests {
    private static let alice = FileTrust(user: 1_000, group: 1_000, isService: false)
    private static let rows = [
        CheckRow(name: "root's", facts: file(0o644)),
        CheckRow(name: "the daemon's own", facts: file(owner: 990, 0o600)),
        CheckRow(
            name: "another user's", facts: file(owner: 1_000, 0o644),
            refusal: "belongs to the user 1000, not to root; mend it: chown root /a/x.job"),
        CheckRow(
            name: "nobody's, as in a user namespace", facts: file(owner: 65_534, 0o644),
            refusal: "belongs to the user 65534, not to root; mend it: chown root /a/x.job"),
        CheckRow(
            name: "anybody's to write", facts: file(0o646),
            refusal: "can be written by anybody; mend it: chmod o-w /a/x.job"),
        CheckRow(
            name: "another group's to write", facts: file(group: 50, 0o664),
            refusal: "can be written by the group 50; mend it: chmod g-w /a/x.job"),
        CheckRow(name: "the daemon's group's to write", facts: file(group: 980, 0o664)),
        CheckRow(
            name: "a group's to write, in the foreground", facts: file(owner: 1_000, group: 1_000, 0o664), trust: alice),
        CheckRow(
            name: "another user's, in the foreground", facts: file(owner: 1_001, 0o644), trust: alice,
            refusal: "belongs to the user 1001, not to root or the user 1000; mend it: chown root /a/x.job"),
        CheckRow(name: "a credential", facts: file(group: 980, 0o640), role: .credential),
        CheckRow(
            name: "a credential that all can read", facts: file(0o644), role: .credential,
            refusal: "can be read by anybody; mend it: chmod o-r /a/x.job"),
        CheckRow(
            name: "a credential that the daemon's group can write", facts: file(group: 980, 0o660), role: .credential,
            refusal: "can be written by its group; mend it: chmod g-w /a/x.job"),
        CheckRow(name: "a body that anybody may write", facts: file(owner: 7, 0o666), role: .body),
        CheckRow(name: "a directory", facts: directory(0o755), role: .directory),
        CheckRow(
            name: "a directory open to all, sticky or not", facts: directory(0o1777), role: .directory,
            refusal: "can be written by anybody; mend it: chmod o-w /a/x.job"),
        CheckRow(name: "a sticky one above", facts: directory(owner: 7, 0o1777), role: .ancestor),
        CheckRow(
            name: "an open one above", facts: directory(0o777), role: .ancestor,
            refusal: "lies below /a/x.job, which anybody may write; mend it: chmod o-w /a/x.job"),
        CheckRow(name: "a directory for a file", facts: directory(0o755), refusal: "is not a regular file"),
        CheckRow(name: "a file for a directory", facts: file(0o644), role: .directory, refusal: "is not a directory"),
        CheckRow(
            name: "a large one", facts: file(0o644, size: 101), refusal: "has 101 bytes; at most 100 are read"),
        CheckRow(
            name: "unchecked", facts: file(owner: 7, 0o666),
            trust: FileTrust(user: 990, group: 980, isService: true, checksPermissions: false)),
        CheckRow(
            name: "unchecked, and no file",
            facts: FileFacts(kind: .other, owner: 0, group: 0, mode: 0o600, size: 0),
            trust: FileTrust(user: 990, group: 980, isService: true, checksPermissions: false),
            refusal: "is not a regular file"),
    ]

    @Test(arguments: rows.indices)
    func `trusts what only trusted people could have written`(index: Int) {
        let row = Self.rows[index]
        let refusal = FileCheck.refusal(row.facts, path: "/a/x.job", role: row.role, trust: row.trust, sizeLimit: 100)
        #expect(refusal == row.refusal, "\(row.name)")
    }

    @Test func `the command can be pasted whatever the path`() {
        #expect(FileCheck.command("chmod o-w", "/a b/$(x)'y") == #"chmod o-w '/a b/$(x)'\''y'"#)
        #expect(FileCheck.command("chmod o-w", "/ä\u{1b}[31m") == "chmod o-w '/ä[31m'")
    }
}
