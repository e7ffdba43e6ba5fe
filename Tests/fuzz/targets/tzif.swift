@testable import CronCore

/// Zone data from a damaged disk: what is taken for a zone answers for every moment, and its answers agree.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzzTZif(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: bytes, count: count))
    guard let zone = try? TimeZoneRules(name: "Fuzz", tzif: input) else { return 0 }
    for seconds in [Int64.min / 4_000_000, -2_208_988_800, 0, 1_772_452_800, 4_102_444_800, 253_402_300_799] {
        let moment = Timestamp(seconds: seconds)
        let offset = zone.offset(at: moment)
        precondition(abs(offset) < 200_000)
    }
    if let expression = try? CronExpression(parsing: "30 2 * * *") {
        var moment = Timestamp(seconds: 1_772_452_800)
        for _ in 0..<4 {
            guard let next = expression.next(after: moment, in: zone) else { break }
            precondition(next > moment)
            moment = next
        }
    }
    return 0
}
