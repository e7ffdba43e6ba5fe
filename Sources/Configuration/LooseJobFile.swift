package import CronCore

/// A job file that lies anywhere, as somebody names it on a command line.
package enum LooseJobFile {
    /// Reads it with its drop-ins. The name of the job is that of the file, with or without `.job`. Blocks on the disk.
    package static func load(
        _ path: String, defaults: JobDefaults, zones: ZoneDatabase, reader: FileReader
    ) -> JobFile.Outcome {
        let component = path.split(separator: "/").last.map(String.init) ?? path
        let name = component.hasSuffix(".job") ? String(component.dropLast(4)) : component
        let bytes: [UInt8]
        do {
            bytes = try reader.read(path, shown: path, role: .configuration).bytes
        } catch {
            return JobFile.Outcome(job: nil, diagnostics: [Diagnostic(.error, file: path, line: nil, error.reason)])
        }
        switch DropInDirectory.read("\(path).d", fullPath: "\(path).d", shownAs: "\(path).d", reader: reader) {
        case .success(let found):
            return JobFile.parse(
                name: name, file: path, bytes, dropIns: found?.dropIns ?? [], defaults: defaults,
                zones: { zones.lookup($0) })
        case .failure(let diagnostic):
            return JobFile.Outcome(job: nil, diagnostics: [diagnostic])
        }
    }
}
