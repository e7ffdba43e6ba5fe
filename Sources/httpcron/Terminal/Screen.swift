internal import Glibc

/// What is known of where the output goes.
struct Screen {
    let isTerminal: Bool
    let colour: Bool
    /// Columns; nil when it is no terminal, or one that does not say.
    let width: Int?

    /// The environment as it is: `NO_COLOR` (no-color.org), `TERM=dumb`, `COLUMNS`.
    static func current() -> Screen {
        let isTerminal = isatty(STDOUT_FILENO) == 1
        let refusesColour = !(environment("NO_COLOR") ?? "").isEmpty || environment("TERM") == "dumb"
        return Screen(
            isTerminal: isTerminal, colour: isTerminal && !refusesColour, width: isTerminal ? terminalWidth() : nil)
    }
}

/// `$COLUMNS`, else what the terminal says.
private func terminalWidth() -> Int? {
    if let text = environment("COLUMNS"), let columns = Int(text), (20...10_000).contains(columns) { return columns }
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 20 else { return nil }
    return Int(size.ws_col)
}

/// A variable of the environment.
func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
}
