/// What the system's zone data says of a name.
package enum ZoneLookup: Sendable {
    case found(TimeZoneRules)
    /// There is no such zone; perhaps one of nearly that name.
    case unknown(suggestion: String?)
    /// The system has no zone data at all.
    case noDatabase
    /// Its file is there and cannot be used, with the reason.
    case unreadable(String)
}
