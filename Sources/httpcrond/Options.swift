internal import CronCore
internal import HTTPServer

/// The command line of `httpcrond`.
struct Options: Equatable {
    enum Mode: Equatable {
        case daemon
        case demo
        case attempt(file: String)
        case help
        case version
    }

    var mode = Mode.daemon
    var jobsDirectory = "/etc/httpcron/jobs.d"
    var stateDirectory = "/var/lib/httpcron"
    var settingsFile = "/etc/httpcron/httpcron.conf"
    /// Whether `--config` was given: a file asked for must exist, the default one need not.
    var settingsFileIsExplicit = false
    var forcesNetworkFileSystem = false
    /// Where the API listens, besides the sockets that systemd passes.
    var listenAddresses: [ListenAddress] = []

    var historyDirectory: String { "\(stateDirectory)/history" }

    static let usage = """
        Usage: httpcrond [OPTION…]
        Calls the URLs of job files on time, retries what fails, and records every attempt.

          --jobs DIR       job files (default: /etc/httpcron/jobs.d)
          --state DIR      state; the history is in DIR/history (default: /var/lib/httpcron)
          --config FILE    settings (default: /etc/httpcron/httpcron.conf)
          --listen ADDRESS where the API listens, besides the sockets that systemd passes: unix:PATH, or
                           127.0.0.1:PORT, which wants a token (see httpcrond(8)); may be repeated
          --demo           run a few example jobs against a server on loopback, in a temporary directory
          --try FILE       carry one job file out now, in the foreground, and record nothing
          --force-network-file-system
                           keep the history on NFS, CIFS and the like, which do not promise what it needs
          --version        print the version, and what the installed libcurl lacks
          --help           print this

        It runs in the foreground; under systemd: systemctl start httpcron.
        To read the history, check job files or see what is due: httpcron --help
        """

    /// Throws a sentence for stderr; the exit code is then 2.
    init(arguments: [String]) throws(UsageError) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            let (name, attached) = Self.split(argument)
            switch name {
            case "--jobs": jobsDirectory = try Self.value(of: name, attached, &rest)
            case "--state": stateDirectory = try Self.value(of: name, attached, &rest)
            case "--config":
                settingsFile = try Self.value(of: name, attached, &rest)
                settingsFileIsExplicit = true
            case "--listen": listenAddresses.append(try Self.address(try Self.value(of: name, attached, &rest)))
            case "--try": mode = .attempt(file: try Self.value(of: name, attached, &rest))
            case "--demo": mode = .demo
            case "--force-network-file-system": forcesNetworkFileSystem = true
            case "--version": mode = .version
            case "--help", "-h": mode = .help
            default: throw UsageError(message: "unknown option “\(argument)”; see httpcrond --help")
            }
        }
    }

    private static func address(_ text: String) throws(UsageError) -> ListenAddress {
        guard let address = ListenAddress(text) else {
            throw UsageError(
                message: "--listen wants unix:PATH, or a numeric ADDRESS:PORT such as 127.0.0.1:9642, not “\(text)”")
        }
        return address
    }

    private static func split(_ argument: String) -> (String, String?) {
        guard argument.hasPrefix("--"), let equals = argument.firstIndex(of: "=") else { return (argument, nil) }
        return (String(argument[..<equals]), String(argument[argument.index(after: equals)...]))
    }

    private static func value(
        of name: String, _ attached: String?, _ rest: inout ArraySlice<String>
    ) throws(UsageError) -> String {
        guard let value = attached ?? rest.popFirst(), !value.isEmpty else {
            throw UsageError(message: "\(name) wants a value; see httpcrond --help")
        }
        return value
    }
}

/// A command line that cannot be understood.
struct UsageError: Error, Equatable {
    var message: String
}
