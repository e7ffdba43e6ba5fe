/// UTF-8 by hand (Unicode 15, table 3-7), for bytes that may be anything.
enum UTF8Scanner {
    /// The length of the well-formed sequence at the start of `bytes`, or, negated, of the ill-formed piece that a
    /// decoder replaces by one U+FFFD (the maximal subpart, as Swift's `String(decoding:as:)` does). `bytes` must not
    /// be empty.
    static func sequence(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> Int {
        let first = bytes[start]
        let length: Int
        var low: UInt8 = 0x80
        var high: UInt8 = 0xbf
        switch first {
        case 0x00...0x7f: return 1
        case 0xc2...0xdf: length = 2
        case 0xe0: (length, low) = (3, 0xa0)
        case 0xed: (length, high) = (3, 0x9f)
        case 0xe1...0xef: length = 3
        case 0xf0: (length, low) = (4, 0x90)
        case 0xf1...0xf3: length = 4
        case 0xf4: (length, high) = (4, 0x8f)
        default: return -1
        }
        for offset in 1..<length {
            guard start + offset < bytes.count, (low...high).contains(bytes[start + offset]) else { return -offset }
            (low, high) = (0x80, 0xbf)
        }
        return length
    }

    /// Where the first ill-formed sequence begins; nil: all is well.
    static func firstInvalid(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        var index = 0
        while index < bytes.count {
            let length = sequence(bytes, at: index)
            guard length > 0 else { return index }
            index += length
        }
        return nil
    }
}
