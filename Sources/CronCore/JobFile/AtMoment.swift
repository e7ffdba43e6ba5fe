/// The value of `At=`: a moment, of which it may still be open what zone its clock is in.
struct AtMoment: Hashable, Sendable {
    /// The moment; a local one as if the clock were that of UTC.
    private let moment: Timestamp
    private let isLocal: Bool

    /// What a zone makes of it.
    enum Meaning: Hashable {
        case exact(Timestamp)
        /// The clocks skip it; this is the first moment after the gap.
        case skipped(Timestamp)
        /// The clocks show it twice; this is the first.
        case repeated(Timestamp)
    }

    /// Reads ISO 8601 with `Z`, an offset, or neither.
    init(parsing text: String) throws(BadValue) {
        do {
            moment = try Timestamp(iso8601: text, in: .utc)
        } catch {
            throw BadValue(error.message)
        }
        isLocal = (try? Timestamp(iso8601: text)) == nil
    }

    func meaning(in zone: TimeZoneRules) -> Meaning {
        guard isLocal else { return .exact(moment) }
        let fraction = moment - Timestamp(seconds: moment.seconds)
        return switch zone.resolve(CivilDateTime(clockSeconds: moment.seconds)) {
        case .unique(let moment): .exact(moment + fraction)
        case .gap(let moment): .skipped(moment)
        case .fold(let first, _): .repeated(first + fraction)
        }
    }
}
