/// The syntax of systemd.syntax(7), without any meaning: sections and assignments, each with its file and line.
package struct UnitFile: Sendable {
    /// The most bytes that one file may have.
    package static let sizeLimit = 64 * 1_024

    package private(set) var assignments: [Assignment] = []

    package init() {}

    mutating func append(_ assignment: Assignment) {
        assignments.append(assignment)
    }

    /// One `Key=value`, continuation lines joined, the blanks around key and value gone.
    package struct Assignment: Hashable, Sendable {
        /// nil: before any section header.
        package var section: String?
        package var key: String
        /// Empty: what came before for this key is reset.
        package var value: String
        package var file: String
        /// The line that the assignment begins on, from 1.
        package var line: Int
        /// Comes from `[Defaults]`: what a job says itself replaces it.
        var isDefault = false

        var place: Place { Place(file: file, line: line) }
    }
}

extension UnitFile {
    /// Reads one file, for whoever wants the syntax alone.
    package static func parse(_ bytes: [UInt8], file: String) -> (unit: UnitFile, diagnostics: [Diagnostic]) {
        var unit = UnitFile()
        var diagnostics = DiagnosticList()
        UnitFileParser.parse(bytes, file: file, into: &unit, &diagnostics)
        return (unit, diagnostics.finished(file: file))
    }
}
