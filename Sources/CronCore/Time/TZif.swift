/// What a zone file says, checked and not yet interpreted (TZif, RFC 8536 and RFC 9636, versions 1 to 4).
struct TZif: Equatable, Sendable {
    /// Moments at which local time changes, in seconds since 1970, strictly rising.
    var transitions: [Int64] = []
    /// For each of them, which of `types` holds from then on.
    var typeIndices: [UInt8] = []
    /// Never empty; the first holds before the first transition.
    var types: [LocalTimeType] = []
    /// Holds from the last transition on.
    var footer: PosixTZ?

    /// Reads a whole file. Hostile bytes give an error, and no count is believed before the bytes are there.
    init(_ bytes: [UInt8]) throws(TZifError) {
        let first = try Header(bytes, at: 0)
        guard first.version >= 2 else {
            try readBlock(bytes, first, at: Header.size, timeSize: 4)
            return
        }
        // Version 2 and later repeat everything in 64 bits behind the block for readers of version 1.
        let second = Header.size + first.blockSize(timeSize: 4)
        let header = try Header(bytes, at: second)
        guard header.version >= 2 else { throw .malformed("its second header is of version 1") }
        let end = second + Header.size + header.blockSize(timeSize: 8)
        try readBlock(bytes, header, at: second + Header.size, timeSize: 8)
        guard end < bytes.count, bytes[end] == 0x0a, let close = bytes[(end + 1)...].firstIndex(of: 0x0a) else {
            throw .malformed("its footer is cut off")
        }
        guard close > end + 1 else { return }
        guard let rule = PosixTZ(parsing: bytes[(end + 1)..<close]) else {
            throw .malformed("its footer is not a POSIX TZ rule")
        }
        footer = rule
    }

    private mutating func readBlock(_ bytes: [UInt8], _ header: Header, at start: Int, timeSize: Int) throws(TZifError)
    {
        guard bytes.count - start >= header.blockSize(timeSize: timeSize) else { throw .malformed("it is cut off") }
        guard header.leapCount == 0 else { throw .countsLeapSeconds }
        let indices = start + header.timeCount * timeSize
        let records = indices + header.timeCount
        let names = records + header.typeCount * 6

        transitions.reserveCapacity(header.timeCount)
        for index in 0..<header.timeCount {
            let moment = bytes.bigEndian(at: start + index * timeSize, size: timeSize)
            guard transitions.last.map({ moment > $0 }) ?? true else { throw .malformed("its transitions do not rise") }
            transitions.append(moment)
        }
        typeIndices = Array(bytes[indices..<records])
        guard typeIndices.allSatisfy({ Int($0) < header.typeCount }) else {
            throw .malformed("a transition names a type that is not there")
        }
        for record in stride(from: records, to: names, by: 6) {
            let offset = bytes.bigEndian(at: record, size: 4)
            let nameStart = names + Int(bytes[record + 5])
            let nameLimit = names + header.nameSize
            guard LocalTimeType.offsets.contains(Int(offset)), bytes[record + 4] <= 1, nameStart < nameLimit,
                let nameEnd = bytes[nameStart..<nameLimit].firstIndex(of: 0)
            else { throw .malformed("a local time type is not valid") }
            types.append(
                LocalTimeType(
                    offset: Int(offset), isDaylight: bytes[record + 4] == 1,
                    abbreviation: String(decoding: bytes[nameStart..<nameEnd], as: UTF8.self)))
        }
    }

    /// The 44 bytes before a block: `TZif`, the version, and how much of everything follows.
    private struct Header {
        static let size = 44
        /// 1 for a NUL byte, else the digit. Later versions must stay readable as 4 (RFC 9636, section 3.1).
        let version: Int
        let utcCount: Int
        let standardCount: Int
        let leapCount: Int
        let timeCount: Int
        let typeCount: Int
        let nameSize: Int

        init(_ bytes: [UInt8], at start: Int) throws(TZifError) {
            guard start <= bytes.count, bytes.count - start >= Header.size else {
                throw start == 0 ? .notTZif : .malformed("it is cut off")
            }
            guard bytes[start..<start + 4].elementsEqual("TZif".utf8) else {
                throw start == 0 ? .notTZif : .malformed("its second header is not where it should be")
            }
            switch bytes[start + 4] {
            case 0: version = 1
            case 0x32...0x39: version = Int(bytes[start + 4] - 0x30)
            default: throw .malformed("its version is unknown")
            }
            func count(_ field: Int) throws(TZifError) -> Int {
                let value = bytes.bigEndian(at: start + 20 + field * 4, size: 4)
                // No field can count more than there are bytes; so no sum below can overflow.
                guard value >= 0, value <= bytes.count else { throw .malformed("a count exceeds the file") }
                return Int(value)
            }
            utcCount = try count(0)
            standardCount = try count(1)
            leapCount = try count(2)
            timeCount = try count(3)
            typeCount = try count(4)
            nameSize = try count(5)
            guard typeCount > 0, typeCount <= 256, nameSize > 0 else { throw .malformed("it has no local time type") }
        }

        func blockSize(timeSize: Int) -> Int {
            timeCount * (timeSize + 1) + typeCount * 6 + nameSize + leapCount * (timeSize + 4) + standardCount
                + utcCount
        }
    }
}

/// Why the bytes of a zone file were refused.
package enum TZifError: Error, Hashable, Sendable {
    case notTZif
    case malformed(String)
    case countsLeapSeconds

    /// What is wrong with the file, to stand after its name.
    package var message: String {
        switch self {
        case .notTZif: "not a time zone file (TZif)"
        case .malformed(let detail): "a damaged time zone file: \(detail)"
        case .countsLeapSeconds: "a zone that counts leap seconds (\"right/\"); use the one without"
        }
    }
}

/// A local time: its distance from UTC and its name.
struct LocalTimeType: Hashable, Sendable {
    /// Seconds east of UTC.
    let offset: Int
    let isDaylight: Bool
    let abbreviation: String

    /// RFC 8536, section 3.2: what a file may say.
    static let offsets = -89_999...93_599
}

extension [UInt8] {
    /// A signed number of `size` bytes (4 or 8). The caller has checked that they are there.
    fileprivate func bigEndian(at start: Int, size: Int) -> Int64 {
        var value: Int64 = Int8(truncatingIfNeeded: self[start]) < 0 ? -1 : 0
        for index in start..<start + size {
            value = value << 8 | Int64(self[index])
        }
        return value
    }
}
