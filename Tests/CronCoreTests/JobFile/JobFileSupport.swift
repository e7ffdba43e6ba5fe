import CronCore

/// Parses a job named `health` out of literal text.
func parse(_ text: String, dropIns: [JobFile.DropIn] = [], defaults: JobDefaults = JobDefaults()) -> JobFile.Outcome {
    JobFile.parse(name: "health", Array(text.utf8), dropIns: dropIns, defaults: defaults) { name in
        switch name {
        case "Europe/Berlin": .found(berlin)
        case "No/Data": .noDatabase
        case "Bro/Ken": .unreadable("it is damaged")
        default: .unknown(suggestion: name == "Europe/Berln" ? "Europe/Berlin" : nil)
        }
    }
}

/// What the diagnostics say, one a line.
func messages(_ text: String) -> [String] {
    parse(text).diagnostics.map(\.description)
}

/// A job that is whole but for `lines`, which stand in `section`.
func job(_ section: String, _ lines: String) -> String {
    switch section {
    case "Job":
        let schedule = lines.hasSchedule ? "" : "OnDemand=yes\n"
        return "[Job]\n\(lines)\n\(schedule)[Request]\nURL=http://localhost/\n"
    case "Request":
        let url = lines.hasPrefix("URL=") ? "" : "URL=http://localhost/\n"
        return "[Request]\n\(lines)\n\(url)[Job]\nOnDemand=yes\n"
    default:
        return "[\(section)]\n\(lines)\n[Job]\nOnDemand=yes\n[Request]\nURL=http://localhost/\n"
    }
}

/// Central European time with the rules of today, from a zone file that is all footer.
let berlin: TimeZoneRules = {
    var bytes = Array("TZif2".utf8) + [UInt8](repeating: 0, count: 15)
    let counts: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 4]
    let block: [UInt8] = [0, 0, 0x0e, 0x10, 0, 0] + Array("CET\0".utf8)
    bytes += counts + block
    bytes += Array("TZif2".utf8) + [UInt8](repeating: 0, count: 15) + counts + block
    bytes += Array("\nCET-1CEST,M3.5.0,M10.5.0/3\n".utf8)
    do {
        return try TimeZoneRules(name: "Europe/Berlin", tzif: bytes)
    } catch {
        return .utc
    }
}()

extension String {
    fileprivate var hasSchedule: Bool {
        ["Cron=", "Every=", "At=", "OnDemand="].contains { hasPrefix($0) }
    }
}
