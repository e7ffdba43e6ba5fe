internal import Glibc

/// An IPv4 or IPv6 address in network order. inet_pton(3).
struct NumericAddress: Equatable {
    /// 4 or 16.
    let bytes: [UInt8]

    init?(_ text: String) {
        // Anything longer than the longest address is a name; so is what begins like neither.
        guard let first = text.utf8.first, text.utf8.count <= 45, first < UInt8(ascii: "g") else { return nil }
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            bytes = withUnsafeBytes(of: four) { [UInt8]($0) }
            return
        }
        var sixteen = in6_addr()
        guard inet_pton(AF_INET6, text, &sixteen) == 1 else { return nil }
        bytes = withUnsafeBytes(of: sixteen) { [UInt8]($0) }
    }

    /// Whether it lies in `network`/`prefix`, of the same family.
    func isIn(_ network: NumericAddress, prefix: Int) -> Bool {
        guard bytes.count == network.bytes.count, prefix >= 0, prefix <= bytes.count * 8 else { return false }
        let whole = prefix / 8
        guard bytes[..<whole] == network.bytes[..<whole] else { return false }
        let rest = prefix % 8
        guard rest > 0 else { return true }
        return (bytes[whole] ^ network.bytes[whole]) >> UInt8(8 - rest) == 0
    }
}
