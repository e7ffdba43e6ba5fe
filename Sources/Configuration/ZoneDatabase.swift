package import CronCore
internal import Glibc

/// The system's time zones, `/usr/share/zoneinfo`: each read once, and again when its file changes.
///
/// Belongs to one thread, the one that reads job files.
package final class ZoneDatabase {
    package static let systemPath = "/usr/share/zoneinfo"

    private let path: String
    private var loaded: [String: (rules: TimeZoneRules, fingerprint: FileFingerprint)] = [:]
    private var names: [String]?

    package init(path: String = ZoneDatabase.systemPath) {
        self.path = path
    }

    /// What the database says of an IANA name. What is not found is looked for again the next time: tzdata may have
    /// been installed since.
    package func lookup(_ name: String) -> ZoneLookup {
        if let known = loaded[name] { return .found(known.rules) }
        if name == "UTC" { return .found(.utc) }
        guard Self.isName(name) else { return missing(name) }
        do {
            let (rules, fingerprint) = try load(name)
            loaded[name] = (rules, fingerprint)
            return .found(rules)
        } catch {
            switch error {
            case .missing: return missing(name)
            case .unusable(let reason): return .unreadable(reason)
            }
        }
    }

    /// Reads again what has changed on the disk, and returns the names whose rules are others now. A zone that has
    /// vanished or is damaged keeps its old rules.
    package func refresh() -> Set<String> {
        names = nil
        var changed: Set<String> = []
        for (name, known) in loaded {
            guard let fingerprint = try? FileFingerprint("\(path)/\(name)", in: AT_FDCWD),
                fingerprint != known.fingerprint, let (rules, newer) = try? load(name)
            else { continue }
            loaded[name] = (rules, newer)
            if rules != known.rules { changed.insert(name) }
        }
        return changed
    }

    /// Whether a zone in use has another file on the disk now. Changes nothing: `refresh` takes it in.
    package var isOutOfDate: Bool {
        loaded.contains { name, known in
            (try? FileFingerprint("\(path)/\(name)", in: AT_FDCWD)).map { $0 != known.fingerprint } ?? false
        }
    }

    private enum Failure: Error {
        case missing
        case unusable(String)
    }

    private func load(_ name: String) throws(Failure) -> (TimeZoneRules, FileFingerprint) {
        let content: FileReader.Content
        let file = "\(path)/\(name)"
        do {
            // Whoever can write there is root: nothing to check but that it is a file, and not a large one.
            let anyone = FileTrust(user: 0, group: 0, isService: false, checksPermissions: false)
            content = try FileReader(trust: anyone).read(file, shown: file, role: .configuration, sizeLimit: 1 << 18)
        } catch {
            throw error.isMissing ? .missing : .unusable("\(file) \(error.reason)")
        }
        do {
            return (try TimeZoneRules(name: name, tzif: content.bytes), content.fingerprint)
        } catch {
            throw .unusable("\(file) is \(error.message)")
        }
    }

    private func missing(_ name: String) -> ZoneLookup {
        guard access(path, F_OK) == 0 else { return .noDatabase }
        return .unknown(suggestion: NearMiss.find(name, among: allNames()))
    }

    /// Every zone, for suggestions. The directory has a few links into itself (`posix`, `right`), which are left out.
    private func allNames() -> [String] {
        if let names { return names }
        var found: [String] = []
        var directories = [""]
        while let prefix = directories.popLast(), found.count < 10_000 {
            guard let directory = try? Descriptor(path + "/" + prefix, flags: O_DIRECTORY),
                let entries = try? DirectoryListing.names(of: directory)
            else { continue }
            for entry in entries.sorted() where Self.isName(entry) && entry.utf8.first.map(isCapital) == true {
                found.append(prefix + entry)
                // Three levels at most: America/Argentina/Salta.
                if prefix.utf8.count(where: { $0 == UInt8(ascii: "/") }) < 2 {
                    directories.append(prefix + entry + "/")
                }
            }
        }
        names = found
        return found
    }

    /// Names stay inside the database, and `localtime`, a link to the host's own zone, is none.
    private static func isName(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return name.utf8.count <= 100 && name != "localtime"
            && parts.allSatisfy { part in
                !part.isEmpty && !part.hasPrefix(".")
                    && part.utf8.allSatisfy {
                        JobID.isValid(String(UnicodeScalar($0))) || "_+-.".utf8.contains($0)
                    }
            }
    }
}

private func isCapital(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
}
