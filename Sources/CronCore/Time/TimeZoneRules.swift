/// When and by how much the local time of one zone differs from UTC: the file of that zone, ready for questions.
///
/// Immutable and without a cache, so that any thread may ask at once. Two are equal if name and content are: a new
/// `/usr/share/zoneinfo` gives rules that differ from the old ones.
package final class TimeZoneRules: Sendable, Equatable {
    /// The IANA name, as the job file has it.
    package let name: String
    private let file: TZif

    /// Needs no zone file.
    package static let utc = TimeZoneRules(name: "UTC", file: TZif.utc)

    /// Reads the bytes of a zone file (TZif).
    package convenience init(name: String, tzif bytes: [UInt8]) throws(TZifError) {
        self.init(name: name, file: try TZif(bytes))
    }

    private init(name: String, file: TZif) {
        self.name = name
        self.file = file
    }

    package static func == (left: TimeZoneRules, right: TimeZoneRules) -> Bool {
        left === right || (left.name == right.name && left.file == right.file)
    }

    /// Seconds east of UTC.
    package func offset(at moment: Timestamp) -> Int {
        span(at: moment.seconds).offset
    }

    /// `CET`, `CEST`, `+0330`…
    package func abbreviation(at moment: Timestamp) -> String {
        type(at: moment.seconds).abbreviation
    }

    /// What the clocks of the zone show; fractions of a second are dropped.
    package func civil(at moment: Timestamp) -> CivilDateTime {
        let second = moment.seconds
        return CivilDateTime(clockSeconds: second + Int64(span(at: second).offset))
    }

    /// The first moment after `moment` at which anything changes: offset, abbreviation or daylight saving.
    package func nextTransition(after moment: Timestamp) -> Timestamp? {
        let end = span(at: moment.seconds).end
        return end == .max ? nil : Timestamp(seconds: end)
    }

    /// The moments at which the clocks of the zone show `local`.
    package func resolve(_ local: CivilDateTime) -> LocalTime {
        resolve(clockSeconds: local.clockSeconds)
    }

    func resolve(clockSeconds local: Int64) -> LocalTime {
        // Whatever the offset, the moment is one of these.
        let earliest = local - Int64(LocalTimeType.offsets.upperBound)
        let latest = local - Int64(LocalTimeType.offsets.lowerBound)
        var first: Int64?
        var last: Int64?
        var gap: Int64?
        var span = span(at: earliest)
        while true {
            let moment = local - Int64(span.offset)
            if moment < span.start {
                gap = gap ?? span.start
            } else if moment < span.end {
                first = first ?? moment
                last = moment
            }
            guard span.end <= latest else { break }
            span = self.span(at: span.end)
        }
        if let first, let last {
            return first == last
                ? .unique(Timestamp(seconds: first))
                : .fold(first: Timestamp(seconds: first), second: Timestamp(seconds: last))
        }
        return .gap(until: Timestamp(seconds: gap ?? earliest))
    }
}

/// What a local time stands for.
package enum LocalTime: Hashable, Sendable {
    case unique(Timestamp)
    /// A zone change skips it. The first moment after the gap, which is the moment of the change.
    case gap(until: Timestamp)
    /// A zone change repeats it.
    case fold(first: Timestamp, second: Timestamp)

    /// The one moment where one is needed: the first of two; straight after a gap.
    package var moment: Timestamp {
        switch self {
        case .unique(let moment), .gap(let moment), .fold(let moment, _): moment
        }
    }
}

/// A stretch of time without a change, `start..<end` in seconds since 1970.
struct ZoneSpan: Hashable, Sendable {
    var start: Int64
    var end: Int64
    /// Seconds east of UTC.
    var offset: Int
}

extension TimeZoneRules {
    /// The span that holds `second`.
    func span(at second: Int64) -> ZoneSpan {
        let count = file.transitions.count
        if let rule = file.footer, count == 0 || second >= file.transitions[count - 1] {
            let span = rule.span(at: second)
            let start = count == 0 ? span.start : max(span.start, file.transitions[count - 1])
            return ZoneSpan(start: start, end: span.end, offset: span.type.offset)
        }
        let index = transitionCount(through: second)
        return ZoneSpan(
            start: index == 0 ? .min : file.transitions[index - 1],
            end: index == count ? .max : file.transitions[index],
            offset: file.types[index == 0 ? 0 : Int(file.typeIndices[index - 1])].offset)
    }

    private func type(at second: Int64) -> LocalTimeType {
        if let rule = file.footer, second >= file.transitions.last ?? .min { return rule.span(at: second).type }
        let index = transitionCount(through: second)
        return file.types[index == 0 ? 0 : Int(file.typeIndices[index - 1])]
    }

    /// How many listed transitions lie at or before `second`.
    private func transitionCount(through second: Int64) -> Int {
        var low = 0
        var high = file.transitions.count
        while low < high {
            let middle = (low + high) / 2
            if file.transitions[middle] <= second { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension TZif {
    fileprivate static let utc = TZif(types: [LocalTimeType(offset: 0, isDaylight: false, abbreviation: "UTC")])

    private init(types: [LocalTimeType]) {
        self.types = types
    }
}
