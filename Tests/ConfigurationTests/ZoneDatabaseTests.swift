import Configuration
import CronCore
import Testing

@Suite final class ZoneDatabaseTests {
    private let directory: TemporaryDirectory
    private let zones: ZoneDatabase

    init() throws {
        directory = try TemporaryDirectory()
        zones = ZoneDatabase(path: "\(directory.path)/zoneinfo")
    }

    /// A zone file (RFC 8536) that is all footer.
    private func write(_ name: String, footer: String) throws {
        let counts = [UInt8](repeating: 0, count: 19) + [1, 0, 0, 0, 4]
        let header = Array("TZif2".utf8) + [UInt8](repeating: 0, count: 15) + counts
        let block: [UInt8] = [0, 0, 0, 0, 0, 0] + Array("LMT\0".utf8)
        let bytes = header + block + header + block + Array("\n\(footer)\n".utf8)
        try directory.write("zoneinfo/\(name)", String(decoding: bytes, as: UTF8.self))
    }

    @Test func `a zone is read from its file`() throws {
        try write("Europe/Berlin", footer: "CET-1CEST,M3.5.0,M10.5.0/3")
        guard case .found(let rules) = zones.lookup("Europe/Berlin") else {
            Issue.record("not found")
            return
        }
        #expect(rules.offset(at: Timestamp(seconds: 1_700_000_000)) == 3_600)
    }

    @Test func `without a database UTC works, and the rest says what is missing`() {
        guard case .found = zones.lookup("UTC"), case .noDatabase = zones.lookup("Europe/Berlin") else {
            Issue.record("UTC must work, and nothing else")
            return
        }
    }

    @Test func `an unknown name is answered with the one that was meant`() throws {
        try write("Europe/Berlin", footer: "CET-1")
        try write("America/Argentina/Salta", footer: "<-03>3")
        for (name, meant) in [
            ("Europe/Berln", "Europe/Berlin"), ("europe/berlin", "Europe/Berlin"),
            ("America/Argentina/Slata", "America/Argentina/Salta"),
        ] {
            guard case .unknown(suggestion: meant) = zones.lookup(name) else {
                Issue.record("\(name)")
                continue
            }
        }
    }

    @Test func `names stay inside of the database`() throws {
        try write("Europe/Berlin", footer: "CET-1")
        try write("localtime", footer: "CET-1")
        try directory.write("outside", "x")
        for name in [
            "../outside", "/etc/passwd", "Europe/../Europe/Berlin", "", "Europe//Berlin", "localtime", "./UTC",
        ] {
            guard case .unknown = zones.lookup(name) else {
                Issue.record("\(name)")
                continue
            }
        }
    }

    @Test func `a damaged file says so, and a directory is no zone`() throws {
        try directory.write("zoneinfo/Bro/Ken", "nonsense")
        guard case .unreadable(let reason) = zones.lookup("Bro/Ken"), case .unreadable = zones.lookup("Bro") else {
            Issue.record("it was read")
            return
        }
        #expect(reason == "\(directory.path)/zoneinfo/Bro/Ken is not a time zone file (TZif)")
    }

    @Test func `a change on the disk is noticed, and only then`() throws {
        try write("A", footer: "CET-1")
        try write("B", footer: "CET-1")
        _ = (zones.lookup("A"), zones.lookup("B"))
        #expect(zones.refresh().isEmpty)
        try write("A", footer: "EET-2")
        try write("B", footer: "CET-1")
        #expect(zones.refresh() == ["A"])
        guard case .found(let rules) = zones.lookup("A") else {
            Issue.record("not found")
            return
        }
        #expect(rules.offset(at: Timestamp(seconds: 0)) == 7_200)
        try directory.remove("zoneinfo/A")
        #expect(zones.refresh().isEmpty)
        guard case .found = zones.lookup("A") else {
            Issue.record("a zone that vanished must keep its rules")
            return
        }
    }
}
