import Configuration
import CronCore
import Foundation
import Testing

@Suite final class JobDirectoryTests {
    private let directory: TemporaryDirectory
    private let zones = ZoneDatabase()
    private var memory = JobScan.Memory()

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// Scans, and takes the result.
    private func scan(
        defaults: JobDefaults = JobDefaults(), credentials: CredentialStore? = nil, trust: FileTrust = .me,
        now: Timestamp = Timestamp(seconds: 4_000_000_000)
    ) throws -> JobScan {
        let found = try JobDirectory(path: directory.path, reader: FileReader(trust: trust)).scan(
            since: memory, defaults: defaults, zones: zones, credentials: credentials, now: now
        ).get()
        memory = found.memory
        return found
    }

    @Test func `the first scan loads every job, in order`() throws {
        for name in ["b", "a", "c.d-e_f"] { try directory.write("\(name).job", onDemand) }
        let found = try scan()
        #expect(found.added.map(\.name) == ["a", "b", "c.d-e_f"])
        #expect(found.diagnostics.isEmpty && found.failed.isEmpty && found.removed.isEmpty)
        #expect(memory.jobCount == 3)
    }

    @Test func `what editors and package managers leave is passed over, other names are told`() throws {
        for name in [
            "a.job", ".hidden.job", "a.job~", "a.job.dpkg-old", "a.job.rpmsave", "README", "b.jobs", "-x.job", "ä.job",
        ] {
            try directory.write(name, onDemand)
        }
        try directory.write("gone.job.d/x.conf", "")
        let found = try scan()
        #expect(found.added.map(\.name) == ["a"])
        #expect(found.strangers == ["-x.job", "README", "b.jobs", "gone.job.d", "ä.job"])
    }

    @Test func `what is kept of a job is what its last good version says, and everything where there is none`() throws {
        try directory.write("good.job", onDemand + "[History]\nKeep=3\nKeepFailures=2\n")
        try directory.write("spoilt.job", onDemand + "[History]\nKeep=4\n")
        try directory.write("bad.job", "[Job]\nEvery=soon\n[History]\nKeep=1\n")
        try directory.write("alias.job", "[Job]\nId=renamed\nEvery=soon\n[History]\nKeep=1\n")
        _ = try scan()
        try directory.write("spoilt.job", onDemand + "[History]\nKeep=many\n")
        _ = try scan()
        #expect(
            memory.retention == [
                JobID("good"): Retention(keep: 3, keepFailures: 2), JobID("spoilt"): Retention(keep: 4),
                JobID("bad"): Retention(keep: .max), JobID("renamed"): Retention(keep: .max),
            ])
        try FileManager.default.removeItem(atPath: directory.path + "/good.job")
        _ = try scan()
        #expect(memory.retention[JobID("good")] == nil && memory.retention.count == 3)
    }

    @Test func `an unchanged file is not read again`() throws {
        try directory.write("a.job", onDemand)
        let first = try scan()
        let second = try scan()
        #expect(second.unchangedCount == 1 && second.added.isEmpty && second.changed.isEmpty)
        #expect(Array(second.jobs).first === first.added.first)
    }

    @Test func `a file that has only just been written is read again, since it could change unseen`() throws {
        try directory.write("a.job", onDemand)
        let first = try scan(now: Timestamp(seconds: 0))
        let second = try scan()
        #expect(second.unchangedCount == 1 && second.changed.isEmpty)
        #expect(Array(second.jobs).first !== first.added.first)
        #expect(Array(try scan().jobs).first === Array(second.jobs).first)
    }

    @Test func `a touched file with the same meaning changes nothing`() throws {
        try directory.write("a.job", onDemand)
        _ = try scan()
        try directory.write("a.job", "# more words\n" + onDemand)
        let found = try scan()
        #expect(found.unchangedCount == 1 && found.changed.isEmpty && found.added.isEmpty)
    }

    @Test func `new, changed and removed files are told apart`() throws {
        try directory.write("a.job", onDemand)
        try directory.write("b.job", onDemand)
        try directory.write("c.job", onDemand)
        _ = try scan()
        try directory.write("a.job", onDemand + "Timeout=3\n")
        try directory.remove("b.job")
        try directory.write("d.job", onDemand)
        let found = try scan()
        #expect(found.changed.map(\.name) == ["a"])
        #expect(found.removed == [JobID("b")])
        #expect(found.added.map(\.name) == ["d"])
        #expect(found.unchangedCount == 1)
    }

    @Test func `a file in error keeps its last good version, and is read again each time`() throws {
        try directory.write("a.job", onDemand)
        _ = try scan()
        try directory.write("a.job", "[Job]\nnonsense\n")
        for _ in 0..<2 {
            let found = try scan()
            #expect(found.failed.map(\.name) == ["a"])
            #expect(found.failed.first?.stale == JobID("a"))
            #expect(found.removed.isEmpty)
            #expect(Array(found.jobs).map(\.name) == ["a"])
            #expect(found.diagnostics.first?.description.hasPrefix("a.job:2: ") == true)
        }
        try directory.remove("a.job")
        #expect(try scan().removed == [JobID("a")])
    }

    @Test func `a file in error that was never good has no job`() throws {
        try directory.write("a.job", "")
        let found = try scan()
        #expect(found.failed.first?.stale == nil)
        #expect(memory.jobCount == 0)
    }

    @Test func `drop-ins go on top, in order, and a change of one is a change of the job`() throws {
        try directory.write("a.job", onDemand)
        try directory.write("a.job.d/20-b.conf", "[Request]\nTimeout=2\n")
        try directory.write("a.job.d/10-a.conf", "[Request]\nTimeout=1\nMaxRedirects=1\n")
        try directory.write("a.job.d/notes.txt", "Timeout=9\n")
        let first = try scan()
        #expect(first.added.first?.request.timeout == .seconds(2))
        #expect(first.added.first?.request.maxRedirects == 1)
        #expect(try scan().unchangedCount == 1)
        try directory.write("a.job.d/20-b.conf", "[Request]\nTimeout=4\n")
        #expect(try scan().changed.first?.request.timeout == .seconds(4))
        try directory.remove("a.job.d/20-b.conf")
        #expect(try scan().changed.first?.request.timeout == .seconds(1))
        try directory.remove("a.job.d")
        #expect(try scan().changed.first?.request.timeout == .seconds(30))
    }

    @Test func `a mistake in a drop-in names it`() throws {
        try directory.write("a.job", onDemand)
        try directory.write("a.job.d/x.conf", "[Request]\n\nTimeout=soon\n")
        let found = try scan()
        #expect(found.failed.map(\.name) == ["a"])
        #expect(found.diagnostics.first?.description.hasPrefix("a.job.d/x.conf:3: Timeout= takes") == true)
    }

    @Test func `a change of the defaults reads every file again`() throws {
        try directory.write("a.job", onDemand)
        try directory.write("b.job", onDemand + "Timeout=3\n")
        _ = try scan()
        let settings = try #require(DaemonSettings.parse(Array("[Defaults]\nTimeout=7\n".utf8)).settings)
        let found = try scan(defaults: settings.jobDefaults)
        #expect(found.changed.map(\.name) == ["a"])
        #expect(found.changed.first?.request.timeout == .seconds(7))
        #expect(found.unchangedCount == 1)
    }

    @Test func `a renamed file that sets its id is the same job`() throws {
        try directory.write("a.job", onDemand + "[Job]\nId=keeper\n")
        _ = try scan()
        try directory.remove("a.job")
        try directory.write("b.job", onDemand + "[Job]\nId=keeper\n")
        let found = try scan()
        #expect(found.removed.isEmpty)
        #expect(found.added.map(\.id.text) == ["keeper"])
        #expect(memory.jobCount == 1)
    }

    @Test func `a file with a new id takes the old job away`() throws {
        try directory.write("a.job", onDemand)
        _ = try scan()
        try directory.write("a.job", onDemand + "[Job]\nId=other\n")
        let found = try scan()
        #expect(found.removed == [JobID("a")])
        #expect(found.added.map(\.id.text) == ["other"])
    }

    @Test func `of two files with one id the first to have it keeps it`() throws {
        try directory.write("b.job", onDemand + "[Job]\nId=x\n")
        _ = try scan()
        try directory.write("a.job", onDemand + "[Job]\nId=x\n")
        let found = try scan()
        #expect(found.failed.map(\.name) == ["a"])
        #expect(
            found.diagnostics.map(\.description) == [
                "a.job: is the job x, and so is b.job; each file needs an Id= of its own"
            ])
        #expect(memory.jobCount == 1)
        #expect(try scan().failed.map(\.name) == ["a"])
    }

    @Test func `an id cannot be the name of another file`() throws {
        try directory.write("a.job", onDemand + "[Job]\nId=z\n")
        try directory.write("z.job", onDemand)
        let found = try scan()
        #expect(found.failed.map(\.name) == ["a"])
        #expect(found.added.map(\.name) == ["z"])
    }

    @Test func `names that a job relies on are looked for`() throws {
        try directory.write("a.job", onDemand + "Header=X: ${credential:gone}\n[Job]\nOnFailure=b\nOnRecovery=c\n")
        try directory.write("b.job", onDemand)
        let store = CredentialStore(directories: [directory.path + "/credentials"], reader: FileReader(trust: .me))
        let found = try scan(credentials: store)
        #expect(
            found.diagnostics.map(\.description) == [
                "a.job: warning: OnRecovery= names the job c, which is not loaded",
                "a.job: warning: there is no credential gone in \(directory.path)/credentials",
            ])
        #expect(found.added.count == 2)
    }

    @Test func `a directory that is not there is one failure`() throws {
        let result = JobDirectory(path: "\(directory.path)/none", reader: FileReader(trust: .me)).scan(zones: zones)
        guard case .failure(let diagnostic) = result else {
            Issue.record("it was scanned")
            return
        }
        #expect(diagnostic.description == "\(directory.path)/none: cannot be read: No such file or directory")
    }

    @Test func `what is no regular file is refused without waiting for it`() throws {
        #expect(mkfifo("\(directory.path)/pipe.job", 0o644) == 0)
        try directory.makeDirectory("dir.job")
        #expect(symlink("/dev/zero", "\(directory.path)/zero.job") == 0)
        #expect(symlink("nowhere", "\(directory.path)/dangling.job") == 0)
        let found = try scan()
        #expect(found.failed.map(\.name) == ["dangling", "dir", "pipe", "zero"])
        #expect(
            found.diagnostics.map(\.message) == [
                "cannot be read: No such file or directory", "is not a regular file", "is not a regular file",
                "is not a regular file",
            ])
    }

    @Test func `links are followed`() throws {
        try directory.write("elsewhere/real", onDemand)
        #expect(symlink("elsewhere/real", "\(directory.path)/a.job") == 0)
        #expect(try scan().added.map(\.name) == ["a"])
        #expect(try scan().unchangedCount == 1)
        try directory.write("elsewhere/real", onDemand + "Timeout=2\n")
        #expect(try scan().changed.map(\.name) == ["a"])
    }

    @Test func `a file of more than 64 KiB is refused unread`() throws {
        try directory.write("a.job", onDemand + String(repeating: "#\n", count: 33_000))
        let found = try scan()
        #expect(
            found.diagnostics.map(\.message) == ["has \(66_000 + onDemand.utf8.count) bytes; at most 65536 are read"])
    }

    @Test func `what others can write is refused with the command that mends it`() throws {
        try directory.write("a.job", onDemand, mode: 0o666)
        #expect(
            try scan().diagnostics.map(\.description) == [
                "a.job: can be written by anybody; mend it: chmod o-w \(directory.path)/a.job"
            ])
        chmod("\(directory.path)/a.job", 0o644)
        #expect(try scan().added.map(\.name) == ["a"])
        chmod(directory.path, 0o777)
        let reader = FileReader(trust: .me)
        guard case .failure(let diagnostic) = JobDirectory(path: directory.path, reader: reader).scan(zones: zones)
        else {
            Issue.record("it was scanned")
            return
        }
        #expect(diagnostic.message == "can be written by anybody; mend it: chmod o-w \(directory.path)")
    }

    @Test func `no directory above may be open to all, but for sticky ones`() throws {
        try directory.makeDirectory("open/jobs")
        chmod("\(directory.path)/open", 0o777)
        let jobs = JobDirectory(path: "\(directory.path)/open/jobs", reader: FileReader(trust: .me))
        guard case .failure(let diagnostic) = jobs.scan(zones: zones) else {
            Issue.record("it was scanned")
            return
        }
        #expect(
            diagnostic.message
                == "lies below \(directory.path)/open, which anybody may write; mend it: chmod o-w \(directory.path)/open"
        )
        chmod("\(directory.path)/open", 0o1777)
        #expect(throws: Never.self) { try jobs.scan(zones: zones).get() }
    }

    @Test func `the check of permissions can be turned off, that of the kind cannot`() throws {
        try directory.write("a.job", onDemand, mode: 0o666)
        #expect(mkfifo("\(directory.path)/b.job", 0o644) == 0)
        var trust = FileTrust.me
        trust.checksPermissions = false
        let found = try scan(trust: trust)
        #expect(found.added.map(\.name) == ["a"])
        #expect(found.failed.map(\.name) == ["b"])
    }
}
