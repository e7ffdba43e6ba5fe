extension Pause {
    /// A pause as a form asks for it: `until=`, a moment of ISO 8601 that lies ahead, and `reason=`, at most 1,000 bytes;
    /// both may be missing, and of each the last one given counts. What is wrong with them is a 422.
    package init(
        until: [String], reason: [String], by: String, at now: Timestamp
    ) throws(APIProblem) {
        self.init(since: now, reason: reason.last ?? "", by: by)
        guard self.reason.utf8.count <= 1_000 else { throw .invalid("reason", "must have at most 1000 bytes") }
        guard let text = until.last else { return }
        guard let until = try? Timestamp(iso8601: text) else {
            throw .invalid("until", "must be an ISO 8601 moment with an offset or Z: 2026-12-24T18:00:00Z")
        }
        guard until > now else { throw .invalid("until", "must lie ahead") }
        self.until = until
    }
}
