/// Reads one file of systemd.syntax(7). Bytes in, assignments and diagnostics out; what the keys mean is decided
/// elsewhere. Any bytes may come: nothing here traps, and time and memory are linear in the size of the file.
struct UnitFileParser {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let file: String
    private var section: String?
    /// Under a section header that could not be read: its assignments mean nothing.
    private var inBrokenSection = false
    private var unit: UnitFile
    private var diagnostics: DiagnosticList

    /// Adds the assignments of a file to `unit`, and its mistakes to `diagnostics`.
    static func parse(
        _ bytes: [UInt8], file: String, into unit: inout UnitFile, _ diagnostics: inout DiagnosticList
    ) {
        guard bytes.count <= UnitFile.sizeLimit else {
            diagnostics.error(
                Place(file: file, line: nil),
                "the file has \(bytes.count) bytes; at most \(UnitFile.sizeLimit) are read. Put a large body into a"
                    + " file of its own and name it with BodyFile=")
            return
        }
        bytes.withUnsafeBufferPointer { buffer in
            var parser = UnitFileParser(bytes: buffer, file: file, unit: unit, diagnostics: diagnostics)
            if parser.checkBytes() { parser.parseLines() }
            unit = parser.unit
            diagnostics = parser.diagnostics
        }
    }

    private init(bytes: UnsafeBufferPointer<UInt8>, file: String, unit: UnitFile, diagnostics: DiagnosticList) {
        self.bytes = bytes
        self.file = file
        self.unit = unit
        self.diagnostics = diagnostics
    }

    /// Whether the bytes are text that can be read line by line.
    private mutating func checkBytes() -> Bool {
        var line = 1
        var hasControl = false
        var isASCII = true
        for index in bytes.indices {
            let byte = bytes[index]
            if byte >= 0x80 { isASCII = false }
            guard byte < 0x20 || byte == 0x7f else { continue }
            switch byte {
            case newline: line += 1
            case tab: continue
            case 0:
                error(line, "holds a NUL byte: this is not a text file")
                return false
            case 13 where index + 1 < bytes.count && bytes[index + 1] == newline:
                error(line, "ends in CR LF, as DOS writes lines; convert the file: sed -i 's/\\r$//' \(file)")
                return false
            default:
                guard !hasControl else { continue }
                hasControl = true
                error(line, "holds the control character U+00\(String(byte, radix: 16, uppercase: true).padded)")
            }
        }
        guard !isASCII, let invalid = UTF8Scanner.firstInvalid(bytes) else { return true }
        error(1 + bytes[..<invalid].count { $0 == newline }, "is not UTF-8; convert the file: iconv -t UTF-8")
        return false
    }

    private mutating func parseLines() {
        var start = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
        var line = 0
        var joined: [UInt8] = []
        var joinedFrom: Int?
        while start < bytes.count {
            line += 1
            let end = bytes[start...].firstIndex(of: newline) ?? bytes.count
            let text = start..<end
            if end == bytes.count {
                error(line, "the last line has no newline at its end, as if half-written; if it is not, add one")
            }
            start = end + 1
            if isComment(text) { continue }
            if endsInContinuation(text) {
                joinedFrom = joinedFrom ?? line
                joined.append(contentsOf: bytes[text.dropLast()])
                joined.append(space)
            } else if let from = joinedFrom {
                joined.append(contentsOf: bytes[text])
                joined.withUnsafeBufferPointer { parseLine($0, 0..<$0.count, line: from) }
                joined.removeAll()
                joinedFrom = nil
            } else {
                parseLine(bytes, text, line: line)
            }
        }
        if let joinedFrom {
            error(joinedFrom, "goes on behind its last backslash, but the file ends: it looks half-written")
        }
    }

    /// One logical line.
    private mutating func parseLine(_ source: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, line: Int) {
        let text = trim(source, range)
        guard let first = text.first.map({ source[$0] }) else { return }
        if first == UInt8(ascii: "[") {
            parseHeader(source, text, line: line)
            return
        }
        guard let equals = source[text].firstIndex(of: UInt8(ascii: "=")) else {
            error(
                line,
                "is neither a [Section] nor Key=value nor a comment (a value that goes on needs a backslash at the"
                    + " end of the line before)")
            return
        }
        let key = trim(source, text.lowerBound..<equals)
        guard !key.isEmpty else {
            error(line, "has nothing in front of the '='")
            return
        }
        guard !inBrokenSection else { return }
        let value = trim(source, equals + 1..<text.upperBound)
        unit.append(
            UnitFile.Assignment(
                section: section, key: string(source, key), value: string(source, value), file: file, line: line))
    }

    private mutating func parseHeader(_ source: UnsafeBufferPointer<UInt8>, _ text: Range<Int>, line: Int) {
        let closed = source[text.upperBound - 1] == UInt8(ascii: "]")
        let name = text.count >= 2 ? string(source, text.lowerBound + 1..<text.upperBound - (closed ? 1 : 0)) : ""
        inBrokenSection = !closed || name.isEmpty
        guard inBrokenSection else {
            section = name
            return
        }
        error(line, "\(quoted(string(source, text))) is no section header; write it as [Job], alone on its line")
    }

    private func isComment(_ range: Range<Int>) -> Bool {
        guard let first = bytes[range].first(where: { $0 != space && $0 != tab }) else { return false }
        return first == UInt8(ascii: "#") || first == UInt8(ascii: ";")
    }

    /// Whether the last backslash escapes the newline: one that is itself escaped does not.
    private func endsInContinuation(_ range: Range<Int>) -> Bool {
        var count = 0
        for index in range.reversed() {
            guard bytes[index] == UInt8(ascii: "\\") else { break }
            count += 1
        }
        return count % 2 == 1
    }

    private func trim(_ source: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Range<Int> {
        var (low, high) = (range.lowerBound, range.upperBound)
        while low < high, source[low] == space || source[low] == tab { low += 1 }
        while low < high, source[high - 1] == space || source[high - 1] == tab { high -= 1 }
        return low..<high
    }

    private func string(_ source: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> String {
        String(decoding: UnsafeBufferPointer(rebasing: source[range]), as: UTF8.self)
    }

    private mutating func error(_ line: Int, _ message: String) {
        diagnostics.error(Place(file: file, line: line), message)
    }
}

private let newline = UInt8(ascii: "\n")
private let space = UInt8(ascii: " ")
private let tab = UInt8(ascii: "\t")

extension String {
    /// Two digits at least.
    fileprivate var padded: String { count < 2 ? "0" + self : self }
}
