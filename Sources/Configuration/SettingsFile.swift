package import CronCore
internal import Glibc

/// `httpcron.conf` and what lies in `httpcron.conf.d`.
package enum SettingsFile {
    package struct Outcome: Sendable {
        /// nil: at least one of the diagnostics is an error; the old settings stay, and a start ends.
        package var settings: DaemonSettings?
        package var diagnostics: [Diagnostic]
    }

    /// Reads the settings. A file that does not exist has all defaults, unless `isRequired`, as where somebody named
    /// it on a command line. Blocks on the disk.
    package static func load(_ path: String, isRequired: Bool = false, reader: FileReader) -> Outcome {
        let file = lastComponent(path)
        var diagnostics: [Diagnostic] = []
        var bytes: [UInt8] = []
        do {
            bytes = try reader.read(path, shown: path, role: .configuration).bytes
        } catch {
            if isRequired || !error.isMissing {
                diagnostics.append(Diagnostic(.error, file: file, line: nil, error.reason))
            }
        }
        var dropIns: [JobFile.DropIn] = []
        switch DropInDirectory.read("\(path).d", fullPath: "\(path).d", shownAs: "\(file).d", reader: reader) {
        case .success(let found): dropIns = found?.dropIns ?? []
        case .failure(let diagnostic): diagnostics.append(diagnostic)
        }
        let (settings, mistakes) = DaemonSettings.parse(bytes, file: file, dropIns: dropIns)
        return Outcome(settings: diagnostics.isEmpty ? settings : nil, diagnostics: diagnostics + mistakes)
    }

    private static func lastComponent(_ path: String) -> String {
        path.split(separator: "/").last.map { String($0) } ?? path
    }
}
