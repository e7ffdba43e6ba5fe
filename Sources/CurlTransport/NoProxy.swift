/// `NoProxy=`: the hosts that are called directly, as curl's `--noproxy` has them: `*`, names with all that ends in
/// them, addresses, and networks (`10.0.0.0/8`), separated by commas or spaces. Matched here and not by libcurl,
/// because which name is to be looked up hangs on it, and because networks came only with libcurl 7.86.
struct NoProxy {
    private let entries: [Substring]

    init(_ text: String) {
        entries = text.split { $0 == "," || $0 == " " || $0 == "\t" }
    }

    /// `host`: lower case, without brackets.
    func contains(_ host: String) -> Bool {
        let address = NumericAddress(host)
        return entries.contains { entry in
            if entry == "*" { return true }
            if let address { return matches(address, entry) }
            return matches(name: host, entry.lowercased())
        }
    }

    private func matches(_ address: NumericAddress, _ entry: Substring) -> Bool {
        let parts = entry.split(separator: "/", maxSplits: 1)
        guard var network = parts.first else { return false }
        if network.hasPrefix("[") && network.hasSuffix("]") { network = network.dropFirst().dropLast() }
        guard let network = NumericAddress(String(network)) else { return false }
        guard parts.count == 2 else { return address == network }
        guard let prefix = Int(parts[1]) else { return false }
        return address.isIn(network, prefix: prefix)
    }

    private func matches(name: String, _ entry: String) -> Bool {
        var entry = Substring(entry)
        if entry.hasPrefix(".") { entry = entry.dropFirst() }
        if entry.hasSuffix(".") { entry = entry.dropLast() }
        let name = name.hasSuffix(".") ? name.dropLast() : Substring(name)
        guard !entry.isEmpty, name.hasSuffix(entry) else { return false }
        return name.count == entry.count || name.dropLast(entry.count).hasSuffix(".")
    }
}
