import CronCore
import Testing

/// Zone files may come from anywhere: whatever the bytes, the answer is rules or an error.
@Suite struct TZifTests {
    static let sample = ZoneFixture(
        transitions: [(-1_000_000_000, 1), (0, 0), (1_000_000_000, 1)],
        types: [(3_600, false, "CET"), (7_200, true, "CEST")], footer: "CET-1CEST,M3.5.0,M10.5.0/3")

    @Test(arguments: ["2", "3", "4", "7"] as [Character])
    func `reads version 2 and later`(version: Character) throws {
        let zone = try TimeZoneRules(name: "A", tzif: Self.sample.bytes(version: version))
        #expect(zone.offset(at: Timestamp(seconds: -1)) == 7_200)
        #expect(zone.offset(at: Timestamp(seconds: 0)) == 3_600)
    }

    @Test func `reads version 1, which has 32 bits and no rule`() throws {
        var bytes: [UInt8] = Array("TZif".utf8) + [UInt8](repeating: 0, count: 16)
        bytes += [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 8]
        bytes += [0x80, 0, 0, 0, 1]
        bytes += [0, 0, 0x0e, 0x10, 0, 0, 0xff, 0xff, 0xf1, 0xf0, 0, 4] + Array("ONE\0TWO\0".utf8)
        let zone = try TimeZoneRules(name: "A", tzif: bytes)
        #expect(zone.offset(at: Timestamp(seconds: -2_147_483_649)) == 3_600)
        #expect(zone.offset(at: Timestamp(seconds: -2_147_483_648)) == -3_600)
        #expect(zone.abbreviation(at: Timestamp(seconds: 0)) == "TWO")
    }

    @Test func `refuses what is no zone file`() {
        #expect(throws: TZifError.notTZif) { try TimeZoneRules(name: "A", tzif: []) }
        #expect(throws: TZifError.notTZif) { try TimeZoneRules(name: "A", tzif: Array("# tzdb\n".utf8)) }
        #expect(throws: TZifError.notTZif) {
            try TimeZoneRules(name: "A", tzif: [UInt8](repeating: 0, count: 100_000))
        }
    }

    struct Damage: CustomTestStringConvertible {
        let what: String
        let offset: Int
        let bytes: [UInt8]
        let error: TZifError
        var testDescription: String { what }
    }

    /// The second header of the sample begins at 51, its block at 95: three transitions, their types at 119, two
    /// types at 122, the names at 134.
    static let damages = [
        Damage(what: "version", offset: 4, bytes: [0x41], error: .malformed("its version is unknown")),
        Damage(
            what: "count", offset: 51 + 32, bytes: [0x7f, 255, 255, 255], error: .malformed("a count exceeds the file")),
        Damage(
            what: "negative", offset: 51 + 32, bytes: [0xff, 255, 255, 255],
            error: .malformed("a count exceeds the file")),
        Damage(what: "no types", offset: 51 + 36, bytes: [0, 0, 0, 0], error: .malformed("it has no local time type")),
        Damage(what: "cut", offset: 51 + 32, bytes: [0, 0, 0, 99], error: .malformed("it is cut off")),
        Damage(what: "leap", offset: 51 + 28, bytes: [0, 0, 0, 1], error: .countsLeapSeconds),
        Damage(
            what: "second header", offset: 51, bytes: [0x55],
            error: .malformed("its second header is not where it should be")),
        Damage(
            what: "second version", offset: 51 + 4, bytes: [0], error: .malformed("its second header is of version 1")),
        Damage(
            what: "order", offset: 95 + 16, bytes: [0, 0, 0, 0, 0, 0, 0, 0],
            error: .malformed("its transitions do not rise")),
        Damage(
            what: "type index", offset: 119, bytes: [2],
            error: .malformed("a transition names a type that is not there")),
        Damage(what: "offset", offset: 122, bytes: [0x7f], error: .malformed("a local time type is not valid")),
        Damage(what: "daylight", offset: 122 + 4, bytes: [2], error: .malformed("a local time type is not valid")),
        Damage(what: "name", offset: 122 + 5, bytes: [200], error: .malformed("a local time type is not valid")),
        Damage(what: "footer", offset: 134 + 9, bytes: [0x20], error: .malformed("its footer is cut off")),
    ]

    @Test(arguments: damages)
    func `names the damage`(row: Damage) {
        var bytes = Self.sample.bytes()
        bytes.replaceSubrange(row.offset..<row.offset + row.bytes.count, with: row.bytes)
        // A larger count must not be refused only for want of bytes.
        if row.what == "leap" { bytes += [UInt8](repeating: 0, count: 100) }
        #expect(throws: row.error) { try TimeZoneRules(name: "A", tzif: bytes) }
    }

    @Test func `cut off anywhere it is an error`() throws {
        let bytes = Self.sample.bytes()
        for length in 0..<bytes.count {
            #expect(throws: TZifError.self) { try TimeZoneRules(name: "A", tzif: Array(bytes.prefix(length))) }
        }
        _ = try TimeZoneRules(name: "A", tzif: bytes)
    }

    @Test func `flipped bits give rules or an error, and rules that answer`() throws {
        let whole = Self.sample.bytes()
        var random = RandomSource(seed: 5)
        let expression = try CronExpression(parsing: "*/7 3 * * *")
        let fixed = try CronExpression(parsing: "7 3 * * *")
        var accepted = 0
        for index in 0..<12_000 {
            var bytes = whole
            let flips = index < whole.count * 8 ? 1 : Int.random(in: 2...6, using: &random)
            for flip in 0..<flips {
                let bit = flips == 1 && flip == 0 ? index : Int.random(in: 0..<whole.count * 8, using: &random)
                bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            }
            guard let zone = try? TimeZoneRules(name: "A", tzif: bytes) else { continue }
            accepted += 1
            for moment in [.min, -1_000_000_000_000_000, 0, 1_700_000_000_000_000, .max] as [Int64] {
                let moment = Timestamp(microseconds: moment)
                _ = zone.resolve(zone.civil(at: moment))
                #expect(zone.nextTransition(after: moment).map { $0 > moment || $0.microseconds == .max } ?? true)
                for expression in [expression, fixed] {
                    #expect(expression.next(after: moment, in: zone).map { $0 > moment } ?? true)
                }
            }
        }
        #expect(accepted > 1_000)
    }

    @Test func `transitions at the ends of time are no trap`() throws {
        let zone = try ZoneFixture(
            transitions: [(.min, 1), (.min + 1, 0), (.max - 1, 1), (.max, 0)],
            types: [(93_599, false, "EAST"), (-89_999, true, "WEST")]
        ).rules()
        for moment in [.min, 0, .max] as [Int64] {
            let moment = Timestamp(microseconds: moment)
            _ = zone.resolve(zone.civil(at: moment))
            _ = zone.nextTransition(after: moment)
            _ = try CronExpression(parsing: "0 0 29 2 *").next(after: moment, in: zone)
            _ = try CronExpression(parsing: "* * 29 2 *").next(after: moment, in: zone)
        }
    }
}
