import CronCore

/// Zone files made for tests, so that no test depends on the zone data of the machine.
struct ZoneFixture {
    var transitions: [(at: Int64, type: UInt8)] = []
    var types: [(offset: Int32, isDaylight: Bool, name: String)] = []
    var footer = ""

    /// The bytes of a zone file as zic writes it: an empty block of version 1, one in 64 bits, the footer.
    func bytes(version: Character = "2") -> [UInt8] {
        var names: [UInt8] = []
        var records: [UInt8] = []
        for type in types {
            records += bigEndian(type.offset) + [type.isDaylight ? 1 : 0, UInt8(names.count)]
            names += Array(type.name.utf8) + [0]
        }
        func header(_ times: Int, _ types: Int, _ names: Int) -> [UInt8] {
            Array("TZif\(version)".utf8) + [UInt8](repeating: 0, count: 15)
                + [0, 0, 0, times, types, names].flatMap { bigEndian(Int32($0)) }
        }
        return header(0, 1, 1) + [0, 0, 0, 0, 0, 0, 0]
            + header(transitions.count, types.count, names.count)
            + transitions.flatMap { bigEndian($0.at) } + transitions.map(\.type) + records + names
            + Array("\n\(footer)\n".utf8)
    }

    func rules(name: String = "Test/Zone") throws -> TimeZoneRules {
        try TimeZoneRules(name: name, tzif: bytes())
    }

    private func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }

    /// A zone that has had one rule for ever.
    static func rule(_ footer: String, name: String) throws -> TimeZoneRules {
        try ZoneFixture(types: [(0, false, "UTC")], footer: footer).rules(name: name)
    }
}

extension TimeZoneRules {
    /// Forward at 02:00 on 2025-03-30, back at 03:00 on 2025-10-26.
    static var berlin: TimeZoneRules {
        get throws { try ZoneFixture.rule("CET-1CEST,M3.5.0,M10.5.0/3", name: "Europe/Berlin") }
    }

    /// Forward at 02:00 on 2025-03-09, back at 02:00 on 2025-11-02.
    static var newYork: TimeZoneRules {
        get throws { try ZoneFixture.rule("EST5EDT,M3.2.0,M11.1.0", name: "America/New_York") }
    }

    /// Half an hour, in the south: back at 02:00 on 2025-04-06, forward at 02:00 on 2025-10-05.
    static var lordHowe: TimeZoneRules {
        get throws { try ZoneFixture.rule("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", name: "Australia/Lord_Howe") }
    }

    /// The 30th of December 2011 was left out.
    static var apia: TimeZoneRules {
        get throws {
            try ZoneFixture(
                transitions: [(1_325_239_200, 1)], types: [(-36_000, true, "-10"), (50_400, true, "+14")],
                footer: "<+14>-14"
            ).rules(name: "Pacific/Apia")
        }
    }
}
