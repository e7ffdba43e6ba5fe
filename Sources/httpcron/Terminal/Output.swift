internal import Glibc

/// Standard output, gathered to 64 KiB a write(2). A reader that goes away (a pager that was left, `head`) ends the
/// work quietly; any other failure is told once, at the end.
final class Output {
    private var descriptor: Int32
    private var buffer: [UInt8] = []
    private static let limit = 65_536
    /// The errno of the write that failed; nothing is written after it.
    private(set) var failure: Int32?
    /// Asked once, when the first bytes are to go out: where to, if not to the descriptor. It is handed all of them if
    /// the output is complete by then, else nil.
    private var choosePager: (([UInt8]?) -> Pager?)?
    private var pager: Pager?

    init(descriptor: Int32, choosePager: (([UInt8]?) -> Pager?)? = nil) {
        self.descriptor = descriptor
        self.choosePager = choosePager
        buffer.reserveCapacity(Output.limit * 2)
    }

    /// Whether more output would be read by anybody. Work that can be long asks now and then.
    var isOpen: Bool { failure == nil }

    func write(_ text: String) {
        buffer += text.utf8
        if buffer.count >= Output.limit { flush() }
    }

    /// Lets `body` append to the buffer itself: for what is too much to be made as strings first.
    func write(_ body: (inout [UInt8]) -> Void) {
        body(&buffer)
        if buffer.count >= Output.limit { flush() }
    }

    /// Hands everything to the kernel. Blocks while the reader is slow.
    func flush() {
        choose(isComplete: false)
        send()
    }

    private func choose(isComplete: Bool) {
        guard let choosePager else { return }
        self.choosePager = nil
        pager = choosePager(isComplete ? buffer : nil)
        if let pager { descriptor = pager.descriptor }
    }

    private func send() {
        defer { buffer.removeAll(keepingCapacity: true) }
        guard failure == nil else { return }
        buffer.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count > 0 {
                    rest = rest.dropFirst(count)
                } else if errno != EINTR {
                    failure = errno
                    return
                }
            }
        }
    }

    /// The last word: 0, or 1 and a line on standard error when what was written did not arrive. Blocks until the
    /// reader has left the pager, if there is one.
    func finish() -> Int32 {
        choose(isComplete: true)
        send()
        pager?.wait()
        pager = nil
        guard let failure, failure != EPIPE else { return 0 }
        complain("cannot write the output: \(systemMessage(failure))")
        return 1
    }
}

/// One line on standard error, made harmless and named: `httpcron: …`.
func complain(_ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let safe = lines.map { escapedForTerminal(String($0)) }.joined(separator: "\n")
    let line = Array("httpcron: \(safe)\n".utf8)
    _ = line.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
}

/// The words of an errno: `No such file or directory`.
func systemMessage(_ code: Int32) -> String {
    guard let text = strerror(code) else { return "error \(code)" }
    return String(cString: text)
}
