internal import CronCore

/// The zone that this host shows time in: for the eyes of whoever reads, never for a schedule.
enum HostZone {
    private static let directory = "/usr/share/zoneinfo"

    /// `$TZ` if it names a zone file (tzset(3)), else `/etc/localtime`, else UTC.
    static func current() -> TimeZoneRules {
        if let variable = environment("TZ") {
            let name = variable.hasPrefix(":") ? String(variable.dropFirst()) : variable
            return name.hasPrefix("/") ? read(name, name: name) ?? .utc : named(name) ?? .utc
        }
        return read("/etc/localtime", name: linkedName() ?? "local time") ?? .utc
    }

    /// The rules of an IANA name; nil: there is no such file.
    static func named(_ name: String) -> TimeZoneRules? {
        let isSafe = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "-"),
                UInt8(ascii: "/"):
                true
            default: false
            }
        }
        guard isSafe, !name.isEmpty, !name.hasPrefix("/"), name.utf8.count <= 100 else { return nil }
        return read("\(directory)/\(name)", name: name)
    }

    private static func read(_ path: String, name: String) -> TimeZoneRules? {
        guard let bytes = readFile(path) else { return nil }
        return try? TimeZoneRules(name: name, tzif: bytes)
    }

    /// `/etc/localtime` is a link whose target ends in the name (localtime(5)).
    private static func linkedName() -> String? {
        guard let target = readLink("/etc/localtime") else { return nil }
        guard let range = target.firstRange(of: "zoneinfo/") else { return nil }
        return String(target[range.upperBound...])
    }
}
