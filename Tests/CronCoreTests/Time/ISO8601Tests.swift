import CronCore
import Foundation
import Testing

@Suite struct ISO8601Tests {
    struct Written: CustomTestStringConvertible {
        let microseconds: Int64
        let whole: String
        let exact: String
        var testDescription: String { exact }
    }

    static let written = [
        Written(microseconds: 0, whole: "1970-01-01T00:00:00Z", exact: "1970-01-01T00:00:00.000000Z"),
        Written(microseconds: -1, whole: "1969-12-31T23:59:59Z", exact: "1969-12-31T23:59:59.999999Z"),
        Written(
            microseconds: 1_736_935_800_123_456, whole: "2025-01-15T10:10:00Z", exact: "2025-01-15T10:10:00.123456Z"),
        Written(
            microseconds: 1_736_935_800_000_007, whole: "2025-01-15T10:10:00Z", exact: "2025-01-15T10:10:00.000007Z"),
        Written(
            microseconds: -62_167_219_200_000_000, whole: "0000-01-01T00:00:00Z",
            exact: "0000-01-01T00:00:00.000000Z"),
        Written(
            microseconds: 253_402_300_799_999_999, whole: "9999-12-31T23:59:59Z",
            exact: "9999-12-31T23:59:59.999999Z"),
        Written(
            microseconds: .max, whole: "+294247-01-10T04:00:54Z", exact: "+294247-01-10T04:00:54.775807Z"),
        Written(
            microseconds: .min, whole: "-290308-12-21T19:59:05Z", exact: "-290308-12-21T19:59:05.224192Z"),
    ]

    @Test(arguments: written)
    func `is written`(row: Written) {
        let moment = Timestamp(microseconds: row.microseconds)
        #expect(moment.iso8601 == row.whole)
        #expect(moment.iso8601Microseconds == row.exact)
        var bytes = Array("at ".utf8)
        moment.writeISO8601(into: &bytes)
        moment.writeISO8601Microseconds(into: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "at " + row.whole + row.exact)
    }

    @Test func `is written by the clocks of a zone`() throws {
        let moment = Timestamp(seconds: 1_736_935_800)
        #expect(moment.iso8601(in: .utc) == "2025-01-15T10:10:00+00:00")
        #expect(moment.iso8601(in: try .berlin) == "2025-01-15T11:10:00+01:00")
        #expect(moment.iso8601(in: try .newYork) == "2025-01-15T05:10:00-05:00")
        #expect(moment.iso8601(in: try .rule("<+0545>-5:45", name: "A")) == "2025-01-15T15:55:00+05:45")
        #expect(moment.iso8601(in: try .rule("LMT0:44:30", name: "B")) == "2025-01-15T09:25:30-00:44:30")
    }

    struct Read: CustomTestStringConvertible {
        let text: String
        let moment: String
        var zone: String?
        var testDescription: String { text }
    }

    static let read = [
        Read(text: "2025-01-15T10:10:00Z", moment: "2025-01-15T10:10:00.000000Z"),
        Read(text: "2025-01-15t10:10:00z", moment: "2025-01-15T10:10:00.000000Z"),
        Read(text: "2025-01-15 10:10Z", moment: "2025-01-15T10:10:00.000000Z"),
        Read(text: "2025-01-15T11:10:00+01:00", moment: "2025-01-15T10:10:00.000000Z"),
        Read(text: "2025-01-15T00:10:00-1000", moment: "2025-01-15T10:10:00.000000Z"),
        Read(text: "2025-01-15T11:10+01", moment: "2025-01-15T10:10:00.000000Z"),
        Read(text: "2025-01-15T10:10:00.5Z", moment: "2025-01-15T10:10:00.500000Z"),
        Read(text: "2025-01-15T10:10:00,123456789Z", moment: "2025-01-15T10:10:00.123456Z"),
        Read(text: "1969-12-31T23:59:59.999999Z", moment: "1969-12-31T23:59:59.999999Z"),
        Read(text: "2025-01-15T11:10:00", moment: "2025-01-15T10:10:00.000000Z", zone: "Europe/Berlin"),
        Read(text: "2025-07-15T11:10:00.25", moment: "2025-07-15T09:10:00.250000Z", zone: "Europe/Berlin"),
        // The offset says more than the zone.
        Read(text: "2025-01-15T11:10:00Z", moment: "2025-01-15T11:10:00.000000Z", zone: "Europe/Berlin"),
        // In the fold the first, in the gap the first moment after it, without a fraction.
        Read(text: "2025-10-26T02:30:00", moment: "2025-10-26T00:30:00.000000Z", zone: "Europe/Berlin"),
        Read(text: "2025-03-30T02:30:00.5", moment: "2025-03-30T01:00:00.000000Z", zone: "Europe/Berlin"),
    ]

    @Test(arguments: read)
    func `is read`(row: Read) throws {
        let zone = row.zone == nil ? nil : try TimeZoneRules.berlin
        #expect(try Timestamp(iso8601: row.text, in: zone).iso8601Microseconds == row.moment)
    }

    struct Refused: CustomTestStringConvertible {
        let text: String
        let message: String
        var testDescription: String { text }
    }

    static let refused = [
        Refused(text: "", message: "a date is written 2025-01-15"),
        Refused(text: "15.01.2025 10:10", message: "a date is written 2025-01-15"),
        Refused(text: "2025-1-15T10:10Z", message: "a date is written 2025-01-15"),
        Refused(text: "２０２５-01-15T10:10Z", message: "a date is written 2025-01-15"),
        Refused(text: "2025-13-15T10:10Z", message: "there is no month 13"),
        Refused(text: "2025-00-15T10:10Z", message: "there is no month 0"),
        Refused(text: "2025-02-29T10:10Z", message: "there is no day 29 in that month"),
        Refused(text: "2025-01-00T10:10Z", message: "there is no day 0 in that month"),
        Refused(text: "2025-01-15", message: "a time must follow, as in 2025-01-15T10:10:00"),
        Refused(text: "2025-01-15T10", message: "a time is written 10:10 or 10:10:00"),
        Refused(text: "2025-01-15T10:10:0Z", message: "a time is written 10:10 or 10:10:00"),
        Refused(text: "2025-01-15T24:00Z", message: "a time is between 00:00:00 and 23:59:59"),
        Refused(text: "2025-01-15T10:60Z", message: "a time is between 00:00:00 and 23:59:59"),
        Refused(text: "2025-01-15T23:59:60Z", message: "a time is between 00:00:00 and 23:59:59"),
        Refused(text: "2025-01-15T10:10:00.Z", message: "digits must follow the point"),
        Refused(text: "2025-01-15T10:10:00 Z", message: "it ends with Z or with an offset as in +01:00"),
        Refused(text: "2025-01-15T10:10:00+1", message: "it ends with Z or with an offset as in +01:00"),
        Refused(text: "2025-01-15T10:10:00+01:", message: "it ends with Z or with an offset as in +01:00"),
        Refused(text: "2025-01-15T10:10:00+24:00", message: "an offset is less than 24 hours"),
        Refused(text: "2025-01-15T10:10:00Zulu", message: "something follows the offset"),
        Refused(
            text: "2025-01-15T10:10:00", message: "it has no offset; end it with Z or with an offset as in +01:00"),
    ]

    @Test(arguments: refused)
    func `is refused`(row: Refused) {
        let error = #expect(throws: ISO8601Error.self) { try Timestamp(iso8601: row.text) }
        #expect(error?.message == row.message)
    }

    @Test func `agrees with Foundation, and reads what it writes`() throws {
        let judge = Date.ISO8601FormatStyle()
        var random = RandomSource(seed: 2)
        for _ in 0..<5_000 {
            // From 1600 on: before 1582 Foundation reckons by the Julian calendar.
            let microseconds = Int64.random(in: -11_676_096_000_000_000...253_402_300_799_999_999, using: &random)
            let moment = Timestamp(microseconds: microseconds)
            #expect(moment.iso8601 == judge.format(Date(timeIntervalSince1970: Double(moment.seconds))))
            #expect(try Timestamp(iso8601: moment.iso8601Microseconds) == moment)
        }
    }
}

extension TimeZoneRules {
    fileprivate static func rule(_ footer: String, name: String) throws -> TimeZoneRules {
        try ZoneFixture.rule(footer, name: name)
    }
}
