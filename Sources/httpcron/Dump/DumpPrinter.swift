internal import CronCore
internal import History

/// Prints what a dump was asked for, once, from one snapshot.
struct DumpPrinter {
    private let options: DumpOptions
    private var filter: RecordFilter
    private let place: Workplace
    private var writer: RecordWriter
    private var table: Table
    private let rows: DumpTable
    private var hasHeading = false

    /// Rows whose widths are measured together where there may be millions.
    private static let chunk = 1_000
    /// After so many records in a row from before `--since` the search is over. It does not end at the first: the order
    /// of the record is not that of the clock, which may have been wrong for a while.
    private static let patience = 4_096

    init(_ options: DumpOptions, _ place: Workplace) {
        self.options = options
        filter = options.filter
        self.place = place
        writer = RecordWriter(options.format, isForTerminal: place.screen.isTerminal)
        table = Table(DumpTable.columns, maxWidth: nil)
        rows = DumpTable(clock: place.clock)
    }

    /// `through`: nothing recorded after the record of this number.
    mutating func print(
        _ history: HistorySnapshot, _ jobs: Set<JobID>?, _ output: Output, through: SequenceNumber? = nil
    ) {
        filter.through = through
        defer { filter.through = nil }
        writer.begin(to: output)
        // Who follows sees few lines at a time: they are to stand under each other all the same.
        if options.follows,
            let widest = (jobs.map(Array.init) ?? history.jobs).map(\.text).max(by: { $0.count < $1.count })
        {
            table.measure([[.empty, Cell(String(widest.prefix(40))), Cell("success")]])
        }
        if options.oldestFirst {
            oldestFirst(history, jobs, output)
        } else {
            newestFirst(history, jobs, output)
        }
        writer.end(to: output)
    }

    /// Prints rows as they come; for a follower, who calls it again and again.
    mutating func append(_ records: some Sequence<Record>, _ output: Output) {
        if options.format == .table {
            var collector = RowCollector()
            for record in records where filter.admits(record) { _ = collector.add(record) }
            print(collector.rows, output)
        } else {
            for record in records where filter.admits(record) { writer.write(record, to: output) }
        }
    }

    private mutating func newestFirst(_ history: HistorySnapshot, _ jobs: Set<JobID>?, _ output: Output) {
        var search = Search(history.newestFirst(jobs: jobs), filter, patience: Self.patience)
        guard options.format == .table else {
            var left = options.limit ?? .max
            while left > 0, output.isOpen, let record = search.next() {
                guard isShown(record) else { continue }
                writer.write(record, to: output)
                left -= 1
            }
            return
        }
        var collector = RowCollector()
        var left = options.limit ?? .max
        while output.isOpen, let record = search.next() {
            if collector.rows.count >= min(left, Self.chunk), !collector.wouldFold(record) {
                left -= collector.rows.count
                print(collector.rows, output)
                collector.removeAll()
                guard left > 0 else { return }
            }
            _ = collector.add(record)
        }
        print(collector.rows, output)
    }

    /// The newest `limit`, the oldest of them first.
    private mutating func oldestFirst(_ history: HistorySnapshot, _ jobs: Set<JobID>?, _ output: Output) {
        guard let limit = options.limit else {
            var cursor = history.oldestFirst(jobs: jobs)
            var records: [Record] = []
            while output.isOpen, let record = cursor.next() {
                guard filter.admits(record) else { continue }
                records.append(record)
                guard records.count >= Self.chunk else { continue }
                append(records, output)
                records.removeAll(keepingCapacity: true)
            }
            append(records, output)
            return
        }
        var search = Search(history.newestFirst(jobs: jobs), filter, patience: Self.patience)
        var collector = RowCollector()
        var records: [Record] = []
        while limit > 0, let record = search.next() {
            if options.format == .table {
                if collector.rows.count >= limit, !collector.wouldFold(record) { break }
                _ = collector.add(record)
            } else if isShown(record) {
                records.append(record)
                if records.count >= limit { break }
            }
        }
        if options.format == .table {
            print(collector.rows.reversed(), output)
        } else {
            append(records.reversed(), output)
        }
    }

    /// Whether the format has a place for the record.
    private func isShown(_ record: Record) -> Bool {
        if case .note = record { options.format != .json } else { true }
    }

    private mutating func print(_ shown: some Sequence<Row>, _ output: Output) {
        let cells = shown.map { rows.cells($0) }
        guard !cells.isEmpty else { return }
        table.measure(cells)
        if !hasHeading { output.write(table.heading(colour: place.screen.colour)) }
        hasHeading = true
        for row in cells { output.write(table.line(row, colour: place.screen.colour)) }
    }
}

/// The records of a cursor that a filter admits, newest first, ended early where nothing more can come.
private struct Search {
    private var cursor: RecordCursor
    private let filter: RecordFilter
    private let patience: Int
    private var tooOld = 0

    init(_ cursor: RecordCursor, _ filter: RecordFilter, patience: Int) {
        self.cursor = cursor
        self.filter = filter
        self.patience = patience
    }

    mutating func next() -> Record? {
        while tooOld < patience, let record = cursor.next() {
            tooOld = filter.isTooOld(record) ? tooOld + 1 : 0
            if filter.admits(record) { return record }
        }
        return nil
    }
}
