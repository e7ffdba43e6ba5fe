internal import CronCore
internal import Glibc

/// What the resolver said of a name.
enum LookupAnswer: Equatable, Sendable {
    /// Numeric, in the resolver's order; never empty.
    case addresses([String])
    /// There is no such name, or it has no address of the family.
    case notFound
    /// The resolver itself failed, in its own words.
    case failed(String)
}

/// Looks a name up; blocks for as long as the system's resolver does, many seconds where a name server is dead.
/// getaddrinfo(3).
@Sendable func systemLookup(_ name: HostName) -> LookupAnswer {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    switch name.family {
    case .any:
        hints.ai_family = AF_UNSPEC
        // Addresses of a family that this machine does not have would only be tried in vain. But for itself it has both,
        // whatever networks it is on.
        if name.name != "localhost" && !name.name.hasSuffix(".localhost") { hints.ai_flags = AI_ADDRCONFIG }
    case .ipv4: hints.ai_family = AF_INET
    case .ipv6: hints.ai_family = AF_INET6
    }
    var first: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(name.name, nil, &hints, &first)
    defer { if let first { freeaddrinfo(first) } }
    guard code == 0 else { return lookupFailure(code, errno: errno) }
    var addresses: [String] = []
    var next = first
    // libcurl would try them all; a name with more than a few is there to be balanced over.
    while let entry = next, addresses.count < 16 {
        if let text = numericText(entry.pointee) { addresses.append(text) }
        next = entry.pointee.ai_next
    }
    return addresses.isEmpty ? .notFound : .addresses(addresses)
}

private func lookupFailure(_ code: Int32, errno: Int32) -> LookupAnswer {
    // EAI_NODATA and EAI_ADDRFAMILY are GNU's, and not in the Glibc module.
    let noData: Int32 = -5
    let addressFamily: Int32 = -9
    switch code {
    case EAI_NONAME, noData, addressFamily: return .notFound
    case EAI_SYSTEM: return .failed(String(cString: strerror(errno)))
    default: return .failed(String(cString: gai_strerror(code)))
    }
}

/// nil for an address that only means something together with an interface (fe80::…%eth0), which libcurl's list of
/// addresses cannot carry.
private func numericText(_ entry: addrinfo) -> String? {
    guard let address = entry.ai_addr else { return nil }
    if entry.ai_family == AF_INET6 {
        let scope = address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { $0.pointee.sin6_scope_id }
        guard scope == 0 else { return nil }
    }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(NI_MAXHOST)) { buffer in
        guard let text = buffer.baseAddress,
            getnameinfo(address, entry.ai_addrlen, text, socklen_t(NI_MAXHOST), nil, 0, NI_NUMERICHOST) == 0
        else { return nil }
        return String(cString: text)
    }
}
