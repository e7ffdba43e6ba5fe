internal import CronCore

/// Where a request goes: scheme, host and port, which together are its origin (RFC 6454).
struct Target: Hashable {
    let isTLS: Bool
    /// Lower case, IPv6 without its brackets.
    let host: String
    let port: UInt16
    /// Whether the host is an address, which needs no resolver.
    let isNumeric: Bool

    init(isTLS: Bool, host: String, port: UInt16) {
        self.isTLS = isTLS
        self.host = host
        self.port = port
        self.isNumeric = NumericAddress(host) != nil
    }
}

/// A name to look up, and for which family.
struct HostName: Hashable, Sendable {
    /// Lower case.
    var name: String
    var family: AddressFamily
}
