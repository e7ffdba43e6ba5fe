internal import Glibc

extension Verb {
    static let `try` = Verb(
        name: "try",
        operands: "FILE|NAME",
        summary: "Carry one job out now, in the foreground",
        description: """
            Reads one job file and carries it out at once: sends a real request, shows it, each attempt and the waits
            between them, and records nothing. The file may be anywhere; a name without a slash that is no file here is
            looked for among the job files. The exit status is 0 if the job succeeded.
            """,
        options: [],
        examples: [
            .init("httpcron try ./health.job", "before it goes to \(Paths.standard.jobs)"),
            .init("sudo -u httpcron httpcron try health", "as the daemon would, with its credentials"),
        ],
        run: { try Try.run($0) })
}

/// `httpcron try`: hands over to the daemon's own binary, which is the one that can send requests.
enum Try {
    static func run(_ arguments: ParsedArguments) throws -> Int32 {
        guard arguments.operands.count == 1, let operand = arguments.operands.first else {
            throw UsageError("try takes one job file; see httpcron try --help")
        }
        let file = try resolve(operand, in: Paths(arguments).jobs)
        var command = ["httpcrond", "--try", file]
        for option in OptionSpec.paths {
            if let value = arguments.value(of: option.long) { command += ["--" + option.long, value] }
        }
        let words = command.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        // What is ignored stays ignored across execv(3); the daemon chooses for itself.
        signal(SIGPIPE, SIG_DFL)
        for binary in binaries(besides: ownDirectory()) where access(binary, X_OK) == 0 {
            execv(binary, words)
            throw ToolError("cannot execute \(binary): \(systemMessage(errno))")
        }
        throw ToolError("httpcrond, which sends the request, is not beside httpcron, in ../sbin or in /usr/sbin")
    }

    /// The path as given, or that of the job of this name.
    private static func resolve(_ operand: String, in directory: String) throws(ToolError) -> String {
        guard !operand.contains("/"), access(operand, F_OK) != 0 else { return operand }
        let name = operand.hasSuffix(".job") ? operand : operand + ".job"
        let path = "\(directory)/\(name)"
        guard access(path, F_OK) == 0 else {
            throw ToolError("there is no file \(operand) here, and no \(name) in \(directory)")
        }
        return path
    }

    /// Where the daemon's binary may be: a checkout has both programs in one directory, an installation in bin and sbin.
    static func binaries(besides directory: String?) -> [String] {
        let beside = directory.map { ["\($0)/httpcrond", "\($0)/../sbin/httpcrond"] } ?? []
        return beside + ["/usr/sbin/httpcrond"]
    }

    private static func ownDirectory() -> String? {
        guard let path = readLink("/proc/self/exe"), let slash = path.lastIndex(of: "/") else { return nil }
        return String(path[..<slash])
    }
}

/// What a symbolic link says; nil if it is none.
func readLink(_ path: String) -> String? {
    var buffer = [UInt8](repeating: 0, count: 4_096)
    let count = buffer.withUnsafeMutableBytes { bytes in
        bytes.baseAddress.map { readlink(path, $0, bytes.count) } ?? -1
    }
    return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
}
