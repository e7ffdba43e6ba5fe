/// A head from anybody: it never traps, whatever it is cut into its outcome is the same, and what it says holds.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzzRequestHead(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = UnsafeRawBufferPointer(start: bytes, count: count)
    let outcome = RequestHeadParser.parse(input)
    if case .head(let head, let length) = outcome {
        precondition(length <= count && length <= RequestHeadParser.mostHeadBytes)
        precondition(
            input[length - 4] == 13 && input[length - 3] == 10 && input[length - 2] == 13 && input[length - 1] == 10)
        precondition(head.contentLength >= 0 && head.contentLength <= RequestHeadParser.mostBodyBytes)
        precondition(!head.method.isEmpty && !head.path.contains { $0.utf8.contains(0) })
        // The same head, and nothing less, is what a reader of its own bytes finds.
        precondition(RequestHeadParser.parse(UnsafeRawBufferPointer(rebasing: input[..<length])) == outcome)
        precondition(RequestHeadParser.parse(UnsafeRawBufferPointer(rebasing: input[..<(length - 1)])) == .incomplete)
        precondition(!input[..<length].contains(0))
    }
    // What has been refused stays so, whatever comes behind it; what comes byte by byte ends as it does whole.
    if count > 0 {
        let half = RequestHeadParser.parse(UnsafeRawBufferPointer(rebasing: input[..<(count / 2)]))
        if half != .incomplete { precondition(half == outcome) }
    }
    _ = RequestHead.formFields(Array(input))
    return 0
}
