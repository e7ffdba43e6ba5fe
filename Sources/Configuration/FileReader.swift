package import CronCore
internal import Glibc

/// Reads the files that the daemon obeys, after looking at who could have written them.
package struct FileReader: Sendable {
    package let trust: FileTrust

    package init(trust: FileTrust) {
        self.trust = trust
    }

    /// What was read, and which version of the file it was.
    struct Content {
        var bytes: [UInt8]
        var fingerprint: FileFingerprint
    }

    /// Why a file was not read: the end of a sentence that begins with its name.
    package struct Refusal: Error, Hashable, Sendable {
        package var reason: String
        package var isMissing: Bool

        init(_ reason: String, isMissing: Bool = false) {
            self.reason = reason
            self.isMissing = isMissing
        }

        fileprivate init(_ error: SystemError, path: String, trust: FileTrust) {
            let permissions = FileCheck.command("chmod g+r", path)
            self.init(
                error.number == EACCES && trust.isService
                    ? "cannot be read: \(error.text); let the daemon's group read it: "
                        + "\(FileCheck.command("chgrp \(trust.group)", path)) && \(permissions)"
                    : "cannot be read: \(error.text)",
                isMissing: error.number == ENOENT)
        }
    }

    /// Opens, looks, reads. `path` is absolute, or relative to `directory`; `shown` is what a command line would call
    /// it.
    func read(
        _ path: String, in directory: Int32 = AT_FDCWD, shown: @autoclosure () -> String, role: FileCheck.Role,
        sizeLimit: Int = UnitFile.sizeLimit
    ) throws(Refusal) -> Content {
        let status: FileStatus
        let reason: String?
        var bytes: [UInt8] = []
        do throws(SystemError) {
            let file = try Descriptor(path, in: directory)
            status = try file.status()
            reason = FileCheck.refusal(status.facts, path: shown(), role: role, trust: trust, sizeLimit: sizeLimit)
            if reason == nil { bytes = try file.read(expecting: Int(status.facts.size), limit: sizeLimit) }
        } catch {
            throw Refusal(error, path: shown(), trust: trust)
        }
        if let reason { throw Refusal(reason) }
        guard bytes.count <= sizeLimit else { throw Refusal("grew beyond \(sizeLimit) bytes while it was read") }
        return Content(bytes: bytes, fingerprint: status.fingerprint)
    }

    /// Opens a directory whose files the daemon obeys: it and all above it must be beyond the reach of others.
    func open(directory path: String, in parent: Int32 = AT_FDCWD, shown: String) throws(Refusal) -> Descriptor {
        let refusal: Refusal
        do throws(SystemError) {
            let directory = try Descriptor(path, in: parent, flags: O_DIRECTORY)
            let facts = try directory.status().facts
            let reason = FileCheck.refusal(facts, path: shown, role: .directory, trust: trust, sizeLimit: 0)
            guard let reason else { return directory }
            refusal = Refusal(reason)
        } catch {
            refusal = Refusal(error, path: shown, trust: trust)
        }
        throw refusal
    }

    /// Looks at the directories above `path`, links resolved.
    func checkAncestors(of path: String) throws(Refusal) {
        guard trust.checksPermissions else { return }
        guard let resolved = realpath(path, nil) else { throw Refusal(SystemError(), path: path, trust: trust) }
        defer { free(resolved) }
        var ancestor = String(cString: resolved)[...]
        while let slash = ancestor.lastIndex(of: "/") {
            ancestor = ancestor[..<slash]
            let shown = ancestor.isEmpty ? "/" : String(ancestor)
            var status = stat()
            guard stat(shown, &status) == 0 else { throw Refusal(SystemError(), path: shown, trust: trust) }
            let facts = FileStatus(status).facts
            if let reason = FileCheck.refusal(facts, path: shown, role: .ancestor, trust: trust, sizeLimit: 0) {
                throw Refusal(reason)
            }
        }
    }
}
