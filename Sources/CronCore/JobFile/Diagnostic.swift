/// One thing to tell the operator about a file: `health.job:7: Timeout= takes a time span …`.
package struct Diagnostic: Error, Hashable, Sendable, CustomStringConvertible {
    package var severity: Severity
    /// As the operator knows it: `health.job`, `health.job.d/10-proxy.conf`, `httpcron.conf`.
    package var file: String
    /// From 1; nil: about the file as a whole.
    package var line: Int?
    package var message: String

    package init(_ severity: Severity, file: String, line: Int?, _ message: String) {
        self.severity = severity
        self.file = file
        self.line = line
        self.message = message
    }

    package enum Severity: Hashable, Sendable {
        /// What the file defines is not loaded.
        case error
        /// It is loaded, and somebody should look at it.
        case warning
    }

    /// One line; a warning says that it is one.
    package var description: String {
        let place = line.map { "\(file):\($0)" } ?? file
        return severity == .error ? "\(place): \(message)" : "\(place): warning: \(message)"
    }
}

/// The diagnostics of one file and its drop-ins, in the order found. Bounded, so that a hostile file cannot fill the
/// journal: what is beyond ``limit`` is counted and told in one line.
struct DiagnosticList {
    static let limit = 100

    private(set) var diagnostics: [Diagnostic] = []
    private(set) var hasErrors = false
    private var leftOut = 0

    var isFull: Bool { diagnostics.count >= Self.limit }

    mutating func add(_ diagnostic: Diagnostic) {
        if diagnostic.severity == .error { hasErrors = true }
        guard !isFull else {
            leftOut += 1
            return
        }
        diagnostics.append(diagnostic)
    }

    mutating func error(_ place: Place, _ message: String) {
        add(Diagnostic(.error, file: place.file, line: place.line, message))
    }

    mutating func warning(_ place: Place, _ message: String) {
        add(Diagnostic(.warning, file: place.file, line: place.line, message))
    }

    /// Everything, with the line that tells how much was left out.
    consuming func finished(file: String) -> [Diagnostic] {
        guard leftOut > 0 else { return diagnostics }
        return diagnostics + [Diagnostic(.error, file: file, line: nil, "and \(leftOut) more mistakes like these")]
    }
}

/// Where something was said.
struct Place: Hashable, Sendable {
    var file: String
    var line: Int?
}
