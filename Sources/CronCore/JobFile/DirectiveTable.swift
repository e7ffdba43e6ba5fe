/// The keys that a kind of file knows, and how assignments are applied by them.
package struct DirectiveTable<Target>: Sendable {
    package let directives: [Directive<Target>]
    /// In the order of the reference.
    package let sections: [String]
    private let index: [String: Int]
    /// What other programs call the same thing.
    private let foreign: [String: String]
    /// The section of the same file that another table reads, and its keys.
    private let other: (section: String, keys: Set<String>)?

    /// No two directives may share a key.
    init(_ directives: [Directive<Target>], foreign: [String: String] = [:]) {
        self.init(directives, foreign: foreign, other: nil)
    }

    init(_ directives: [Directive<Target>], besides section: String, _ keys: Set<String>) {
        self.init(directives, foreign: [:], other: (section, keys))
    }

    private init(
        _ directives: [Directive<Target>], foreign: [String: String], other: (section: String, keys: Set<String>)?
    ) {
        self.directives = directives
        self.foreign = foreign
        self.other = other
        var sections: [String] = []
        var index: [String: Int] = [:]
        for (position, directive) in directives.enumerated() {
            if sections.last != directive.section { sections.append(directive.section) }
            index[directive.key] = position
        }
        self.sections = sections
        self.index = index
    }

    /// Applies assignments in order; what does not fit becomes a diagnostic and changes nothing. A file that sets a
    /// key twice is warned, unless the key adds up. Returns the keys that were refused, or meant and misspelled, so
    /// that nobody is told besides that they are missing.
    func apply(
        _ assignments: some Sequence<UnitFile.Assignment>, to target: inout Target, _ diagnostics: inout DiagnosticList
    ) -> Set<String> {
        var refused: Set<String> = []
        var toldSection: String?
        for assignment in assignments {
            if assignment.key.hasPrefix("X-") || assignment.section?.hasPrefix("X-") == true { continue }
            if let section = assignment.section, !sections.contains(section) {
                if section != toldSection { tellUnknownSection(section, assignment.place, &diagnostics) }
                toldSection = section
                continue
            }
            toldSection = nil
            guard let position = index[assignment.key], directives[position].section == assignment.section else {
                if let meant = tellMisplaced(assignment, &diagnostics) { refused.insert(meant) }
                continue
            }
            if !apply(directives[position], assignment, to: &target, &diagnostics) { refused.insert(assignment.key) }
        }
        return refused
    }

    private func apply(
        _ directive: Directive<Target>, _ assignment: UnitFile.Assignment, to target: inout Target,
        _ diagnostics: inout DiagnosticList
    ) -> Bool {
        guard !assignment.value.isEmpty else {
            directive.reset(&target)
            return true
        }
        let earlier = directive.isRepeatable ? nil : directive.place(target)?.place
        do {
            try directive.assign(&target, assignment)
        } catch {
            diagnostics.error(assignment.place, directive.refusal(of: assignment.value, error))
            return false
        }
        if let earlier, earlier.file == assignment.file, let line = earlier.line {
            diagnostics.warning(
                assignment.place, "\(directive.key)= was set on line \(line) already; this one counts")
        }
        return true
    }

    private func tellUnknownSection(_ section: String, _ place: Place, _ diagnostics: inout DiagnosticList) {
        guard !diagnostics.isFull else { return diagnostics.error(place, "") }
        let known = sections + (other.map { [$0.section] } ?? [])
        let hint =
            NearMiss.find(section, among: known).map { "; did you mean [\($0)]?" }
            ?? "; the sections are \(listed(known.map { "[\($0)]" }, conjunction: "and"))"
        diagnostics.error(place, "stands in [\(plain(section))], which is no section\(hint)")
    }

    /// A key that is unknown, or known elsewhere. Returns the key that was meant, if that is clear.
    private func tellMisplaced(_ assignment: UnitFile.Assignment, _ diagnostics: inout DiagnosticList) -> String? {
        guard !diagnostics.isFull else {
            diagnostics.error(assignment.place, "")
            return nil
        }
        let key = plain(assignment.key)
        let (message, meant) = explain(assignment.key, in: assignment.section, shown: key)
        diagnostics.error(assignment.place, message)
        return meant
    }

    private func explain(_ key: String, in section: String?, shown: String) -> (message: String, meant: String?) {
        let position = section.map { "in [\($0)]" } ?? "outside of any section"
        if let known = index[key].map({ directives[$0] }) {
            return ("\(shown)= belongs in [\(known.section)], and stands \(position)", known.key)
        }
        if let other, other.keys.contains(key) {
            return ("\(shown)= belongs in [\(other.section)], and stands \(position)", key)
        }
        if let meant = directives.first(where: { $0.key.lowercased() == key.lowercased() }) {
            return ("\(shown)= is spelled \(meant.key)=, in [\(meant.section)]", meant.key)
        }
        if let ours = foreign[key] { return ("there is no \(shown)= here; use \(ours)", nil) }
        let here = directives.filter { $0.section == section }
        let meant =
            NearMiss.find(key, among: here.lazy.map(\.key)) ?? NearMiss.find(key, among: directives.lazy.map(\.key))
        if let meant, let directive = index[meant].map({ directives[$0] }) {
            let place = directive.section == section ? "" : " in [\(directive.section)]"
            return ("there is no \(shown)=; did you mean \(meant)=\(place)?", meant)
        }
        guard let first = here.first else { return ("there is no \(shown)=, and it stands \(position)", nil) }
        let known = listed(here.map { "\($0.key)=" }, conjunction: "and")
        return ("there is no \(shown)=; [\(first.section)] knows \(known)", nil)
    }

    /// A name from a file, safe to print.
    private func plain(_ name: String) -> String {
        String(quoted(name).dropFirst().dropLast())
    }
}

extension Directive {
    /// `Timeout= takes a time span such as 30s, not 'soon': …`.
    fileprivate func refusal(of value: String, _ error: BadValue) -> String {
        let written = isSecret ? "" : ", not \(quoted(value))"
        let reason = error.reason.isEmpty ? "" : ": \(error.reason)"
        return "\(key)= takes \(accepts)\(written)\(reason)"
    }
}
