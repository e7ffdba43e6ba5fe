internal import CronCore
internal import Glibc

/// A directory of `*.conf` files that go on top of a file: `health.job.d`, `httpcron.conf.d`.
enum DropInDirectory {
    struct Content {
        /// In the order of their names, in which they are applied.
        var dropIns: [JobFile.DropIn]
        var version: Version
    }

    /// Which files are there, and in which version.
    struct Version: Hashable, Sendable {
        private(set) var files: [String: FileFingerprint] = [:]

        func isFresh(at now: Int64) -> Bool {
            files.values.contains { $0.isFresh(at: now) }
        }

        init(_ names: [String], in directory: borrowing Descriptor) {
            for name in names { files[name] = try? FileFingerprint(name, in: directory.number) }
        }
    }

    /// Reads what is in the directory at `path`; nil: there is no such directory. `shownAs` is its name in
    /// diagnostics, `fullPath` that in commands.
    static func read(
        _ path: String, in parent: Int32 = AT_FDCWD, fullPath: String, shownAs name: String, reader: FileReader
    ) -> Result<Content?, Diagnostic> {
        do {
            guard let directory = try open(path, in: parent, fullPath: fullPath, shownAs: name, reader: reader)
            else {
                return .success(nil)
            }
            let names = try list(directory, shownAs: name)
            let version = Version(names, in: directory)
            var dropIns: [JobFile.DropIn] = []
            // One more than are applied, so that too many are told.
            for file in names.prefix(JobFile.dropInLimit + 1) {
                let shown = "\(name)/\(file)"
                do {
                    let content = try reader.read(
                        file, in: directory.number, shown: "\(fullPath)/\(file)", role: .configuration)
                    dropIns.append(JobFile.DropIn(file: shown, bytes: content.bytes))
                } catch {
                    return .failure(Diagnostic(.error, file: shown, line: nil, error.reason))
                }
            }
            return .success(Content(dropIns: dropIns, version: version))
        } catch {
            return .failure(error)
        }
    }

    /// The version alone; nil: the directory cannot be read, and reading it will tell why.
    static func version(_ path: String, in parent: Int32, reader: FileReader) -> Version? {
        guard let directory = try? open(path, in: parent, fullPath: path, shownAs: path, reader: reader),
            let names = try? list(directory, shownAs: path)
        else { return nil }
        return Version(names, in: directory)
    }

    private static func open(
        _ path: String, in parent: Int32, fullPath: String, shownAs name: String, reader: FileReader
    ) throws(Diagnostic) -> Descriptor? {
        do {
            return try reader.open(directory: path, in: parent, shown: fullPath)
        } catch {
            if error.isMissing { return nil }
            throw Diagnostic(.error, file: name, line: nil, error.reason)
        }
    }

    /// The drop-ins' names, sorted. Others are not ours.
    private static func list(
        _ directory: borrowing Descriptor, shownAs name: String
    ) throws(Diagnostic) -> [String] {
        do {
            return try DirectoryListing.names(of: directory)
                .filter { $0.hasSuffix(".conf") && !$0.hasPrefix(".") }.sorted()
        } catch {
            throw Diagnostic(.error, file: name, line: nil, "cannot be read: \(error.text)")
        }
    }
}
