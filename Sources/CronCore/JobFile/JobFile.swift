/// Reads a job from its file and its drop-ins.
package enum JobFile {
    /// Drop-ins beyond this many make the job an error: what is loaded must stay bounded.
    package static let dropInLimit = 64

    /// A file that was put on top: `NAME.job.d/10-proxy.conf`.
    package struct DropIn: Sendable {
        /// As diagnostics show it.
        package var file: String
        package var bytes: [UInt8]

        package init(file: String, bytes: [UInt8]) {
            self.file = file
            self.bytes = bytes
        }
    }

    /// What became of a job file.
    package struct Outcome: Sendable {
        /// nil: at least one of the diagnostics is an error.
        package var job: Job?
        /// The job's id as far as the file says it, also where the file is in error; nil: it could not be read.
        package var id: JobID?
        package var diagnostics: [Diagnostic]

        package init(job: Job?, id: JobID? = nil, diagnostics: [Diagnostic]) {
            self.job = job
            self.id = id
            self.diagnostics = diagnostics
        }
    }

    /// Reads `bytes`, then each drop-in on top of it. All mistakes are told at once; one error and there is no job.
    ///
    /// - `name`: that of the file without `.job`; `file`: what diagnostics call it, by default `NAME.job`.
    /// - `zones`: what the system's zone data says of a name; asked once, and not for UTC.
    package static func parse(
        name: String, file: String? = nil, _ bytes: [UInt8], dropIns: [DropIn] = [],
        defaults: JobDefaults = JobDefaults(), zones: (String) -> ZoneLookup
    ) -> Outcome {
        let file = file ?? "\(name).job"
        var diagnostics = DiagnosticList()
        var unit = UnitFile()
        UnitFileParser.parse(bytes, file: file, into: &unit, &diagnostics)
        for dropIn in dropIns.prefix(dropInLimit) {
            UnitFileParser.parse(dropIn.bytes, file: dropIn.file, into: &unit, &diagnostics)
        }
        if dropIns.count > dropInLimit {
            diagnostics.error(
                Place(file: file, line: nil), "has \(dropIns.count) drop-ins; at most \(dropInLimit) are read")
        }
        var draft = defaults.draft
        let refused = DirectiveTable.jobFile.apply(unit.assignments, to: &draft, &diagnostics)
        var rules = JobRules(
            name: name, file: Place(file: file, line: nil), draft: draft, refused: refused, diagnostics: diagnostics)
        let job = rules.job(zones: zones)
        return Outcome(
            job: rules.diagnostics.hasErrors ? nil : job, id: draft.id.value ?? JobID(name),
            diagnostics: rules.diagnostics.finished(file: file))
    }
}
