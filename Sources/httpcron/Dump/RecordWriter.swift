internal import CronCore

/// Writes records one by one in the formats that machines read.
struct RecordWriter {
    private let format: DumpOptions.Format
    private let csv: CSV
    private var document = KrafterDocument(style: .pretty)

    init(_ format: DumpOptions.Format, isForTerminal: Bool) {
        self.format = format
        csv = CSV(isForTerminal: isForTerminal)
    }

    func begin(to output: Output) {
        switch format {
        case .json: output.write { document.begin(to: &$0) }
        case .csv: output.write { csv.appendHeading(to: &$0) }
        case .jsonl, .table: break
        }
    }

    mutating func write(_ record: Record, to output: Output) {
        switch (record, format) {
        case (.execution(let execution), .json): output.write { document.append(execution, to: &$0) }
        case (.execution(let execution), .csv): output.write { csv.append(execution, to: &$0) }
        case (.execution(let execution), _):
            output.write {
                execution.appendJSON(to: &$0)
                $0.append(UInt8(ascii: "\n"))
            }
        case (.note(let note), .csv): output.write { csv.append(note, to: &$0) }
        case (.note(let note), .jsonl):
            output.write {
                note.appendJSON(to: &$0)
                $0.append(UInt8(ascii: "\n"))
            }
        case (.note, _), (.start, _), (.state, _): break
        }
    }

    func end(to output: Output) {
        if format == .json { output.write { document.end(to: &$0) } }
    }
}
