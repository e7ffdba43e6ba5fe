/// The one owner of file names in a history directory: makes them and reads them.
package enum SegmentName: Hashable, Sendable {
    case raw(UInt64)
    case cover(UInt64, UInt64)
    case spare
    /// A segment on its way to its name, made when no spare was ready.
    case new(UInt64)
    /// A cover that is being written.
    case temporary(UInt64, UInt64)
    /// A damaged file, kept as it was found; the name of the file it was, and which copy.
    case bad(of: String, copy: Int)

    /// nil: the name is none of ours.
    package init?(_ text: String) {
        if text == "spare" {
            self = .spare
        } else if let stem = text.dropping(suffix: ".seg") {
            guard let ids = Self.ids(stem) else { return nil }
            self = ids.isRange ? .cover(ids.lo, ids.hi) : .raw(ids.lo)
        } else if let stem = text.dropping(suffix: ".new") {
            guard let ids = Self.ids(stem), !ids.isRange else { return nil }
            self = .new(ids.lo)
        } else if let stem = text.dropping(suffix: ".tmp") {
            guard let ids = Self.ids(stem), ids.isRange else { return nil }
            self = .temporary(ids.lo, ids.hi)
        } else if let bad = Self.bad(text) {
            self = bad
        } else {
            return nil
        }
    }

    package var text: String {
        switch self {
        case .raw(let id): "\(Self.hexadecimal(id)).seg"
        case .cover(let lo, let hi): "\(Self.hexadecimal(lo))-\(Self.hexadecimal(hi)).seg"
        case .spare: "spare"
        case .new(let id): "\(Self.hexadecimal(id)).new"
        case .temporary(let lo, let hi): "\(Self.hexadecimal(lo))-\(Self.hexadecimal(hi)).tmp"
        case .bad(let name, let copy): copy == 0 ? "\(name).bad" : "\(name).bad.\(copy)"
        }
    }

    /// The ids that a segment's file stands for; nil for what is no segment under its final name.
    package var range: ClosedRange<UInt64>? {
        switch self {
        case .raw(let id): id...id
        case .cover(let lo, let hi): lo...hi
        default: nil
        }
    }

    /// The covers rule: whether this file must be ignored beside `other`.
    package func isSuperseded(by other: SegmentName) -> Bool {
        guard case .cover(let lo, let hi) = other, self != other, let range else { return false }
        return lo <= range.lowerBound && range.upperBound <= hi
    }

    private static func bad(_ text: String) -> SegmentName? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3 || parts.count == 4, parts[1] == "seg", parts[2] == "bad", ids(parts[0]) != nil else {
            return nil
        }
        let name = "\(parts[0]).seg"
        guard parts.count == 4 else { return .bad(of: name, copy: 0) }
        guard let copy = Int(parts[3]), copy > 0, copy < 1_000_000_000, String(copy) == parts[3] else { return nil }
        return .bad(of: name, copy: copy)
    }

    private static func ids(_ stem: some StringProtocol) -> (lo: UInt64, hi: UInt64, isRange: Bool)? {
        let parts = stem.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count <= 2, let lo = id(parts[0]) else { return nil }
        guard parts.count == 2 else { return (lo, lo, false) }
        guard let hi = id(parts[1]), lo <= hi else { return nil }
        return (lo, hi, true)
    }

    /// Exactly sixteen lower-case digits; 0 is no id, and the greatest has no successor.
    private static func id(_ digits: some StringProtocol) -> UInt64? {
        guard digits.utf8.count == 16, digits.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }),
            let value = UInt64(digits, radix: 16), value > 0, value < .max
        else { return nil }
        return value
    }

    private static func hexadecimal(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension String {
    fileprivate func dropping(suffix: String) -> Substring? {
        hasSuffix(suffix) ? dropLast(suffix.count) : nil
    }
}
