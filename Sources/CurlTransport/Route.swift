internal import CronCore

/// How a request reaches its server: which machine is connected to, and which names that takes.
struct Route {
    let target: Target
    /// The proxy as the job names it; nil: none, or `NoProxy=` has the host.
    let proxy: String?
    /// What has to be looked up before libcurl may begin; it would do it by itself, and slower.
    let names: [Needed]

    /// A name, and under which port libcurl will ask for it.
    struct Needed {
        let name: HostName
        let port: UInt16
    }

    /// nil: the proxy is no URL.
    init?(target: Target, settings: ConnectionSettings, parser: URLParser) {
        self.target = target
        guard settings.unixSocket == nil else {
            proxy = nil
            names = []
            return
        }
        guard let proxy = settings.proxy, !proxy.isEmpty,
            !(settings.noProxy.map { NoProxy($0).contains(target.host) } ?? false)
        else {
            self.proxy = nil
            names = target.isNumeric ? [] : Self.needed([target], settings.addressFamily)
            return
        }
        guard let parsed = parser.proxy(proxy) else { return nil }
        self.proxy = proxy
        // SOCKS 4 and 5 proxies without the letter want the target as an address.
        let resolvesTarget = parsed.scheme == "socks4" || parsed.scheme == "socks5" || parsed.scheme == "socks"
        names = Self.needed(
            resolvesTarget ? [parsed.target, target] : [parsed.target], settings.addressFamily)
    }

    private static func needed(_ targets: [Target], _ family: AddressFamily) -> [Needed] {
        targets.compactMap { target in
            // libcurl turns other letters to Punycode before it looks in its list: those names are left to it.
            guard !target.isNumeric, target.host.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
            return Needed(name: HostName(name: target.host, family: family), port: target.port)
        }
    }
}
