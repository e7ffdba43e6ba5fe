internal import Glibc

/// What is known of where the output goes.
struct Screen {
    let isTerminal: Bool
    let colour: Bool
    /// Columns; nil when it is no terminal, or one that does not say.
    let width: Int?
    /// Lines, likewise.
    var height: Int?

    /// The environment as it is: `NO_COLOR` (no-color.org), `TERM=dumb`, `COLUMNS`.
    static func current() -> Screen {
        let isTerminal = isatty(STDOUT_FILENO) == 1
        let refusesColour = !(environment("NO_COLOR") ?? "").isEmpty || environment("TERM") == "dumb"
        let size = isTerminal ? terminalSize() : nil
        return Screen(
            isTerminal: isTerminal, colour: isTerminal && !refusesColour, width: size?.width, height: size?.height)
    }

    /// Whether all of this can be seen at once, long lines wrapped, with a line left for the prompt.
    func fits(_ bytes: [UInt8]) -> Bool {
        guard let width, let height else { return true }
        var left = height - 1
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast() {
            left -= max(1, (visibleWidth(line) + width - 1) / width)
            if left < 0 { return false }
        }
        return true
    }

    /// Columns of a line, without its colours.
    private func visibleWidth(_ line: ArraySlice<UInt8>) -> Int {
        var text = ""
        var isSequence = false
        for scalar in String(decoding: line, as: UTF8.self).unicodeScalars {
            if isSequence {
                isSequence = scalar != "m"
            } else if scalar == "\u{1b}" {
                isSequence = true
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text.displayWidth
    }
}

/// `$COLUMNS`, else what the terminal says; a terminal that does not say is no smaller than the classic one.
private func terminalSize() -> (width: Int, height: Int)? {
    var size = winsize()
    let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col >= 20 && size.ws_row >= 2
    let columns = environment("COLUMNS").flatMap { Int($0) }.flatMap { (20...10_000).contains($0) ? $0 : nil }
    guard isKnown || columns != nil else { return nil }
    return (columns ?? Int(size.ws_col), isKnown ? Int(size.ws_row) : 24)
}

/// A variable of the environment.
func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
}
