/// How a cell looks on a terminal with colours.
enum Style: Sendable {
    case plain
    case heading
    case good
    case bad
    case warning
    case faint

    /// The SGR sequence (ECMA-48) that begins it; nil: nothing to begin.
    var begin: String? {
        switch self {
        case .plain: nil
        case .heading: "\u{1b}[4m"
        case .good: "\u{1b}[32m"
        case .bad: "\u{1b}[31m"
        case .warning: "\u{1b}[33m"
        case .faint: "\u{1b}[2m"
        }
    }

    static let end = "\u{1b}[0m"
}

/// One cell. Its text is made harmless here, so that no table can forget to.
struct Cell: Equatable {
    let text: String
    let style: Style

    init(_ text: String, _ style: Style = .plain) {
        self.text = escapedForTerminal(text)
        self.style = style
    }

    static let empty = Cell("")
}

/// Columns of text, as wide as what stands in them; two spaces between; nothing behind the last.
struct Table {
    struct Column: Sendable {
        let title: String
        let alignsRight: Bool

        init(_ title: String, alignsRight: Bool = false) {
            self.title = title
            self.alignsRight = alignsRight
        }
    }

    let columns: [Column]
    /// The widest that the whole line may be; nil: as wide as it gets.
    let maxWidth: Int?
    private(set) var widths: [Int]

    init(_ columns: [Column], maxWidth: Int?) {
        self.columns = columns
        self.maxWidth = maxWidth
        widths = columns.map(\.title.count)
    }

    /// Makes room for these rows. Rows rendered later than the first may be wider than what was measured; then they
    /// push what follows to the right, once, and nothing is lost.
    mutating func measure(_ rows: some Sequence<[Cell]>) {
        for row in rows {
            for (index, cell) in row.enumerated() where index < widths.count {
                widths[index] = max(widths[index], cell.text.displayWidth)
            }
        }
    }

    func heading(colour: Bool) -> String {
        line(columns.map { Cell($0.title, .heading) }, colour: colour)
    }

    func line(_ row: [Cell], colour: Bool) -> String {
        var text = ""
        var used = 0
        let last = row.lastIndex { !$0.text.isEmpty } ?? -1
        for (index, cell) in row.enumerated() where index <= last {
            if index > 0 {
                text += "  "
                used += 2
            }
            var shown = cell.text
            if let maxWidth, index == columns.count - 1 { shown = shown.ellipsized(to: max(8, maxWidth - used)) }
            let width = shown.displayWidth
            let gap = max(0, widths[index] - width)
            let spaces = String(repeating: " ", count: gap)
            if columns[index].alignsRight { text += spaces }
            text += colour ? painted(shown, cell.style) : shown
            if !columns[index].alignsRight, index < last { text += spaces }
            used += width + gap
        }
        return text + "\n"
    }
}

/// The text between the sequences that begin and end its style.
func painted(_ text: String, _ style: Style) -> String {
    guard let begin = style.begin, !text.isEmpty else { return text }
    return begin + text + Style.end
}
