@testable import CronCore

/// A cron expression from anybody: what is understood is due later than now, in order, and reads back from its own text.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzzCron(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    guard let expression = try? CronExpression(parsing: text) else { return 0 }
    precondition((try? CronExpression(parsing: expression.description)) == expression)
    var moment = Timestamp(seconds: 1_772_452_800 + Int64(count) * 86_399)
    for _ in 0..<8 {
        guard let next = expression.next(after: moment, in: .utc) else { return 0 }
        precondition(next > moment && next.microseconds % 60_000_000 == 0)
        precondition(expression.next(after: next - TimeSpan(microseconds: 1), in: .utc) == next)
        moment = next
    }
    _ = Schedule.cron([expression], .utc).inWords
    return 0
}
