internal import CronCore
internal import Glibc

/// The jobs that a command line can name: those of the record and those of the job files, by id and by file name.
struct JobSelection {
    /// Every name a job goes by, and the job's id.
    private var ids: [String: Set<JobID>] = [:]

    /// `configured`: a job's file name and its id, where the file says one.
    init(recorded: some Sequence<JobID>, configured: some Sequence<(name: String, id: JobID)>) {
        for id in recorded { ids[id.text, default: []].insert(id) }
        for (name, id) in configured {
            ids[id.text, default: []].insert(id)
            ids[name, default: []].insert(id)
        }
    }

    /// The jobs that `operands` name, by id, file name or glob(7); nil: none were given, all are meant. Throws for the
    /// first that names nothing.
    func resolve(_ operands: [String]) throws(ToolError) -> Set<JobID>? {
        guard !operands.isEmpty else { return nil }
        var chosen: Set<JobID> = []
        for operand in operands { chosen.formUnion(try resolve(operand)) }
        return chosen
    }

    private func resolve(_ operand: String) throws(ToolError) -> Set<JobID> {
        if let exact = ids[operand] { return exact }
        if operand.hasSuffix(".job"), let exact = ids[String(operand.dropLast(4))] { return exact }
        guard operand.contains(where: { "*?[".contains($0) }) else {
            throw ToolError("there is no job \"\(operand)\"" + suggestion(for: operand, among: ids.keys))
        }
        let matches = ids.filter { fnmatch(operand, $0.key, 0) == 0 }
        guard !matches.isEmpty else { throw ToolError("no job matches \"\(operand)\"") }
        return matches.values.reduce(into: Set()) { $0.formUnion($1) }
    }
}
