/// What `fstat` said of an open file or directory.
package struct FileFacts: Hashable, Sendable {
    package var kind: Kind
    package var owner: UInt32
    package var group: UInt32
    /// The permission bits, sticky bit included.
    package var mode: UInt32
    package var size: Int64

    package enum Kind: Hashable, Sendable {
        case regular
        case directory
        case other
    }

    package init(kind: Kind, owner: UInt32, group: UInt32, mode: UInt32, size: Int64) {
        self.kind = kind
        self.owner = owner
        self.group = group
        self.mode = mode
        self.size = size
    }
}

/// Whom the daemon trusts to write what it obeys.
package struct FileTrust: Hashable, Sendable {
    /// The daemon's own user and group; root is always trusted.
    package var user: UInt32
    package var group: UInt32
    /// Under systemd with a group of its own: no other group may write. A user in the foreground has groups like that.
    package var isService: Bool
    /// `CheckPermissions=`.
    package var checksPermissions: Bool

    package init(user: UInt32, group: UInt32, isService: Bool, checksPermissions: Bool = true) {
        self.user = user
        self.group = group
        self.isService = isService
        self.checksPermissions = checksPermissions
    }
}

/// Decides whether a file may be used. What it decides on is that of the *open* file, so that nobody can exchange it
/// between the check and the reading.
package enum FileCheck {
    /// What the file is to the daemon.
    package enum Role: Hashable, Sendable {
        /// Job files, drop-ins, settings: what the daemon obeys.
        case configuration
        /// Nobody but the daemon's group may read it.
        case credential
        /// Sent as it is; whoever may write the job file has chosen it.
        case body
        /// The directory that configuration or credentials lie in.
        case directory
        /// A directory above it: who may write there could put another one in its place.
        case ancestor
    }

    /// Why the file at `path` must not be used, with the command that mends it; nil: it may be.
    package static func refusal(
        _ facts: FileFacts, path: String, role: Role, trust: FileTrust, sizeLimit: Int
    ) -> String? {
        let wanted: FileFacts.Kind = role == .directory || role == .ancestor ? .directory : .regular
        guard facts.kind == wanted else {
            return wanted == .regular ? "is not a regular file" : "is not a directory"
        }
        if wanted == .regular, facts.size > sizeLimit {
            return "has \(facts.size) bytes; at most \(sizeLimit) are read"
        }
        guard trust.checksPermissions, role != .body else { return nil }
        if role == .ancestor {
            return facts.othersMayWrite && facts.mode & 0o1000 == 0
                ? "lies below \(path), which anybody may write; mend it: \(command("chmod o-w", path))" : nil
        }
        if facts.owner != 0, facts.owner != trust.user {
            let wanted = trust.user == 0 || trust.isService ? "root" : "root or the user \(trust.user)"
            return "belongs to the user \(facts.owner), not to \(wanted); mend it: \(command("chown root", path))"
        }
        return modeRefusal(facts, path: path, role: role, trust: trust)
    }

    private static func modeRefusal(_ facts: FileFacts, path: String, role: Role, trust: FileTrust) -> String? {
        if facts.othersMayWrite { return "can be written by anybody; mend it: \(command("chmod o-w", path))" }
        let groupMayWrite = facts.mode & 0o020 != 0
        if role == .credential {
            if facts.mode & 0o004 != 0 { return "can be read by anybody; mend it: \(command("chmod o-r", path))" }
            if groupMayWrite { return "can be written by its group; mend it: \(command("chmod g-w", path))" }
        }
        if groupMayWrite, trust.isService, facts.group != trust.group {
            return "can be written by the group \(facts.group); mend it: \(command("chmod g-w", path))"
        }
        return nil
    }

    /// A command line that a shell reads as it is meant.
    package static func command(_ command: String, _ path: String) -> String {
        let isPlain = path.utf8.allSatisfy { byte in
            byte < 0x80 && (JobID.isValid("a" + String(UnicodeScalar(byte))) || byte == UInt8(ascii: "/"))
        }
        guard !isPlain else { return "\(command) \(path)" }
        let quotedPath = path.unicodeScalars.reduce(into: "") { text, scalar in
            if scalar == "'" { text += "'\\''" } else if !isControl(scalar) { text.unicodeScalars.append(scalar) }
        }
        return "\(command) '\(quotedPath)'"
    }
}

extension FileFacts {
    fileprivate var othersMayWrite: Bool { mode & 0o002 != 0 }
}
